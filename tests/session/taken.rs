//! A value that is taken names its row, whatever its type.

use crate::fresh::Fresh;
use crate::shop::shop_of;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use ormcore::{Entity, ErrorKind, Value, entities};
use rust_decimal::Decimal;
use std::net::IpAddr;
use uuid::Uuid;

#[derive(Value, Clone, Debug, PartialEq)]
struct Code(String);

#[derive(Value, Clone, Copy, Debug, PartialEq)]
enum Tone {
    Low,
    High,
    Mute,
}

#[derive(Entity, Debug)]
#[orm(table = "things", insert(NewThing))]
struct Thing {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    small: i16,
    #[orm(unique)]
    text: String,
    #[orm(unique)]
    code: Code,
    #[orm(unique)]
    uuid: Uuid,
    #[orm(unique)]
    day: NaiveDate,
    #[orm(unique)]
    at: DateTime<Utc>,
    #[orm(unique)]
    local: NaiveDateTime,
    #[orm(unique)]
    time: NaiveTime,
    #[orm(unique)]
    amount: Decimal,
    #[orm(unique, type = "numeric(12, 3)")]
    price: Decimal,
    #[orm(unique, type = "char(6)")]
    padded: String,
    #[orm(unique)]
    tone: Option<Tone>,
    #[orm(unique)]
    bytes: Vec<u8>,
    #[orm(unique)]
    host: IpAddr,
    #[orm(unique)]
    real: f64,
    #[orm(unique)]
    yes: Option<bool>,
    #[orm(unique)]
    list: Vec<i32>,
}

fn thing(number: u8) -> NewThing {
    let n = u32::from(number);
    let day = NaiveDate::from_ymd_opt(2024, 2, 1 + n).expect("it is there");
    let local = day
        .and_hms_micro_opt(1, 2, 3, n * 1000)
        .expect("it is there");
    NewThing {
        small: number.into(),
        text: format!("it's ({number}), \"so\""),
        code: Code(format!("c{number}")),
        uuid: Uuid::from_u128(number.into()),
        day,
        at: local.and_utc(),
        local,
        time: local.time(),
        amount: Decimal::new(i64::from(number) * 100, 2),
        price: Decimal::new(number.into(), 0),
        padded: format!("p{number}"),
        tone: None,
        bytes: vec![number, 0, 255],
        host: IpAddr::from([10, 0, 0, number]),
        real: f64::from(number) / 3.0,
        yes: None,
        list: vec![1, number.into()],
    }
}

/// Makes a row like another in one column.
type Change = fn(&mut NewThing, NewThing);

/// What a flush of three says when this makes the second like one that is there.
async fn taken(fresh: &Fresh, change: Change) -> (Vec<usize>, Vec<&'static str>) {
    let mut s = fresh.db.session();
    let mut second = thing(2);
    change(&mut second, thing(9));
    let rows = s.add_all([thing(1), second, thing(3)]);
    let error = s.flush().await.expect_err("taken");
    assert_eq!(error.kind(), ErrorKind::UniqueViolation, "{error}");
    let failure = s.failure().expect("it is there");
    let named = failure.rows::<Thing>();
    let named = named.iter().map(|row| {
        rows.iter()
            .position(|other| other == row)
            .expect("it is there")
    });
    (named.collect(), failure.columns().to_vec())
}

#[tokio::test]
async fn a_taken_value_of_every_type_names_its_row() {
    let (fresh, mut s) = shop_of(entities![Thing]).await;
    s.add(NewThing {
        tone: Some(Tone::High),
        yes: Some(true),
        ..thing(9)
    });
    s.commit().await.unwrap();
    let changes: [(&str, Change); 16] = [
        ("small", |row, other| row.small = other.small),
        ("text", |row, other| row.text = other.text),
        ("code", |row, other| row.code = other.code),
        ("uuid", |row, other| row.uuid = other.uuid),
        ("day", |row, other| row.day = other.day),
        ("at", |row, other| row.at = other.at),
        ("local", |row, other| row.local = other.local),
        ("time", |row, other| row.time = other.time),
        // It is stored as 9.00.
        ("amount", |row, _| row.amount = Decimal::new(90, 1)),
        ("price", |row, other| row.price = other.price),
        ("padded", |row, other| row.padded = other.padded),
        ("tone", |row, _| row.tone = Some(Tone::High)),
        ("bytes", |row, other| row.bytes = other.bytes),
        ("host", |row, other| row.host = other.host),
        ("real", |row, other| row.real = other.real),
        ("yes", |row, _| row.yes = Some(true)),
    ];
    for (column, change) in changes {
        assert_eq!(taken(&fresh, change).await, (vec![1], vec![column]));
    }
    // Arrays are not taken apart and put together again for this: all are named.
    let lists = taken(&fresh, |row, other| row.list = other.list).await;
    assert_eq!(lists, (vec![0, 1, 2], vec!["list"]));
}

#[tokio::test]
async fn a_value_with_what_stands_behind_it_is_not_mistaken_for_a_shorter_one() {
    let (fresh, mut s) = shop_of(entities![Thing]).await;
    let text = |number, text: &str| NewThing {
        text: text.into(),
        ..thing(number)
    };
    s.add(text(9, "a) b"));
    s.commit().await.unwrap();
    let mut s = fresh.db.session();
    let rows = s.add_all([text(1, "a"), text(2, "a) b"), text(3, "")]);
    s.flush().await.unwrap_err();
    assert_eq!(s.failure().unwrap().row::<Thing>(), Some(rows[1]));
}
