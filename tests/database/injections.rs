//! What has broken programs before, through every entrance a text has: it stays a text.

use crate::chance::{is_clear, session};
use crate::fresh::{Fresh, fresh};
use dev_postgres::TestDatabase;
use ormcore::value::Json;
use ormcore::{
    Config, Cursor, Entity, ErrorKind, Event, Expression, IntoCondition as _, Many, One, case,
    entities, fragment, sql,
};
use std::collections::BTreeMap;

#[derive(Entity, Debug)]
#[orm(table = "entries", insert(NewEntry, derive(Clone)))]
pub(crate) struct Entry {
    #[orm(primary_key)]
    pub(crate) name: String,
    #[orm(references(Entry))]
    pub(crate) above: Option<String>,
    pub(crate) words: Vec<String>,
    pub(crate) json: Json<BTreeMap<String, String>>,
    #[orm(belongs_to(key = above))]
    pub(crate) parent: One<Option<Entry>>,
    #[orm(has_many(Entry, key = above))]
    pub(crate) below: Many<Entry>,
}

#[derive(Entity, Debug)]
#[orm(table = "sentinel", insert(NewSentinel))]
struct Sentinel {
    #[orm(primary_key)]
    n: i64,
}

/// One line each.
pub(crate) fn corpus() -> impl Iterator<Item = &'static str> {
    include_str!("injections.txt").lines()
}

pub(crate) fn entry(name: &str, above: Option<&str>) -> NewEntry {
    NewEntry {
        name: name.to_owned(),
        above: above.map(str::to_owned),
        words: vec![name.to_owned(), String::new()],
        json: Json(BTreeMap::from([(name.to_owned(), name.to_owned())])),
    }
}

pub(crate) async fn guarded() -> Fresh {
    let fresh = fresh(entities![Entry, Sentinel]).await;
    let sentinel = Sentinel::insert(NewSentinel { n: 42 });
    sentinel.execute(&fresh.db).await.expect("a sentinel");
    fresh.statements();
    fresh
}

impl Fresh {
    /// Nothing of it was taken for SQL: what should be there is, and what was sent has none of it.
    pub(crate) async fn is_unharmed(&self, text: &str) {
        let sentinel = Sentinel::find().one(&self.db).await;
        assert_eq!(sentinel.expect("the sentinel").n, 42, "{text}");
        for statement in self.statements() {
            // Short ones are in every statement.
            assert!(text.len() < 10 || !statement.contains(text), "{statement}");
        }
    }
}

#[tokio::test]
async fn as_a_value_it_is_stored_found_and_given_back() {
    let fresh = guarded().await;
    let db = &fresh.db;
    assert!(corpus().count() > 100);
    for text in corpus() {
        let stored = Entry::insert(entry(text, None)).one(db).await.unwrap();
        assert_eq!((&*stored.name, &stored.words[0]), (text, &text.to_owned()));
        assert_eq!(stored.json.0[text], text);
        let below = entry(&format!("{text}!"), Some(text));
        let below = Entry::insert_many(vec![below]).all(db).await.unwrap();
        assert_eq!(below[0].above.as_deref(), Some(text));
        let copied = entry(&format!("{text}?"), Some(text));
        assert_eq!(Entry::copy_in([copied]).execute(db).await.unwrap(), 1);
        let parent = below[0].parent.load(db).await.unwrap();
        assert_eq!(parent.expect("a parent").name, text);
        let eager = Entry::get(text).with(Entry::BELOW).one(db).await.unwrap();
        assert_eq!(eager.below.get().unwrap().len(), 2);

        let renamed = Entry::update_many().set(Entry::ABOVE, format!("{text}!"));
        let renamed = renamed.filter(Entry::NAME.eq(format!("{text}?")));
        assert_eq!(renamed.execute(db).await.unwrap(), 1);
        for condition in [
            Entry::NAME.eq(text),
            Entry::NAME.in_([text, "nobody"]),
            Entry::NAME.between(text, text),
            Entry::NAME.starts_with(text) & Entry::NAME.ends_with(text),
            Entry::NAME.contains(text) & Entry::NAME.length().eq(text.chars().count() as i32),
            Entry::WORDS.has(text) & Entry::ABOVE.is_null(),
            Entry::NAME.concat(text).eq(text.repeat(2)),
            Entry::NAME.replace(text, "-").eq("-"),
            Entry::JSON.eq(stored.json.clone()),
            Entry::BELOW.any(Entry::NAME.eq(format!("{text}!"))),
            fragment(r#""name" = "#)
                .bind(text.to_owned())
                .sql(" AND TRUE")
                .into_condition()
                .expect("a condition"),
            Expression::<Entry, String>::call(
                "concat",
                [
                    Entry::NAME.into(),
                    Expression::value(text.to_owned()).into(),
                ],
            )
            .eq(text.repeat(2)),
            case::<Entry, String>()
                .when(Entry::NAME.eq(text), text)
                .otherwise("")
                .eq(text)
                & !Entry::NAME.eq(""),
        ] {
            let found = Entry::find()
                .filter(condition)
                .order_by(Entry::NAME.length());
            let found = found.first(db).await.unwrap().expect(text);
            assert_eq!(found.name, text);
        }
        let raw = sql("SELECT * FROM entries WHERE name = $1 AND $2 = ANY(words)");
        let raw = raw.bind(text.to_owned()).bind(text.to_owned());
        assert_eq!(raw.one::<Entry>(db).await.unwrap().name, text);
        let joined =
            Entry::find().select(Entry::NAME.string_agg(text).order_by(Entry::NAME.length()));
        let joined = joined.filter(Entry::NAME.in_([text.to_owned(), format!("{text}!")]));
        let joined = joined.one(db).await.unwrap();
        assert_eq!(joined, Some(format!("{text}{text}{text}!")));
        fresh.is_unharmed(text).await;
        Entry::delete()
            .filter(Entry::NAME.eq(format!("{text}?")))
            .execute(db)
            .await
            .unwrap();
        Entry::delete()
            .filter(Entry::ABOVE.eq(text))
            .execute(db)
            .await
            .unwrap();
        assert_eq!(Entry::delete().key(text).execute(db).await.unwrap(), 1);
    }
    assert_eq!(Entry::find().count(db).await.unwrap(), 0);
}

#[tokio::test]
async fn as_a_pattern_or_words_to_search_it_matches_or_is_refused() {
    let fresh = guarded().await;
    let at_first = session(&fresh).await;
    let rows = corpus().map(|text| entry(text, None)).collect();
    Entry::insert_many(rows).execute(&fresh.db).await.unwrap();
    for text in corpus() {
        for condition in [
            Entry::NAME.like(text),
            Entry::NAME.not_ilike(text),
            Entry::NAME.matches(text),
            Entry::NAME.imatches(text),
            Entry::NAME.search("english", text),
            Entry::NAME.search_rank("simple", text).ge(0.0),
        ] {
            let found = Entry::find().filter(condition).count(&fresh.db).await;
            let unclear = found.err().filter(|error| !is_clear(error));
            assert!(unclear.is_none(), "{text}: {unclear:?}");
        }
        let like = Entry::find().filter(Entry::NAME.icontains(text) & Entry::NAME.eq(text));
        assert_eq!(like.count(&fresh.db).await.unwrap(), 1, "{text}");
        fresh.is_unharmed(text).await;
    }
    assert_eq!(session(&fresh).await, at_first);
}

#[tokio::test]
async fn as_a_channel_or_what_is_said_there_it_is_heard() {
    let fresh = guarded().await;
    // A name has at most 63 bytes.
    let names = || corpus().filter(|text| text.len() <= 63);
    assert!(names().count() > 100);
    let mut events = fresh.db.listen(names()).await.unwrap();
    for text in names() {
        fresh.db.notify(text, text).await.unwrap();
        let tx = fresh.db.begin().await.unwrap();
        tx.notify(text, &format!("{text}!")).await.unwrap();
        tx.commit().await.unwrap();
        for expected in [text.to_owned(), format!("{text}!")] {
            match events.next().await.expect("an event") {
                Event::Notification {
                    channel, payload, ..
                } => {
                    assert_eq!((&*channel, payload), (text, expected));
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        fresh.is_unharmed(text).await;
    }
}

#[tokio::test]
async fn as_a_cursor_it_is_refused() {
    let fresh = guarded().await;
    for text in corpus() {
        let error = text.parse::<Cursor>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{text}");
        // The bytes of it, where a key should be.
        let bytes: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let first = Entry::insert_many(vec![entry("a", None), entry("b", None)]);
        first.execute(&fresh.db).await.unwrap();
        let page = Entry::find().page(1, &fresh.db).await.unwrap();
        let cursor = page.next.expect("a cursor").to_string();
        let bent = cursor.replace("-61", &format!("-{bytes}"));
        assert_ne!(bent, cursor);
        let rest = Entry::find().after(Some(bent.parse().unwrap()));
        let rest = rest.page(9, &fresh.db).await.unwrap();
        assert!(rest.rows.len() <= 2);
        Entry::delete().all_rows().execute(&fresh.db).await.unwrap();
        fresh.is_unharmed(text).await;
    }
}

#[tokio::test]
async fn as_a_setting_of_a_connection_it_is_a_setting() {
    let database = TestDatabase::create().unwrap();
    let percent =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02x}")).collect() };
    for text in corpus().step_by(3) {
        let url = format!("{}?application_name={}", database.url(), percent(text));
        let db = Config::new(&url).unwrap().connect().await.unwrap();
        let name: String = sql("SELECT current_setting('application_name')")
            .scalar(&db)
            .await
            .unwrap();
        // PostgreSQL has ASCII there, and shows the rest in its own way.
        let plain = text.chars().all(|letter| (' '..='~').contains(&letter));
        assert!(!plain || name == text, "{name}");
        db.close();
        let escaped = text.replace('\\', "\\\\").replace(' ', "\\ ");
        let options = percent(&format!("-csearch_path={escaped}"));
        let url = format!("{}?options={options}", database.url());
        match Config::new(&url).unwrap().connect().await {
            Ok(db) => {
                let path: String = sql("SELECT current_setting('search_path')")
                    .scalar(&db)
                    .await
                    .unwrap();
                assert_eq!(path, text);
                db.close();
            }
            // Not a list of names.
            Err(error) => assert_eq!(error.code(), Some("22023"), "{text}: {error}"),
        }
    }
}
