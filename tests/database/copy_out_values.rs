//! The values of a question whose rows are copied out: they mean what they mean everywhere, and stay values.

use crate::copy_out::all;
use crate::fresh::fresh;
use dev_postgres::TestDatabase;
use ormcore::{Condition, Config, Db, Entity, IntoCondition as _, entities, fragment, sql};

/// One connection, whose settings make text of values in the oddest ways.
async fn odd(settings: &str) -> (TestDatabase, Db) {
    let database = TestDatabase::create().expect("a database");
    let url = format!(
        "{}?options={}",
        database.url(),
        settings.replace(' ', "%20")
    );
    let config = Config::new(&url).expect("a URL").pool_size(1);
    let db = config.connect().await.expect("a connection");
    (database, db)
}

const ODD: &str = "-c standard_conforming_strings=off -c backslash_quote=on -c datestyle=SQL,DMY \
                   -c intervalstyle=sql_standard -c extra_float_digits=-10 -c timezone=Asia/Kolkata \
                   -c bytea_output=escape -c escape_string_warning=off";

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "things", insert(NewThing))]
pub(crate) struct Thing {
    #[orm(primary_key, generated)]
    id: i64,
    words: String,
    double: f64,
    single: f32,
    instant: chrono::DateTime<chrono::Utc>,
    day: chrono::NaiveDate,
    bytes: Vec<u8>,
    list: Vec<Option<String>>,
    amount: rust_decimal::Decimal,
    pub(crate) yes: bool,
    #[orm(type = "char(6)")]
    padded: String,
    span: ormcore::value::Interval,
    json: serde_json::Value,
}

pub(crate) fn thing(words: &str) -> NewThing {
    NewThing {
        words: words.to_owned(),
        double: 0.1 + 0.2,
        single: 1.0 / 3.0,
        instant: "2024-02-03T04:05:06.789012Z".parse().expect("a time"),
        day: "2024-02-03".parse().expect("a day"),
        bytes: (0..=255).collect(),
        list: vec![Some(words.to_owned()), None, Some(String::new())],
        amount: "-12345.6789000".parse().expect("a number"),
        yes: true,
        padded: "abc   ".to_owned(),
        span: ormcore::value::Interval {
            months: -14,
            days: 3,
            microseconds: -4_000_001,
        },
        json: serde_json::json!({ "words": words }),
    }
}

#[tokio::test]
async fn a_value_means_the_same_whatever_the_session_is_set_to() {
    for settings in [
        ODD,
        "-c datestyle=German",
        "-c datestyle=Postgres,MDY -c timezone=PST8PDT",
    ] {
        let (_database, db) = odd(settings).await;
        ormcore::schema::create(&db, entities![Thing])
            .await
            .unwrap();
        Thing::insert(thing("decoy")).execute(&db).await.unwrap();
        let text = "a\\'b''c\"d$1 \u{1F980}\n";
        let stored = Thing::insert(thing(text)).one(&db).await.unwrap();
        let before = settings_of(&db).await;
        let question = |same: Condition<Thing>| Thing::find().filter(Thing::WORDS.eq(text) & same);
        for same in [
            Thing::DOUBLE.eq(stored.double),
            Thing::SINGLE.eq(stored.single),
            Thing::INSTANT.eq(stored.instant),
            Thing::DAY.eq(stored.day),
            Thing::BYTES.eq(stored.bytes.clone()),
            Thing::LIST.eq(stored.list.clone()),
            Thing::AMOUNT.eq(stored.amount),
            Thing::YES.eq(true),
            Thing::PADDED.eq(stored.padded.clone()),
            Thing::SPAN.eq(stored.span),
            Thing::JSON.eq(stored.json.clone()),
            Thing::DOUBLE.in_([1.5, stored.double]),
            Thing::INSTANT.in_([stored.instant]),
        ] {
            let found = all(question(same).copy_out(&db)).await.unwrap();
            assert_eq!(found, std::slice::from_ref(&stored), "{settings}");
        }
        assert_eq!(settings_of(&db).await, before);
        // In a transaction, too, which goes on with what it was set to.
        let tx = db.begin().await.unwrap();
        let same = all(question(Thing::YES.eq(true)).copy_out(&tx))
            .await
            .unwrap();
        assert_eq!(same.len(), 1);
        assert_eq!(settings_of(&tx).await, before);
        tx.commit().await.unwrap();
        assert_eq!(settings_of(&db).await, before);
    }
}

async fn settings_of(executor: &impl ormcore::Executor) -> String {
    let text = "SELECT concat_ws('/', current_setting('datestyle'), current_setting('intervalstyle'), \
                current_setting('extra_float_digits'), current_setting('standard_conforming_strings'))";
    sql(text).scalar(executor).await.expect("settings")
}

#[tokio::test]
async fn text_that_looks_like_sql_stays_text() {
    for settings in ["-c standard_conforming_strings=on", ODD] {
        let (_database, db) = odd(settings).await;
        ormcore::schema::create(&db, entities![Thing])
            .await
            .unwrap();
        let corpus: Vec<&str> = include_str!("injections.txt").lines().collect();
        let rows = corpus.iter().map(|text| thing(text)).collect();
        Thing::insert_many(rows).execute(&db).await.unwrap();
        for text in &corpus {
            let same = Thing::WORDS.eq(*text) & Thing::LIST.eq(thing(text).list);
            let found = all(Thing::find().filter(same).copy_out(&db)).await.unwrap();
            assert!(!found.is_empty(), "{text}");
            assert!(found.iter().all(|thing| thing.words == **text), "{text}");
        }
        // One text of each statement, in which there is none of them.
        let kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'COPY%'";
        assert_eq!(sql(kept).scalar::<i64>(&db).await.unwrap(), 1);
        let kept = "SELECT string_agg(statement, '') FROM pg_prepared_statements";
        let kept: String = sql(kept).scalar(&db).await.unwrap();
        for text in corpus.iter().filter(|text| text.len() >= 10) {
            assert!(!kept.contains(*text), "{text}");
        }
    }
}

#[tokio::test]
async fn an_empty_text_null_and_nothing_are_told_apart() {
    let fresh = fresh(entities![Thing]).await;
    let db = &fresh.db;
    Thing::insert(thing("")).execute(db).await.unwrap();
    let found = async |same: Condition<Thing>| {
        let found = all(Thing::find().filter(same).copy_out(db)).await;
        found.unwrap().len()
    };
    assert_eq!(found(Thing::WORDS.eq("")).await, 1);
    let is_null = |text: Option<String>| {
        let is_null = fragment("").bind(text).sql("::text IS NULL");
        is_null.into_condition().expect("a condition")
    };
    assert_eq!(found(is_null(None)).await, 1);
    assert_eq!(found(is_null(Some(String::new()))).await, 0);
    // Whatever was there before is gone.
    assert_eq!(found(Thing::WORDS.eq("else")).await, 0);
}
