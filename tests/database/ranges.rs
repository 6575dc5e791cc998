//! Ranges and sets of ranges of every type.

use crate::fresh::fresh;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use ormcore::value::{Multirange, Range};
use ormcore::{Entity, ErrorKind, entities, sql};
use rust_decimal::Decimal;
use std::ops::Bound;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "spans", insert(NewSpans), patch(SpansPatch))]
struct Spans {
    #[orm(primary_key, generated)]
    id: i64,
    middle: Range<i32>,
    big: Range<i64>,
    amount: Range<Decimal>,
    local: Range<NaiveDateTime>,
    instant: Range<DateTime<Utc>>,
    day: Option<Range<NaiveDate>>,
    list: Vec<Range<i64>>,
    gaps: Vec<Option<Range<NaiveDate>>>,
    days: Multirange<NaiveDate>,
    amounts: Option<Multirange<Decimal>>,
    sets: Vec<Multirange<i32>>,
    #[orm(default = "'{[1,2), [5,7)}'")]
    bigs: Multirange<i64>,
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn local(text: &str) -> NaiveDateTime {
    text.parse().expect("a time")
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn full() -> NewSpans {
    let (from, to) = (
        local("2024-02-29T01:02:03.000004"),
        local("2025-01-01T00:00:00"),
    );
    NewSpans {
        middle: (i32::MIN..i32::MAX).into(),
        big: (..5).into(),
        amount: (decimal("1.50")..=decimal("79228162514264337593543950335")).into(),
        local: Range::new(Bound::Excluded(from), Bound::Included(to)),
        instant: (from.and_utc()..).into(),
        day: Some((day("2024-02-29")..day("2024-03-01")).into()),
        list: vec![Range::empty(), (1..2).into(), (..).into()],
        gaps: vec![None, Some((day("0001-01-01")..).into())],
        days: Multirange::from_iter([
            day("2024-01-01")..day("2024-01-03"),
            day("2025-01-01")..day("2025-02-01"),
        ]),
        amounts: Some(Multirange::from_iter([..=decimal("-0.001")])),
        sets: vec![Multirange::default(), Multirange::from_iter([1..3, 5..8])],
        bigs: Some(Multirange::default()),
    }
}

fn bare() -> NewSpans {
    NewSpans {
        middle: Range::empty(),
        big: (..).into(),
        amount: Range::empty(),
        local: Range::empty(),
        instant: (..).into(),
        day: None,
        list: vec![],
        gaps: vec![],
        days: Multirange::default(),
        amounts: None,
        sets: vec![],
        bigs: None,
    }
}

fn stored(id: i64, new: NewSpans) -> Spans {
    Spans {
        id,
        middle: new.middle,
        big: new.big,
        amount: new.amount,
        local: new.local,
        instant: new.instant,
        day: new.day,
        list: new.list,
        gaps: new.gaps,
        days: new.days,
        amounts: new.amounts,
        sets: new.sets,
        bigs: new
            .bigs
            .unwrap_or_else(|| Multirange::from_iter([1..2, 5..7])),
    }
}

#[tokio::test]
async fn ranges_come_back_as_they_were_inserted() {
    let fresh = fresh(entities![Spans]).await;
    for row in [full(), bare()] {
        let one = Spans::insert(row.clone()).one(&fresh.db).await.unwrap();
        assert_eq!(one, stored(one.id, row));
        assert_eq!(Spans::get(one.id).one(&fresh.db).await.unwrap(), one);
    }
    let rows = vec![bare(), full(), bare()];
    let many = Spans::insert_many(rows.clone()).all(&fresh.db).await;
    for (many, row) in many.unwrap().into_iter().zip(rows) {
        assert_eq!(many, stored(many.id, row));
    }
}

#[tokio::test]
async fn ranges_can_be_compared_set_and_patched() {
    let fresh = fresh(entities![Spans]).await;
    let rows = Spans::insert_many(vec![full(), bare()]).all(&fresh.db);
    let ids: Vec<_> = rows.await.unwrap().iter().map(|row| row.id).collect();
    let days = || Range::from(day("2024-02-29")..day("2024-03-01"));
    for condition in [
        Spans::MIDDLE.eq(Range::from(i32::MIN..i32::MAX)),
        Spans::BIG.eq(Range::from(..5)),
        // Whatever bound it is written with.
        Spans::BIG.eq(Range::from(..=4)),
        Spans::INSTANT.eq(Range::from(local("2024-02-29T01:02:03.000004").and_utc()..)),
        Spans::DAY.eq(days()),
        Spans::DAY.in_([days(), Range::empty()]),
        Spans::AMOUNT.ne(Range::empty()),
        Spans::LIST.eq(full().list),
        Spans::DAYS.eq(full().days),
        Spans::AMOUNTS.is_not_null(),
    ] {
        let found = Spans::find().filter(condition).one(&fresh.db).await;
        assert_eq!(found.unwrap().id, ids[0]);
    }
    let patch = SpansPatch {
        middle: Some((1..=3).into()),
        day: Some(None),
        ..SpansPatch::default()
    };
    let row = Spans::update(ids[0])
        .patch(patch)
        .set(Spans::BIG, Range::from(7..7))
        .set(Spans::BIGS, Multirange::from_iter([5..=6, 1..=4, 9..=9]));
    let row = row.one(&fresh.db).await.unwrap();
    // PostgreSQL has one form for what is the same.
    assert_eq!((row.middle, row.day), ((1..4).into(), None));
    assert!(row.big.is_empty());
    assert_eq!(row.bigs, Multirange::from_iter([1..7, 9..10]));
    assert!(row.bigs.contains(&6) && !row.bigs.contains(&7));
}

#[tokio::test]
async fn a_range_that_ends_before_it_begins_is_refused() {
    let fresh = fresh(entities![Spans]).await;
    let wrong = NewSpans {
        middle: Range::new(Bound::Included(3), Bound::Excluded(1)),
        ..bare()
    };
    for rows in [vec![wrong.clone()], vec![bare(), wrong]] {
        let error = Spans::insert_many(rows).execute(&fresh.db).await;
        assert_eq!(error.unwrap_err().code(), Some("22000"));
    }
}

#[tokio::test]
async fn a_bound_that_the_type_cannot_hold_is_an_error_that_names_the_column() {
    let fresh = fresh(entities![Spans]).await;
    let id = Spans::insert(bare()).one(&fresh.db).await.unwrap().id;
    for (column, literal) in [
        ("amount", "[0,NaN)"),
        ("days", "{[2024-01-01,infinity)}"),
        ("list", "{NULL}"),
    ] {
        let literal = literal.to_owned();
        let change = sql(format!("UPDATE spans SET {column} = '{literal}'"));
        change.execute(&fresh.db).await.unwrap();
        let error = Spans::get(id).one(&fresh.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(text.contains(&format!("column `{column}`")), "{text}");
        let whole = if column == "amount" { "empty" } else { "{}" };
        let change = sql(format!("UPDATE spans SET {column} = '{whole}'"));
        change.execute(&fresh.db).await.unwrap();
    }
    Spans::get(id).one(&fresh.db).await.unwrap();
}
