//! Rows are looked at as they arrive, however many they are.

use crate::blog::{User, blog};
use crate::fresh::{fresh, fresh_after};
use ormcore::{Entity, ErrorKind, entities};
use std::process::Command;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "words", insert(NewWord))]
struct Word {
    #[orm(primary_key)]
    id: i64,
    text: String,
    note: Option<String>,
}

/// The same table, read as if no note were NULL.
#[derive(Entity, Debug)]
#[orm(table = "words")]
struct Noted {
    #[orm(primary_key)]
    id: i64,
    note: String,
}

fn words() -> Vec<NewWord> {
    let word = |id: i64| NewWord {
        id,
        text: format!("wörd {id}"),
        note: (id % 2 == 0).then(|| format!("note {id}")),
    };
    (0..100).map(word).collect()
}

#[tokio::test]
async fn each_row_shows_its_columns() {
    let fresh = fresh(entities![Word]).await;
    Word::insert_many(words()).execute(&fresh.db).await.unwrap();
    fresh.statements();
    let mut seen = Vec::new();
    let find = Word::find()
        .filter(Word::ID.lt(90))
        .order_by(Word::ID.desc());
    let rows = find.limit(80).for_each(&fresh.db, |word| {
        let (id, text): (i64, &str) = (word.get(Word::ID)?, word.text(Word::TEXT)?);
        let note = word.maybe_text(Word::NOTE)?;
        let whole = word.to_entity()?;
        assert_eq!(
            (whole.id, &*whole.text, whole.note.as_deref()),
            (id, text, note)
        );
        assert_eq!(word.get(Word::NOTE)?.as_deref(), note);
        seen.push((id, text.to_owned(), note.map(str::to_owned)));
        Ok(())
    });
    assert_eq!(rows.await.unwrap(), 80);
    assert_eq!(fresh.operations(), ["find"]);
    let expected = words().into_iter().rev().skip(10).take(80);
    assert!(
        seen.into_iter()
            .eq(expected.map(|word| (word.id, word.text, word.note)))
    );
}

#[tokio::test]
async fn the_first_error_ends_the_looking_and_leaves_the_connection_usable() {
    let fresh = fresh(entities![Word]).await;
    Word::insert_many(words()).execute(&fresh.db).await.unwrap();
    let transaction = fresh.db.begin().await.unwrap();
    let mut seen = 0;
    let error = Noted::find()
        .order_by(Noted::ID)
        .for_each(&transaction, |noted| {
            seen += 1;
            noted.text(Noted::NOTE).map(drop)
        });
    let error = error.await.unwrap_err();
    assert_eq!((error.kind(), seen), (ErrorKind::Decode, 2));
    assert!(
        error.to_string().contains("column `note` is NULL"),
        "{error}"
    );
    let noted = Noted::find().filter(Noted::ID.eq(4)).one(&transaction);
    assert_eq!(noted.await.unwrap().note, "note 4");
    assert_eq!(Word::find().count(&transaction).await.unwrap(), 100);
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn relations_need_all_rows() {
    let blog = blog().await;
    let find = User::find().with(User::POSTS);
    let error = find.for_each(&blog.db, |_| Ok(())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("`.all(&db)`"), "{error}");
}

#[tokio::test]
async fn a_stream_has_the_rows_in_their_order() {
    let fresh = fresh(entities![Word]).await;
    let nothing = Word::find().stream(&fresh.db).next().await;
    assert!(nothing.is_none());
    Word::insert_many(words()).execute(&fresh.db).await.unwrap();
    let all = Word::find()
        .order_by(Word::ID)
        .all(&fresh.db)
        .await
        .unwrap();
    fresh.outcomes();
    let find = || Word::find().order_by(Word::ID);
    let streamed = collected(find().stream(&fresh.db)).await;
    assert_eq!(streamed, all);
    assert_eq!(fresh.outcomes(), [vec!["100".to_owned()], vec![]]);
    let transaction = fresh.db.begin().await.unwrap();
    for limit in [1, 63, 64, 65, 100] {
        let mut rows = find().limit(limit).stream(&transaction);
        let mut count = 0;
        while let Some(word) = rows.next().await.transpose().unwrap() {
            assert_eq!(word, all[count]);
            count += 1;
        }
        assert_eq!(count, limit as usize);
        assert!(rows.next().await.is_none());
    }
    assert_eq!(find().count(&transaction).await.unwrap(), 100);
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_stream_ends_with_its_error() {
    let fresh = fresh(entities![Word]).await;
    Word::insert_many(words()).execute(&fresh.db).await.unwrap();
    let noted = Noted::find().order_by(Noted::ID);
    let mut noted = noted.stream(&fresh.db);
    assert_eq!(noted.next().await.unwrap().unwrap().note, "note 0");
    let error = noted.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.location().unwrap().file().ends_with("one_by_one.rs"));
    assert!(noted.next().await.is_none());
    let with = User::find().with(User::POSTS);
    let error = with.stream(&fresh.db).next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn a_stream_that_is_dropped_leaves_no_connection_unclean() {
    let database = dev_postgres::TestDatabase::create().unwrap();
    let fresh = crate::fresh::Fresh::on(database).await;
    let fill = "CREATE TABLE words (id bigint PRIMARY KEY, text text NOT NULL, note text);
        INSERT INTO words SELECT n, repeat('x', 1000), NULL FROM generate_series(1, 100000) AS n";
    ormcore::sql(fill).batch(&fresh.db).await.unwrap();
    fresh.outcomes();
    for _ in 0..20 {
        let mut rows = Word::find().order_by(Word::ID).stream(&fresh.db);
        for id in 1..=70 {
            assert_eq!(rows.next().await.unwrap().unwrap().id, id);
        }
        drop(rows);
        // To have read enough is no failure. Some rows were at hand that nobody took.
        let [returned, failures] = fresh.outcomes();
        let returned: u64 = returned[0].parse().unwrap();
        assert!((70..200).contains(&returned), "{returned} rows");
        assert!(failures.is_empty(), "{failures:?}");
        assert_eq!(Word::get(7).one(&fresh.db).await.unwrap().id, 7);
        fresh.outcomes();
    }
    let transaction = fresh.db.begin().await.unwrap();
    Word::delete().key(1).execute(&transaction).await.unwrap();
    let mut rows = Word::find().stream(&transaction);
    rows.next().await.unwrap().unwrap();
    drop(rows);
    let error = transaction.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);
    assert_eq!(Word::get(1).one(&fresh.db).await.unwrap().id, 1);
}

#[tokio::test]
async fn a_reader_may_take_longer_than_the_server_may() {
    let database = dev_postgres::TestDatabase::create().unwrap();
    let patience = std::time::Duration::from_secs(1);
    let config = ormcore::Config::new(database.url()).unwrap();
    let config = config.statement_timeout(patience);
    let fresh = crate::fresh::Fresh::on(database).await;
    let fill = "CREATE TABLE words (id bigint PRIMARY KEY, text text NOT NULL, note text);
        INSERT INTO words SELECT n, repeat('x', 1000), NULL FROM generate_series(1, 50000) AS n";
    ormcore::sql(fill).batch(&fresh.db).await.unwrap();
    let db = config.connect().await.unwrap();
    let mut rows = Word::find().stream(&db);
    rows.next().await.unwrap().unwrap();
    tokio::time::sleep(patience * 3).await;
    assert_eq!(collected(rows).await.len(), 49_999);
}

/// Set for the process that measures itself.
const MEASURED: &str = "ORMCORE_TEST_MEASURED";

/// The most memory this process ever had, in KiB.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .expect("a peak")
}

/// It runs in a process of its own: the other tests beside it have peaks too.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_million_rows_take_the_memory_of_a_few() {
    if std::env::var_os(MEASURED).is_none() {
        let name = "one_by_one::a_million_rows_take_the_memory_of_a_few";
        let alone = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(MEASURED, "1")
            .output()
            .unwrap();
        assert!(
            alone.status.success(),
            "{}",
            String::from_utf8_lossy(&alone.stderr)
        );
        return;
    }
    let fresh = fresh_after(
        "CREATE TABLE words (id bigint PRIMARY KEY, text text NOT NULL, note text);
         INSERT INTO words SELECT n, repeat('x', 100), NULL FROM generate_series(1, 1000000) AS n",
    )
    .await;
    let letters = |limit: u32| {
        let db = &fresh.db;
        async move {
            let mut letters = 0;
            let find = Word::find().limit(limit).for_each(db, |word| {
                letters += word.text(Word::TEXT)?.len();
                Ok(())
            });
            assert_eq!(find.await.unwrap(), u64::from(limit));
            letters
        }
    };
    let streamed = |limit: u32| {
        let mut rows = Word::find().limit(limit).stream(&fresh.db);
        async move {
            let mut letters = 0;
            while let Some(word) = rows.next().await {
                letters += word.unwrap().text.len();
            }
            letters
        }
    };
    assert_eq!(letters(1_000).await, 100_000);
    assert_eq!(streamed(1_000).await, 100_000);
    let before = peak();
    assert_eq!(letters(1_000_000).await, 100_000_000);
    assert_eq!(streamed(1_000_000).await, 100_000_000);
    let grown = peak() - before;
    // The text alone is 100 MB.
    assert!(grown < 8_192, "it took {grown} KiB more");
}

async fn collected(mut rows: ormcore::Rows<'_, Word>) -> Vec<Word> {
    let mut words = Vec::new();
    while let Some(word) = rows.next().await {
        words.push(word.expect("a word"));
    }
    words
}
