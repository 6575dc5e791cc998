//! Every type goes into a column and comes back as it was: inserted one by one and many at once, updated, compared.

use crate::fresh::fresh;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use ormcore::{Condition, Entity, entities};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use uuid::Uuid;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(
    table = "everything",
    insert(NewEverything),
    patch(EverythingPatch, derive(Clone, Default))
)]
struct Everything {
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
}

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "perhaps", insert(NewPerhaps), patch(PerhapsPatch))]
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
}

/// Where chrono and PostgreSQL both end: PostgreSQL begins with the Julian day 0, and chrono ends before it.
fn first_instant() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(-4713, 11, 24)
        .expect("a date")
        .and_time(NaiveTime::MIN)
}

fn last_instant() -> NaiveDateTime {
    let time = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).expect("a time");
    NaiveDate::MAX.pred_opt().expect("a date").and_time(time)
}

fn rows() -> [NewEverything; 3] {
    let usual: NaiveDateTime = "2024-02-29T12:34:56.789012".parse().expect("a time");
    [
        NewEverything {
            flag: true,
            small: 1,
            middle: -2,
            big: 3,
            single: 0.1,
            double: -0.1,
            text: "Ada 'n\" \\ Ünïcödé 🦀".into(),
            bytes: (0..=255).collect(),
            uuid: Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
            instant: usual.and_utc(),
            local: usual,
            day: usual.date(),
            time: usual.time(),
            amount: "1234567.890".parse().expect("a number"),
            document: json!({"a": [1, 2.5, "x", null, true], "b": {}}),
        },
        NewEverything {
            flag: false,
            small: i16::MIN,
            middle: i32::MIN,
            big: i64::MIN,
            single: f32::NEG_INFINITY,
            double: f64::NEG_INFINITY,
            text: String::new(),
            bytes: Vec::new(),
            uuid: Uuid::nil(),
            instant: first_instant().and_utc(),
            local: first_instant(),
            day: first_instant().date(),
            time: NaiveTime::MIN,
            amount: Decimal::MIN,
            document: Json::Null,
        },
        NewEverything {
            flag: true,
            small: i16::MAX,
            middle: i32::MAX,
            big: i64::MAX,
            single: f32::MAX,
            double: f64::MIN_POSITIVE,
            text: "x".repeat(1 << 20),
            bytes: vec![0; 1 << 20],
            uuid: Uuid::max(),
            instant: last_instant().and_utc(),
            local: last_instant(),
            day: NaiveDate::MAX,
            time: last_instant().time(),
            amount: Decimal::MAX,
            document: json!([[], "", i64::MIN, u64::MAX, 1e300]),
        },
    ]
}

fn stored(id: i64, new: NewEverything) -> Everything {
    Everything {
        id,
        flag: new.flag,
        small: new.small,
        middle: new.middle,
        big: new.big,
        single: new.single,
        double: new.double,
        text: new.text,
        bytes: new.bytes,
        uuid: new.uuid,
        instant: new.instant,
        local: new.local,
        day: new.day,
        time: new.time,
        amount: new.amount,
        document: new.document,
    }
}

fn given(row: Everything) -> NewPerhaps {
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
    }
}

fn maybe(id: i64, new: NewPerhaps) -> Perhaps {
    Perhaps {
        id,
        flag: new.flag,
        small: new.small,
        middle: new.middle,
        big: new.big,
        single: new.single,
        double: new.double,
        text: new.text,
        bytes: new.bytes,
        uuid: new.uuid,
        instant: new.instant,
        local: new.local,
        day: new.day,
        time: new.time,
        amount: new.amount,
        document: new.document,
    }
}

#[tokio::test]
async fn every_type_comes_back_as_it_was_inserted() {
    let fresh = fresh(entities![Everything]).await;
    for row in rows() {
        let inserted = Everything::insert(row.clone())
            .one(&fresh.db)
            .await
            .unwrap();
        assert_eq!(inserted, stored(inserted.id, row));
        let read = Everything::get(inserted.id).one(&fresh.db).await.unwrap();
        assert_eq!(read, inserted);
    }
    let many = Everything::insert_many(rows().into());
    let many = many.all(&fresh.db).await.unwrap();
    for (many, row) in many.into_iter().zip(rows()) {
        assert_eq!(many, stored(many.id, row));
    }
    assert_eq!(Everything::find().count(&fresh.db).await.unwrap(), 6);
}

#[tokio::test]
async fn every_type_can_be_null_and_can_have_a_value() {
    let fresh = fresh(entities![Perhaps]).await;
    let rows = || {
        let values = rows().into_iter().map(|row| given(stored(0, row)));
        let mut rows: Vec<_> = values.collect();
        rows.insert(1, nothing());
        rows
    };
    for row in rows() {
        let inserted = Perhaps::insert(row.clone()).one(&fresh.db).await.unwrap();
        assert_eq!(inserted, maybe(inserted.id, row));
        let read = Perhaps::get(inserted.id).one(&fresh.db).await.unwrap();
        assert_eq!(read, inserted);
    }
    let many = Perhaps::insert_many(rows()).all(&fresh.db).await.unwrap();
    assert_eq!(many.len(), 4);
    for (many, row) in many.into_iter().zip(rows()) {
        assert_eq!(many, maybe(many.id, row));
    }
}

#[tokio::test]
async fn every_type_can_be_set_and_patched() {
    let fresh = fresh(entities![Everything, Perhaps]).await;
    let [usual, low, _] = rows();
    let row = Everything::insert(usual).one(&fresh.db).await.unwrap();
    let patch = EverythingPatch {
        flag: Some(low.flag),
        small: Some(low.small),
        middle: Some(low.middle),
        big: Some(low.big),
        single: Some(low.single),
        double: Some(low.double),
        text: Some(low.text.clone()),
        bytes: Some(low.bytes.clone()),
        uuid: Some(low.uuid),
        instant: Some(low.instant),
        local: Some(low.local),
        day: Some(low.day),
        time: Some(low.time),
        amount: Some(low.amount),
        document: Some(low.document.clone()),
    };
    let patched = Everything::update(row.id).patch(patch);
    let patched = patched.one(&fresh.db).await.unwrap();
    assert_eq!(patched, stored(row.id, low));

    let empty = Perhaps::insert(nothing()).one(&fresh.db).await.unwrap();
    let set = Perhaps::update(empty.id)
        .set(Perhaps::FLAG, true)
        .set(Perhaps::SMALL, 7)
        .set(Perhaps::BIG, Some(8))
        .set(Perhaps::TEXT, "text")
        .set(Perhaps::BYTES, &b"bytes"[..])
        .set(Perhaps::DOCUMENT, json!({}))
        .one(&fresh.db)
        .await
        .unwrap();
    let expected = NewPerhaps {
        flag: Some(true),
        small: Some(7),
        big: Some(8),
        text: Some("text".into()),
        bytes: Some(b"bytes".to_vec()),
        document: Some(json!({})),
        ..nothing()
    };
    assert_eq!(set, maybe(empty.id, expected));
    let unset = Perhaps::update(empty.id)
        .set(Perhaps::FLAG, None)
        .set(Perhaps::TEXT, None)
        .set_null(Perhaps::DOCUMENT)
        .one(&fresh.db)
        .await
        .unwrap();
    assert_eq!((unset.flag, unset.text, unset.document), (None, None, None));
}

#[tokio::test]
async fn every_type_can_be_compared_with() {
    let fresh = fresh(entities![Everything]).await;
    Everything::insert_many(rows().into())
        .execute(&fresh.db)
        .await
        .unwrap();
    for row in rows() {
        let equal = |row: NewEverything| {
            Condition::all([
                Everything::FLAG.eq(row.flag),
                Everything::SMALL.eq(row.small),
                Everything::MIDDLE.in_([row.middle]),
                Everything::BIG.eq(row.big),
                Everything::SINGLE.eq(row.single),
                Everything::DOUBLE.in_([row.double]),
                Everything::TEXT.eq(&row.text),
                Everything::BYTES.eq(&*row.bytes),
                Everything::UUID.in_([row.uuid]),
                Everything::INSTANT.eq(row.instant),
                Everything::LOCAL.between(row.local, row.local),
                Everything::DAY.in_([row.day]),
                Everything::TIME.eq(row.time),
                Everything::AMOUNT.in_([row.amount]),
                Everything::DOCUMENT.eq(row.document),
            ])
        };
        let found = Everything::find().filter(equal(row.clone()));
        let found = found.one(&fresh.db).await.unwrap();
        assert_eq!(found, stored(found.id, row.clone()));
        let others = Everything::find().filter(!equal(row));
        assert_eq!(others.count(&fresh.db).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn not_a_number_is_a_number_to_the_database() {
    let fresh = fresh(entities![Everything]).await;
    let [usual, ..] = rows();
    let row = NewEverything {
        single: f32::NAN,
        double: f64::NAN,
        ..usual.clone()
    };
    let nan = Everything::insert(row).one(&fresh.db).await.unwrap();
    assert!(nan.single.is_nan() && nan.double.is_nan());
    let row = NewEverything {
        double: -0.0,
        ..usual
    };
    let zero = Everything::insert(row).one(&fresh.db).await.unwrap();
    assert_eq!(zero.double.to_bits(), (-0.0_f64).to_bits());
    // To PostgreSQL NaN equals itself and is greater than all numbers.
    let found = Everything::find().filter(Everything::DOUBLE.eq(f64::NAN));
    assert_eq!(found.one(&fresh.db).await.unwrap().id, nan.id);
}

#[tokio::test]
async fn every_character_but_nul_comes_back() {
    let fresh = fresh(entities![Perhaps]).await;
    let all: String = ('\u{1}'..=char::MAX).collect();
    let row = NewPerhaps {
        text: Some(all.clone()),
        ..nothing()
    };
    let read = Perhaps::insert(row).one(&fresh.db).await.unwrap();
    assert!(read.text.as_ref() == Some(&all));
    let found = Perhaps::find().filter(Perhaps::TEXT.eq(all));
    assert_eq!(found.count(&fresh.db).await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_finer_than_a_microsecond_is_cut_off() {
    let fresh = fresh(entities![Perhaps]).await;
    let fine: NaiveDateTime = "2024-02-29T12:34:56.789012999".parse().unwrap();
    let coarse: NaiveDateTime = "2024-02-29T12:34:56.789012".parse().unwrap();
    let row = NewPerhaps {
        instant: Some(fine.and_utc()),
        local: Some(fine),
        time: Some(fine.time()),
        ..nothing()
    };
    let read = Perhaps::insert(row).one(&fresh.db).await.unwrap();
    let cut = (Some(coarse.and_utc()), Some(coarse), Some(coarse.time()));
    assert_eq!((read.instant, read.local, read.time), cut);
}
