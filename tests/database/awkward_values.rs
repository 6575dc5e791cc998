//! Values that one side has and the other has not: an error that says which column, never another value.

use crate::fresh::{fresh, fresh_after};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use ormcore::{Entity, ErrorKind, entities, sql};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "notes", insert(NewNote))]
struct Note {
    #[orm(primary_key, generated)]
    id: i64,
    text: String,
    labels: Vec<String>,
    perhaps: Option<String>,
}

fn note(text: &str) -> NewNote {
    NewNote {
        text: text.into(),
        labels: Vec::new(),
        perhaps: None,
    }
}

#[tokio::test]
async fn nul_in_text_is_refused_before_it_is_sent() {
    let fresh = fresh(entities![Note]).await;
    let refused = [
        Note::insert(note("a\0b")).execute(&fresh.db).await,
        Note::insert_many(vec![note("fine"), note("a\0b")])
            .execute(&fresh.db)
            .await,
        Note::insert(NewNote {
            labels: vec!["a\0b".into()],
            ..note("")
        })
        .execute(&fresh.db)
        .await,
        Note::insert_many(vec![NewNote {
            labels: vec!["a\0b".into()],
            ..note("")
        }])
        .execute(&fresh.db)
        .await,
        Note::insert_many(vec![NewNote {
            perhaps: Some("a\0b".into()),
            ..note("")
        }])
        .execute(&fresh.db)
        .await,
        Note::find()
            .filter(Note::TEXT.eq("a\0b"))
            .count(&fresh.db)
            .await,
        Note::find()
            .filter(Note::TEXT.in_(["fine", "a\0b"]))
            .count(&fresh.db)
            .await,
        Note::find()
            .filter(Note::TEXT.contains("\0"))
            .count(&fresh.db)
            .await,
        sql("SELECT $1::text")
            .bind("a\0b".to_owned())
            .execute(&fresh.db)
            .await,
        sql("SELECT $1::text[]")
            .bind(vec!["a\0b".to_owned()])
            .execute(&fresh.db)
            .await,
    ];
    for refused in refused {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
        let text = error.to_string();
        assert!(text.contains("cannot hold a NUL character"), "{text}");
        assert!(!text.contains('\0'), "{text}");
    }
    assert_eq!(Note::find().count(&fresh.db).await.unwrap(), 0);
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "moments", insert(NewMoment))]
struct Moment {
    #[orm(primary_key, generated)]
    id: i64,
    instant: Option<DateTime<Utc>>,
    local: Option<NaiveDateTime>,
    day: Option<NaiveDate>,
    time: Option<NaiveTime>,
}

#[tokio::test]
async fn a_time_that_chrono_cannot_hold_is_an_error_that_names_the_column() {
    let fresh = fresh(entities![Moment]).await;
    for (column, value) in [
        ("instant", "infinity"),
        ("instant", "-infinity"),
        ("instant", "294276-12-31 23:59:59.999999+00"),
        ("local", "infinity"),
        ("local", "294276-12-31 23:59:59.999999"),
        ("day", "infinity"),
        ("day", "-infinity"),
        ("day", "5874897-12-31"),
        ("time", "24:00"),
    ] {
        let row = format!("INSERT INTO moments ({column}) VALUES ('{value}') RETURNING *");
        let error = sql(row).one::<Moment>(&fresh.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(text.contains(&format!("column `{column}`")), "{text}");
    }
}

#[tokio::test]
async fn a_time_that_postgresql_cannot_hold_is_refused() {
    let fresh = fresh(entities![Moment]).await;
    let early = NaiveDate::from_ymd_opt(-4713, 11, 23).unwrap();
    let row = NewMoment {
        instant: None,
        local: Some(early.and_time(NaiveTime::MIN)),
        day: None,
        time: None,
    };
    let refused = Moment::insert(row).execute(&fresh.db).await.unwrap_err();
    assert_eq!(refused.code(), Some("22008"), "{refused}");
    let found = Moment::find().filter(Moment::DAY.lt(early));
    assert_eq!(
        found.count(&fresh.db).await.unwrap_err().code(),
        Some("22008")
    );
}

#[derive(Entity, Debug)]
#[orm(table = "sums", insert(NewSum))]
struct Sum {
    #[orm(primary_key, generated)]
    id: i64,
    amount: Decimal,
}

#[tokio::test]
async fn a_number_is_read_without_loss() {
    let fresh = fresh(entities![Sum]).await;
    for number in [
        "0",
        "0.00",
        "1",
        "-1",
        "10000",
        "100000000.0001",
        "0.0001",
        "0.00010",
        "12.500",
        "9999.9999",
        "1234567890123456789012345678",
        "12345678901234.56789012345678",
        "0.1234567890123456789012345678",
        "-0.0000000000000000000000000001",
        "79228162514264337593543950335",
        "-7.9228162514264337593543950335",
        "70000000000000000000000000000",
    ] {
        let row = sql("INSERT INTO sums (amount) VALUES ($1::text::numeric) RETURNING *");
        let read: Sum = row.bind(number.to_owned()).one(&fresh.db).await.unwrap();
        assert_eq!(read.amount.to_string(), number);
        let again = Sum::insert(NewSum {
            amount: read.amount,
        });
        let again = again.one(&fresh.db).await.unwrap();
        assert_eq!(again.amount, read.amount);
        let text = sql("SELECT id, amount FROM sums WHERE id = $1 AND amount = $2::text::numeric");
        let found = text.bind(again.id).bind(number.to_owned());
        assert!(found.maybe::<Sum>(&fresh.db).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_number_that_would_be_rounded_is_an_error() {
    let fresh = fresh(entities![Sum]).await;
    for number in [
        "NaN",
        "Infinity",
        "-Infinity",
        "79228162514264337593543950336",
        "1e100",
        "0.00000000000000000000000000001",
        "0.12345678901234567890123456789",
        "12345678901234567890.1234567890123",
        "1.00000000000000000000000000000000000000000000000000000001",
    ] {
        let row = sql("INSERT INTO sums (amount) VALUES ($1::text::numeric) RETURNING *");
        let error = row.bind(number.to_owned()).one::<Sum>(&fresh.db).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{number}");
        assert!(error.to_string().contains("column `amount`"), "{error}");
    }
}

#[derive(Entity, Debug)]
#[orm(table = "series")]
struct Series {
    #[orm(primary_key)]
    id: i64,
    amounts: Vec<Decimal>,
    days: Vec<NaiveDate>,
}

#[tokio::test]
async fn what_is_an_error_alone_is_one_in_an_array_too() {
    let fresh =
        fresh_after("CREATE TABLE series (id int8 PRIMARY KEY, amounts numeric[], days date[])")
            .await;
    for (amounts, days, column) in [
        ("{0.12345678901234567890123456789}", "{}", "amounts"),
        ("{1,NaN}", "{}", "amounts"),
        ("{1,NULL}", "{}", "amounts"),
        ("{1}", "{-infinity}", "days"),
    ] {
        let row = format!(
            "INSERT INTO series VALUES (1, '{amounts}', '{days}') ON CONFLICT (id)
                           DO UPDATE SET amounts = EXCLUDED.amounts, days = EXCLUDED.days"
        );
        sql(row).execute(&fresh.db).await.unwrap();
        let error = Series::get(1).one(&fresh.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(
            error.to_string().contains(&format!("column `{column}`")),
            "{error}"
        );
    }
    sql("UPDATE series SET days = '{2024-02-29}'")
        .execute(&fresh.db)
        .await
        .unwrap();
    let series = Series::get(1).one(&fresh.db).await.unwrap();
    assert_eq!(
        (series.id, series.amounts, series.days.len()),
        (1, vec![Decimal::ONE], 1)
    );
}

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "documents", insert(NewDocument))]
struct Document {
    #[orm(primary_key, generated)]
    id: i64,
    body: Option<Json>,
}

#[tokio::test]
async fn a_json_null_is_a_value_and_sql_null_is_none() {
    let fresh = fresh(entities![Document]).await;
    let bodies = [Some(Json::Null), None, Some(json!({"null": null}))];
    let rows = bodies.clone().map(|body| NewDocument { body });
    let rows = Document::insert_many(rows.into());
    let rows = rows.all(&fresh.db).await.unwrap();
    assert!(rows.iter().map(|row| &row.body).eq(&bodies));
    let null = Document::find().filter(Document::BODY.is_null());
    assert_eq!(null.one(&fresh.db).await.unwrap(), rows[1]);
    let null = Document::find().filter(Document::BODY.eq(Json::Null));
    assert_eq!(null.one(&fresh.db).await.unwrap(), rows[0]);
}

fn nested(depth: usize) -> Json {
    (0..depth).fold(json!("bottom"), |inner, _| json!([inner]))
}

#[tokio::test]
async fn json_comes_back_as_deep_as_serde_goes() {
    let fresh = fresh(entities![Document]).await;
    let body = Some(nested(120));
    let row = NewDocument { body: body.clone() };
    let row = Document::insert(row).one(&fresh.db).await.unwrap();
    assert_eq!(row.body, body);
    let body = Some(nested(500));
    let deeper = Document::insert(NewDocument { body });
    let error = deeper.one(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("column `body`"), "{error}");
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "readings")]
struct Reading {
    #[orm(primary_key)]
    id: i64,
    level: i64,
}

#[tokio::test]
async fn a_column_of_another_type_is_an_error_at_first_use() {
    let fresh = fresh_after("CREATE TABLE readings (id bigint PRIMARY KEY, level integer)").await;
    let error = Reading::find().all(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    for part in [
        "column `level`",
        "table `readings`",
        "has type int4",
        "`Reading::level`",
        "expects bigint",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let error = Reading::get(1).maybe(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let error = Reading::find().filter(Reading::LEVEL.eq(1));
    let error = error.count(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(error.to_string().contains("$1"), "{error}");
}

#[tokio::test]
async fn null_in_a_field_that_is_no_option_is_an_error_that_names_the_column() {
    let set_up = "CREATE TABLE readings (id bigint PRIMARY KEY, level bigint);
                  INSERT INTO readings VALUES (1, NULL)";
    let fresh = fresh_after(set_up).await;
    let error = Reading::get(1).one(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = "column `level` is NULL, but its field is not an Option";
    assert!(error.to_string().starts_with(text), "{error}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_leaves_the_connection_usable() {
    let set_up = "CREATE TABLE readings (id bigint PRIMARY KEY, level bigint);
                  INSERT INTO readings SELECT id, nullif(id, 3) FROM generate_series(1, 1000) AS id";
    let fresh = fresh_after(set_up).await;
    let tx = fresh.db.begin().await.unwrap();
    let error = Reading::find().all(&tx).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let rest = Reading::find().filter(Reading::ID.gt(3));
    assert_eq!(rest.all(&tx).await.unwrap().len(), 997);
    tx.commit().await.unwrap();
}
