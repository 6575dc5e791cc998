//! Values at and beyond the edges of their types: the right rows or a clear error, on a connection that goes on.

use crate::chance::{is_clear, runtime, session, try_many};
use crate::fresh::fresh;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use ormcore::{Column, Cursor, Entity, Error, entities};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use rust_decimal::Decimal;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "things", insert(NewThing, derive(Clone)))]
struct Thing {
    #[orm(primary_key, generated)]
    id: i64,
    text: String,
    words: Vec<String>,
    small: i16,
    large: i64,
    real: f32,
    double: f64,
    number: Decimal,
    day: NaiveDate,
    instant: Option<DateTime<Utc>>,
    time: NaiveTime,
    bytes: Vec<u8>,
    json: serde_json::Value,
}

/// Text of all planes, now and then with a NUL.
fn texts() -> impl Strategy<Value = String> {
    let awkward = "'\"\\%${},\n\u{feff}\u{202e}\u{10ffff}\u{d7ff}"
        .chars()
        .collect::<Vec<_>>();
    let letter = prop_oneof![
        6 => any::<char>().prop_filter("without NUL", |letter| *letter != '\0'),
        3 => proptest::sample::select(awkward),
    ];
    let text =
        || vec(letter.clone(), 0..12).prop_map(|letters| letters.into_iter().collect::<String>());
    prop_oneof![20 => text(), 1 => text().prop_map(|text| text + "\0")]
}

fn floats() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        any::<u64>().prop_map(f64::from_bits),
        proptest::sample::select(vec![
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -0.0,
            f64::MIN_POSITIVE,
            f64::MAX,
            5e-324
        ]),
    ]
}

fn things() -> impl Strategy<Value = NewThing> {
    let days = (NaiveDate::MIN.to_epoch_days()..=NaiveDate::MAX.to_epoch_days())
        .prop_map(|day| NaiveDate::from_epoch_days(day).expect("a day that chrono has"));
    let days = prop_oneof![
        2 => (-2_000_000..3_000_000_i32).prop_map(|day| NaiveDate::from_epoch_days(day).expect("a day")),
        1 => days,
    ];
    let instants = (-200_000_000_000_000_000..200_000_000_000_000_000_i64)
        .prop_map(DateTime::from_timestamp_micros);
    let instants =
        prop_oneof![9 => instants, 1 => any::<i64>().prop_map(DateTime::from_timestamp_micros)];
    let times = (0..86_400_u32, 0..1_000_000_u32).prop_map(|(second, micro)| {
        NaiveTime::from_num_seconds_from_midnight_opt(second, micro * 1000).expect("a time")
    });
    let decimals = (any::<i128>(), 0..=28_u32).prop_map(|(digits, scale)| {
        Decimal::try_from_i128_with_scale(digits >> 32, scale).unwrap_or(Decimal::MAX)
    });
    let json = (texts(), texts(), floats())
        .prop_map(|(key, word, number)| serde_json::json!({ key: [word, number, null] }));
    let first = (texts(), vec(texts(), 0..3), any::<i16>(), any::<i64>());
    let second = (any::<u32>().prop_map(f32::from_bits), floats(), decimals);
    let third = (days, instants, times, vec(any::<u8>(), 0..20), json);
    (first, second, third).prop_map(
        |(
            (text, words, small, large),
            (real, double, number),
            (day, instant, time, bytes, json),
        )| {
            NewThing {
                text,
                words,
                small,
                large,
                real,
                double,
                number,
                day,
                instant,
                time,
                bytes,
                json,
            }
        },
    )
}

/// The same, where NaN is.
fn is_stored(stored: &Thing, new: &NewThing) -> bool {
    let double = stored.double.to_bits() == new.double.to_bits()
        || new.double.is_nan() && stored.double.is_nan();
    let real =
        stored.real.to_bits() == new.real.to_bits() || new.real.is_nan() && stored.real.is_nan();
    let dates = (stored.day, stored.instant, stored.time) == (new.day, new.instant, new.time);
    let numbers = (stored.small, stored.large, stored.number) == (new.small, new.large, new.number);
    let texts = (&stored.text, &stored.words, &stored.bytes) == (&new.text, &new.words, &new.bytes);
    double && real && dates && numbers && texts && stored.json == new.json
}

#[test]
fn a_value_is_stored_as_it_is_or_refused() {
    let runtime = runtime();
    let fresh = runtime.block_on(fresh(entities![Thing]));
    let at_first = runtime.block_on(session(&fresh));
    let (mut kept, mut refused) = (0, 0);
    try_many(300, &things(), |new| {
        let unclear = |error: Error| match is_clear(&error) {
            true => Ok(()),
            false => Err(format!("no clear error: {error}")),
        };
        runtime.block_on(async {
            let stored = [
                Thing::insert(new.clone())
                    .one(&fresh.db)
                    .await
                    .map(|one| vec![one]),
                Thing::insert_many(vec![new.clone(), new.clone()])
                    .all(&fresh.db)
                    .await,
            ];
            let copied = Thing::copy_in([new.clone()]).execute(&fresh.db).await;
            if session(&fresh).await != at_first {
                return Err("the connection was given up".to_owned());
            }
            let accepted = stored.iter().filter(|stored| stored.is_ok()).count();
            if accepted == 1 || (accepted == 2) != copied.is_ok() {
                return Err(format!("they disagree: {stored:?} {copied:?}"));
            }
            for stored in stored {
                match stored {
                    Ok(stored) => {
                        if let Some(other) = stored.iter().find(|stored| !is_stored(stored, &new)) {
                            return Err(format!("stored as {other:?}"));
                        }
                        kept += 1;
                    }
                    Err(error) => {
                        refused += 1;
                        unclear(error)?;
                    }
                }
            }
            let find = || Thing::find();
            for found in [
                find()
                    .filter(Thing::TEXT.eq(&new.text))
                    .count(&fresh.db)
                    .await,
                find()
                    .filter(Thing::TEXT.contains(&new.text))
                    .count(&fresh.db)
                    .await,
                find()
                    .filter(Thing::WORDS.has_all(new.words.clone()))
                    .count(&fresh.db)
                    .await,
                find()
                    .filter(Thing::DOUBLE.eq(new.double))
                    .count(&fresh.db)
                    .await,
                find()
                    .filter(Thing::REAL.eq(new.real))
                    .count(&fresh.db)
                    .await,
                find()
                    .filter(Thing::NUMBER.eq(new.number))
                    .count(&fresh.db)
                    .await,
                find()
                    .filter(Thing::DAY.in_([new.day]))
                    .count(&fresh.db)
                    .await,
                find()
                    .filter(Thing::INSTANT.is_not_distinct_from(new.instant.unwrap_or_default()))
                    .count(&fresh.db)
                    .await,
                find()
                    .filter(Thing::JSON.eq(new.json.clone()))
                    .count(&fresh.db)
                    .await,
            ] {
                match found {
                    Ok(0) if accepted == 2 && new.instant.is_some() => {
                        return Err("it is not found again".to_owned());
                    }
                    Ok(_) => {}
                    Err(error) => unclear(error)?,
                }
            }
            Ok(())
        })
    });
    assert!(kept > 50 && refused > 50, "{kept} and {refused}");
}

#[tokio::test]
async fn a_list_of_a_hundred_thousand_is_one_parameter() {
    let fresh = fresh(entities![Thing]).await;
    let runtime_of = session(&fresh).await;
    ormcore::sql("INSERT INTO things SELECT id, id::text, '{}', 1, id, 1, 1, 1, 'today', NULL, '12:00', '', 'null'
                  FROM generate_series(1, 100) AS id")
        .execute(&fresh.db)
        .await
        .unwrap();
    fresh.statements();
    let ids = || (51..100_051_i64).rev();
    let words = || ids().map(|id| id.to_string());
    let found = [
        Thing::find()
            .filter(Thing::ID.in_(ids()))
            .count(&fresh.db)
            .await,
        Thing::find()
            .filter(Thing::ID.not_in(ids()))
            .count(&fresh.db)
            .await,
        Thing::find()
            .filter(Thing::TEXT.in_(words()))
            .count(&fresh.db)
            .await,
        Thing::find()
            .filter(Thing::TEXT.not_in(words()))
            .count(&fresh.db)
            .await,
        Thing::delete()
            .filter(Thing::ID.in_(ids()))
            .execute(&fresh.db)
            .await,
    ];
    assert_eq!(found.map(Result::unwrap), [50; 5]);
    assert!(fresh.statements().iter().all(|text| text.len() < 200));
    assert_eq!(session(&fresh).await, runtime_of);
}

#[tokio::test]
async fn limits_and_offsets_of_any_size_are_the_right_rows() {
    let fresh = fresh(entities![Thing]).await;
    let at_first = session(&fresh).await;
    ormcore::sql("INSERT INTO things SELECT id, id::text, '{}', 1, id, 1, 1, 1, 'today', NULL, '12:00', '', 'null'
                  FROM generate_series(1, 3) AS id")
        .execute(&fresh.db)
        .await
        .unwrap();
    let find = || Thing::find().order_by(Thing::ID);
    for (limit, offset, expected) in [
        (0, 0, &[][..]),
        (u32::MAX, 0, &[1, 2, 3]),
        (u32::MAX, 2, &[3]),
        (1, u64::MAX, &[]),
        (u32::MAX, i64::MAX as u64, &[]),
        (u32::MAX, i64::MAX as u64 + 1, &[]),
    ] {
        let rows = find().limit(limit).offset(offset).select(Thing::ID);
        assert_eq!(
            rows.all(&fresh.db).await.unwrap(),
            expected,
            "{limit} {offset}"
        );
    }
    let page = find().page(u32::MAX, &fresh.db).await.unwrap();
    assert_eq!((page.rows.len(), page.next), (3, None));
    let last = find()
        .numbered_page(u32::MAX, u32::MAX, &fresh.db)
        .await
        .unwrap();
    assert_eq!((last.rows.len(), last.total), (0, 3));
    assert_eq!(session(&fresh).await, at_first);
}

/// What people paste where a cursor should be, and what becomes of one that is bent.
fn tampered(cursor: String) -> impl Strategy<Value = String> {
    // Behind the order, which has to fit.
    let place = 17..cursor.len();
    let bent = (place, "[0-9a-f]{1,6}", any::<bool>()).prop_map(move |(at, other, longer)| {
        let behind = match longer {
            true => at,
            false => cursor.len().min(at + other.len()),
        };
        let other = match longer {
            true => other.repeat(2),
            false => other,
        };
        format!("{}{other}{}", &cursor[..at], &cursor[behind..])
    });
    prop_oneof![4 => bent, 1 => texts()]
}

#[test]
fn a_cursor_that_was_tampered_with_is_an_error_or_another_place() {
    let runtime = runtime();
    let fresh = runtime.block_on(fresh(entities![Thing]));
    fn find<T: ormcore::value::Value>(by: Column<Thing, T>) -> ormcore::Find<Thing> {
        Thing::find().order_by(by)
    }
    let (at_first, cursor) = runtime.block_on(async {
        ormcore::sql("INSERT INTO things SELECT id, id::text, '{}', 1, id, 1, 1, 1.5, 'today', now(), '12:00', '', 'null'
                      FROM generate_series(1, 3) AS id")
            .execute(&fresh.db)
            .await
            .expect("things");
        let page = find(Thing::NUMBER).order_by(Thing::TEXT).order_by(Thing::INSTANT).page(1, &fresh.db).await;
        (session(&fresh).await, page.expect("a page").next.expect("a cursor"))
    });
    let (mut read, mut refused) = (0, 0);
    try_many(600, &tampered(cursor.to_string()), |text| {
        let Ok(cursor) = text.parse::<Cursor>() else {
            return Ok(());
        };
        runtime.block_on(async {
            let find = find(Thing::NUMBER)
                .order_by(Thing::TEXT)
                .order_by(Thing::INSTANT);
            let page = find.after(Some(cursor)).page(2, &fresh.db).await;
            if session(&fresh).await != at_first {
                return Err("the connection was given up".to_owned());
            }
            match page {
                Ok(_) => read += 1,
                Err(error) if is_clear(&error) => refused += 1,
                Err(error) => return Err(format!("no clear error: {error}")),
            }
            Ok(())
        })
    });
    assert!(read > 20 && refused > 20, "{read} and {refused}");
}
