//! Arrays of every type, with and without NULLs, one row at a time and many.

use crate::fresh::{fresh, fresh_after};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use ormcore::{Entity, ErrorKind, entities};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use uuid::Uuid;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "lists", insert(NewLists), patch(ListsPatch))]
struct Lists {
    #[orm(primary_key, generated)]
    id: i64,
    flags: Vec<bool>,
    small: Vec<i16>,
    middle: Vec<Option<i32>>,
    big: Option<Vec<i64>>,
    single: Vec<f32>,
    double: Option<Vec<Option<f64>>>,
    texts: Vec<String>,
    blobs: Vec<Vec<u8>>,
    uuids: Vec<Uuid>,
    instants: Vec<DateTime<Utc>>,
    locals: Vec<Option<NaiveDateTime>>,
    days: Vec<NaiveDate>,
    times: Vec<NaiveTime>,
    amounts: Vec<Decimal>,
    documents: Vec<Option<Json>>,
    #[orm(default = "ARRAY['new']")]
    tags: Vec<String>,
}

fn empty() -> NewLists {
    NewLists {
        flags: vec![],
        small: vec![],
        middle: vec![],
        big: None,
        single: vec![],
        double: None,
        texts: vec![],
        blobs: vec![],
        uuids: vec![],
        instants: vec![],
        locals: vec![],
        days: vec![],
        times: vec![],
        amounts: vec![],
        documents: vec![],
        tags: None,
    }
}

fn full() -> NewLists {
    let local: NaiveDateTime = "2024-02-29T12:34:56.789012".parse().expect("a time");
    NewLists {
        flags: vec![true, false],
        small: vec![i16::MIN, 0, i16::MAX],
        middle: vec![None, Some(i32::MIN), None, Some(i32::MAX), None],
        big: Some(vec![i64::MIN, i64::MAX]),
        single: vec![f32::MIN, f32::INFINITY],
        double: Some(vec![None, Some(f64::MIN_POSITIVE)]),
        texts: vec![
            String::new(),
            "{\"a\",NULL}".into(),
            "NULL".into(),
            "ü, \\ '".into(),
        ],
        blobs: vec![vec![], vec![0, 1, 255]],
        uuids: vec![Uuid::nil(), Uuid::max()],
        instants: vec![local.and_utc()],
        locals: vec![Some(local), None],
        days: vec![local.date()],
        times: vec![local.time()],
        amounts: vec![Decimal::MAX, Decimal::MIN, Decimal::new(150, 2)],
        documents: vec![Some(Json::Null), None, Some(json!({"a": []}))],
        tags: Some(vec!["b".into(), "a".into()]),
    }
}

fn stored(id: i64, new: NewLists) -> Lists {
    Lists {
        id,
        flags: new.flags,
        small: new.small,
        middle: new.middle,
        big: new.big,
        single: new.single,
        double: new.double,
        texts: new.texts,
        blobs: new.blobs,
        uuids: new.uuids,
        instants: new.instants,
        locals: new.locals,
        days: new.days,
        times: new.times,
        amounts: new.amounts,
        documents: new.documents,
        tags: new.tags.unwrap_or_else(|| vec!["new".into()]),
    }
}

fn rows() -> Vec<NewLists> {
    let nothing_in_them = NewLists {
        big: Some(vec![]),
        double: Some(vec![]),
        tags: Some(vec![]),
        ..empty()
    };
    vec![empty(), full(), nothing_in_them, full(), empty()]
}

#[tokio::test]
async fn arrays_come_back_as_they_were_inserted() {
    let fresh = fresh(entities![Lists]).await;
    for row in rows() {
        let inserted = Lists::insert(row.clone()).one(&fresh.db).await.unwrap();
        assert_eq!(inserted, stored(inserted.id, row));
        let read = Lists::get(inserted.id).one(&fresh.db).await.unwrap();
        assert_eq!(read, inserted);
    }
}

#[tokio::test]
async fn arrays_of_many_rows_are_not_mixed_up() {
    let fresh = fresh(entities![Lists]).await;
    let many = Lists::insert_many(rows()).all(&fresh.db).await.unwrap();
    assert_eq!(many.len(), 5);
    for (many, row) in many.into_iter().zip(rows()) {
        assert_eq!(many, stored(many.id, row));
    }
}

#[tokio::test]
async fn many_rows_with_arrays_are_one_statement() {
    let fresh = fresh(entities![Lists]).await;
    // Each value as a parameter of its own would be 17 times 10 000: PostgreSQL takes 65 535.
    let rows = (0..10_000).map(|row| NewLists {
        middle: (0..row % 7)
            .map(|n| (n != 3).then_some(row * 10 + n))
            .collect(),
        ..empty()
    });
    let rows: Vec<_> = rows.collect();
    let many = Lists::insert_many(rows.clone())
        .all(&fresh.db)
        .await
        .unwrap();
    assert_eq!(fresh.statements().len(), 1);
    let middle = |row: &Lists| row.middle.clone();
    let expected: Vec<_> = rows.into_iter().map(|row| row.middle).collect();
    assert_eq!(many.iter().map(middle).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn arrays_can_be_compared_set_and_patched() {
    let fresh = fresh(entities![Lists]).await;
    let ids: Vec<_> = Lists::insert_many(vec![full(), empty()])
        .all(&fresh.db)
        .await
        .unwrap()
        .iter()
        .map(|row| row.id)
        .collect();
    let texts = full().texts;
    for condition in [
        Lists::TEXTS.eq(texts.clone()),
        Lists::TEXTS.in_([texts.clone(), vec!["other".to_owned()]]),
        Lists::TEXTS.not_in([vec![]]),
        Lists::MIDDLE.eq(full().middle),
        Lists::BIG.is_not_null(),
        !Lists::TEXTS.in_(Vec::<Vec<String>>::new()) & Lists::BIG.is_not_null(),
    ] {
        let found = Lists::find()
            .filter(condition)
            .one(&fresh.db)
            .await
            .unwrap();
        assert_eq!(found.id, ids[0]);
    }
    let nothing = Lists::find().filter(Lists::TEXTS.in_(Vec::<Vec<String>>::new()));
    assert!(!nothing.exists(&fresh.db).await.unwrap());
    let patch = ListsPatch {
        texts: Some(vec!["x".into()]),
        big: Some(Some(vec![1, 2])),
        ..ListsPatch::default()
    };
    let row = Lists::update(ids[1])
        .patch(patch)
        .set(Lists::MIDDLE, vec![None, Some(1)])
        .set(Lists::DOUBLE, vec![Some(0.5)])
        .one(&fresh.db)
        .await
        .unwrap();
    assert_eq!(row.texts, ["x"]);
    assert_eq!(row.big, Some(vec![1, 2]));
    assert_eq!(row.middle, [None, Some(1)]);
    assert_eq!(row.double, Some(vec![Some(0.5)]));
}

#[derive(Entity, Debug)]
#[orm(table = "samples")]
struct Sample {
    #[orm(primary_key)]
    id: i64,
    values: Vec<i32>,
}

#[tokio::test]
async fn an_array_that_the_field_cannot_hold_is_an_error_that_says_why() {
    let fresh = fresh_after(
        "CREATE TABLE samples (id bigint PRIMARY KEY, values int[]);
         INSERT INTO samples VALUES (1, '{1,NULL}'), (2, '{{1,2},{3,4}}'), (3, NULL), (4, '[5:6]={1,2}')",
    )
    .await;
    for (id, reason) in [
        (1, "an element of the array is NULL"),
        (2, "too many dimensions"),
        (3, "column `values` is NULL"),
    ] {
        let error = Sample::get(id).one(&fresh.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(text.contains("column `values`"), "{text}");
        assert!(text.contains(reason), "{text}");
    }
    // Where an array begins to count is lost: Rust counts from 0.
    assert_eq!(Sample::get(4).one(&fresh.db).await.unwrap().values, [1, 2]);
}
