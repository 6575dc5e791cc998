//! Every type is copied as it is: numbers, text, times, documents, arrays, enums and domains.

use crate::fresh::{fresh, fresh_after};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use ormcore::value::{SqlType, Type, Value};
use ormcore::{Entity, ErrorKind, entities, sql};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use std::error::Error as StdError;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, to_sql_checked};
use uuid::Uuid;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "plain", insert(NewPlain, derive(Clone)))]
struct Plain {
    #[orm(primary_key, generated)]
    id: i64,
    flag: bool,
    small: i16,
    middle: i32,
    big: i64,
    single: f32,
    double: f64,
    text: String,
    bytes: Vec<u8>,
    uuid: Uuid,
    instant: DateTime<Utc>,
    local: NaiveDateTime,
    day: NaiveDate,
    time: NaiveTime,
    amount: Decimal,
    document: Json,
    numbers: Vec<i32>,
    words: Vec<Option<String>>,
    instants: Vec<DateTime<Utc>>,
    #[orm(type = "varchar(9)")]
    short: String,
    #[orm(type = "char(4)")]
    padded: String,
    #[orm(type = "json")]
    written: Json,
}

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "perhaps", insert(NewPerhaps, derive(Clone)))]
struct Perhaps {
    #[orm(primary_key, generated)]
    id: i64,
    flag: Option<bool>,
    small: Option<i16>,
    middle: Option<i32>,
    big: Option<i64>,
    single: Option<f32>,
    double: Option<f64>,
    text: Option<String>,
    bytes: Option<Vec<u8>>,
    uuid: Option<Uuid>,
    instant: Option<DateTime<Utc>>,
    local: Option<NaiveDateTime>,
    day: Option<NaiveDate>,
    time: Option<NaiveTime>,
    amount: Option<Decimal>,
    document: Option<Json>,
    numbers: Option<Vec<i32>>,
}

fn plain() -> NewPlain {
    let local: NaiveDateTime = "2024-02-29T12:34:56.789012".parse().expect("a time");
    NewPlain {
        flag: true,
        small: i16::MIN,
        middle: -2,
        big: i64::MAX,
        single: 0.1,
        double: f64::MIN_POSITIVE,
        text: "Ada 'n\" \\ Ünïcödé 🦀".into(),
        bytes: (0..=255).collect(),
        uuid: Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
        instant: local.and_utc(),
        local,
        day: local.date(),
        time: local.time(),
        amount: "-1234567.890".parse().expect("a number"),
        document: json!({"a": [1, 2.5, "x", null, true], "b": {}}),
        numbers: vec![1, -2, i32::MAX],
        words: vec![Some("a".into()), None, Some(String::new())],
        instants: Vec::new(),
        short: "short".into(),
        padded: "abcd".into(),
        written: json!({"a": 1}),
    }
}

fn perhaps() -> NewPerhaps {
    let row = plain();
    NewPerhaps {
        flag: Some(row.flag),
        small: Some(row.small),
        middle: Some(row.middle),
        big: Some(row.big),
        single: Some(row.single),
        double: Some(row.double),
        text: Some(row.text),
        bytes: Some(row.bytes),
        uuid: Some(row.uuid),
        instant: Some(row.instant),
        local: Some(row.local),
        day: Some(row.day),
        time: Some(row.time),
        amount: Some(row.amount),
        document: Some(row.document),
        numbers: Some(row.numbers),
    }
}

fn nothing() -> NewPerhaps {
    NewPerhaps {
        flag: None,
        small: None,
        middle: None,
        big: None,
        single: None,
        double: None,
        text: None,
        bytes: None,
        uuid: None,
        instant: None,
        local: None,
        day: None,
        time: None,
        amount: None,
        document: None,
        numbers: None,
    }
}

/// A row that is copied is the row that is inserted.
#[tokio::test]
async fn every_type_is_copied_as_it_is_inserted() {
    let fresh = fresh(entities![Plain]).await;
    let inserted = Plain::insert(plain()).one(&fresh.db).await.unwrap();
    assert_eq!((inserted.big, inserted.words.len()), (i64::MAX, 3));
    let copied = Plain::copy_in(vec![plain(); 3]).execute(&fresh.db);
    assert_eq!(copied.await.unwrap(), 3);
    let all = Plain::find()
        .order_by(Plain::ID)
        .all(&fresh.db)
        .await
        .unwrap();
    assert_eq!(all.len(), 4);
    for row in all {
        assert_eq!(
            Plain {
                id: inserted.id,
                ..row
            },
            inserted
        );
    }
}

#[tokio::test]
async fn every_type_is_copied_with_and_without_a_value() {
    let fresh = fresh(entities![Perhaps]).await;
    let given = Perhaps::insert(perhaps()).one(&fresh.db).await.unwrap();
    let empty = Perhaps::insert(nothing()).one(&fresh.db).await.unwrap();
    let rows = [perhaps(), nothing(), perhaps()];
    Perhaps::copy_in(rows).execute(&fresh.db).await.unwrap();
    let all = Perhaps::find()
        .order_by(Perhaps::ID)
        .all(&fresh.db)
        .await
        .unwrap();
    assert_eq!(all.len(), 5);
    for (row, expected) in all.iter().skip(2).zip([&given, &empty, &given]) {
        assert_eq!(
            &Perhaps {
                id: expected.id,
                ..row.clone()
            },
            expected
        );
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Mood(&'static str);

impl ToSql for Mood {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Send + Sync>> {
        self.0.to_sql(&Type::TEXT, out)
    }

    fn accepts(ty: &Type) -> bool {
        ty.name() == "mood"
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Mood {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Send + Sync>> {
        match raw {
            b"fine" => Ok(Self("fine")),
            b"awful" => Ok(Self("awful")),
            _ => Err("no such mood".into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        ty.name() == "mood"
    }
}

impl Value for Mood {
    const TYPE: SqlType = SqlType::named("mood");
    type Scalar = Self;
    type With<U: Value<Scalar = U>> = U;
}

#[derive(Entity, Debug)]
#[orm(table = "days", insert(NewDay))]
struct Day {
    #[orm(primary_key, generated)]
    id: i64,
    mood: Mood,
    moods: Vec<Mood>,
    #[orm(type = "positive")]
    score: i32,
    #[orm(type = "nickname")]
    name: Option<String>,
}

fn day(mood: &'static str, score: i32) -> NewDay {
    NewDay {
        mood: Mood(mood),
        moods: vec![Mood("fine"), Mood(mood)],
        score,
        name: Some("Ada".into()),
    }
}

#[tokio::test]
async fn enums_and_domains_of_the_database_are_looked_up() {
    let fresh = fresh_after(
        "CREATE TYPE mood AS ENUM ('fine', 'awful'); CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
         CREATE DOMAIN nickname AS varchar(5)",
    )
    .await;
    ormcore::schema::create(&fresh.db, entities![Day])
        .await
        .unwrap();
    // The second time the types are known.
    for _ in 0..2 {
        let rows = [day("fine", 1), day("awful", 2)];
        assert_eq!(Day::copy_in(rows).execute(&fresh.db).await.unwrap(), 2);
    }
    let days = Day::find().order_by(Day::ID).all(&fresh.db).await.unwrap();
    assert_eq!(days.len(), 4);
    assert_eq!((days[3].mood, days[3].score), (Mood("awful"), 2));
    assert_eq!(days[3].moods, [Mood("fine"), Mood("awful")]);
    assert_eq!(days[3].name.as_deref(), Some("Ada"));
    let refused = Day::copy_in([day("fine", 0)]).execute(&fresh.db).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::CheckViolation);

    // A type of the same name is another type: the numbers are looked up again.
    let other = "ALTER TABLE days DROP mood, DROP moods; DROP TYPE mood; CREATE TYPE mood AS ENUM ('awful', 'fine');
                 ALTER TABLE days ADD mood mood NOT NULL DEFAULT 'fine', ADD moods mood[] NOT NULL DEFAULT '{}'";
    sql(other).batch(&fresh.db).await.unwrap();
    Day::copy_in([day("awful", 3)])
        .execute(&fresh.db)
        .await
        .unwrap();
    let worst = Day::find()
        .filter(Day::SCORE.eq(3))
        .one(&fresh.db)
        .await
        .unwrap();
    assert_eq!((worst.mood, worst.moods.len()), (Mood("awful"), 2));
}
