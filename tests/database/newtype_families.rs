//! A newtype of a number, moment, range, network or text is computed with and asked like what it is around.

use crate::fresh::{Fresh, fresh};
use chrono::{DateTime, NaiveDate, Utc};
use ormcore::value::{Cidr, Inet, Interval, Multirange, Range};
use ormcore::{Condition, Entity, Unit, Value, entities, now};
use rust_decimal::Decimal;

/// In cents.
#[derive(Value, Clone, Copy, Debug, PartialEq)]
struct Money(i64);

#[derive(Value, Clone, Debug, PartialEq)]
struct Share(f64);

/// A domain: PostgreSQL computes with what is under it.
#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "fee", check = "VALUE >= 0")]
struct Fee(Decimal);

#[derive(Value, Clone, Copy, Debug, PartialEq, PartialOrd)]
#[orm(domain = "age", check = "VALUE BETWEEN 0 AND 150")]
struct Age(i32);

#[derive(Value, Clone, Debug, PartialEq)]
struct Since(DateTime<Utc>);

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "day_of_birth")]
struct Born(NaiveDate);

#[derive(Value, Clone, Debug, PartialEq)]
struct Host(Inet);

#[derive(Value, Clone, Debug, PartialEq)]
struct Net(Cidr);

#[derive(Value, Clone, Debug, PartialEq)]
struct Seats(Range<i32>);

#[derive(Value, Clone, Debug, PartialEq)]
struct Nick(String);

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "members", insert(NewMember))]
struct Member {
    #[orm(primary_key, generated)]
    id: i64,
    nick: Nick,
    balance: Money,
    limit: Option<Money>,
    share: Share,
    fee: Fee,
    age: Age,
    served: Range<Age>,
    served_before: Multirange<Age>,
    since: Since,
    born: Option<Born>,
    host: Host,
    net: Option<Net>,
    seats: Seats,
}

fn member(nick: &str, balance: i64, limit: Option<i64>) -> NewMember {
    NewMember {
        nick: Nick(nick.into()),
        balance: Money(balance),
        limit: limit.map(Money),
        share: Share(0.25),
        fee: Fee(Decimal::new(150, 2)),
        age: Age(30),
        served: (Age(18)..Age(20)).into(),
        served_before: [Age(1)..Age(2)].into_iter().collect(),
        since: Since("2024-02-29T12:00:00Z".parse().expect("a time")),
        born: Some(Born("1994-01-31".parse().expect("a day"))),
        host: Host("10.1.2.3/16".parse().expect("an address")),
        net: Some(Net("10.1.0.0/16".parse().expect("a network"))),
        seats: Seats((4..8).into()),
    }
}

async fn two() -> Fresh {
    let fresh = fresh(entities![Member]).await;
    let rows = vec![member("Ada", 500, Some(-100)), member("Bob", -20, None)];
    let rows = Member::insert_many(rows).all(&fresh.db).await;
    let read = Member::get(rows.expect("members")[0].id).one(&fresh.db);
    let served = read.await.expect("Ada").served;
    assert!(served.contains(&Age(19)) && !served.contains(&Age(20)));
    fresh
}

#[tokio::test]
async fn numbers_are_computed_and_summed_in_their_newtype() {
    let fresh = two().await;
    let db = &fresh.db;
    let ada = || Member::find().filter(Member::NICK.eq(Nick("Ada".into())));
    let (balance, limit) = (Member::BALANCE, Member::LIMIT);
    let computed = ada().select((
        balance + Money(5),
        balance - limit,
        -balance,
        limit + balance,
        limit.abs(),
    ));
    let computed = computed.one(db).await.unwrap();
    let expected = (
        Money(505),
        Money(600),
        Money(-500),
        Some(Money(400)),
        Some(Money(100)),
    );
    assert_eq!(computed, expected);
    let of_all = Member::find().select((balance.sum(), limit.sum(), balance.avg(), balance.max()));
    let of_all = of_all.one(db).await.unwrap();
    assert_eq!(
        of_all,
        (Some(480), Some(-100), Some(240.0), Some(Money(500)))
    );
    let fractions = ada().select((
        Member::SHARE.round_to(1),
        Member::SHARE * Share(2.0),
        Member::FEE.ceil(),
        Member::FEE + Fee(Decimal::ONE),
        Member::FEE.sum().over(ormcore::Window::new()),
    ));
    let (rounded, doubled, ceiling, more, sum) = fractions.one(db).await.unwrap();
    assert_eq!((rounded, doubled), (Share(0.3), Share(0.5)));
    assert_eq!((ceiling, more), (Fee(2.into()), Fee(Decimal::new(250, 2))));
    assert_eq!(sum, Some(Decimal::new(150, 2)));
    let paid = Member::update_many().set(balance, balance + Money(1));
    assert_eq!(paid.all_rows().execute(db).await.unwrap(), 2);
    let rich = Member::find().filter((balance * Money(2)).gt(Money(1000)));
    assert_eq!(rich.one(db).await.unwrap().balance, Money(501));
}

#[tokio::test]
async fn moments_ranges_networks_and_texts_have_their_operators() {
    let fresh = two().await;
    let day = Interval {
        days: 1,
        ..Interval::default()
    };
    let moment = |text: &str| Since(text.parse().expect("a time"));
    let holds = Condition::all([
        Member::SINCE.plus(day).eq(moment("2024-03-01T12:00:00Z")),
        Member::SINCE.lt(now()),
        Member::SINCE.truncate(Unit::Hour).eq(Member::SINCE),
        Member::SINCE
            .since(moment("2024-02-29T11:59:59Z"))
            .eq(Interval::microseconds(1_000_000)),
        Member::BORN.part(Unit::Day).eq(31),
        Member::BORN
            .plus(day)
            .eq(Born("1994-02-01".parse().expect("a day"))),
        Member::AGE.in_range(Age(18)..Age(31)),
        Member::AGE.in_range(Age(18)..=Age(30)),
        Member::SERVED.includes(Age(18)) & !Member::SERVED.includes(Member::AGE),
        Member::SERVED_BEFORE.includes(Age(1)),
        Member::SERVED.lower_bound().eq(Age(18)),
        Member::SERVED.covers(Age(18)..Age(19)),
        Member::SEATS.includes(4) & Member::SEATS.overlaps(7..9),
        Member::SEATS
            .without(Seats((6..9).into()))
            .eq(Seats((4..6).into())),
        Member::HOST.in_network(Member::NET),
        Member::NET.has_address(Member::HOST),
        Member::NICK.starts_with("A") & Member::NICK.lower().eq(Nick("ada".into())),
    ]);
    let found = Member::find().filter(holds).one(&fresh.db).await.unwrap();
    assert_eq!(found.nick, Nick("Ada".into()));
    let nicks = Member::find().select(Member::NICK.string_agg("+").order_by(Member::ID));
    let nicks = nicks.one(&fresh.db).await.unwrap();
    assert_eq!(nicks.as_deref(), Some("Ada+Bob"));
}
