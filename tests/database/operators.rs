//! The operators of documents, ranges, networks, moments, numbers and texts: their SQL, and the rows they find.

use crate::fresh::{Fresh, fresh};
use chrono::{DateTime, NaiveDate, Utc};
use ormcore::value::{Cidr, Inet, Interval, Json, Multirange, Range};
use ormcore::{Entity, Expression, IntoCondition, Value, entities, now, random};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "email", check = "VALUE LIKE '%@%'")]
struct Email(String);

/// A document of its own domain, which a part of one need not satisfy.
#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "named", check = "VALUE ? 'name'")]
struct Named(serde_json::Value);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    theme: String,
    tags: Vec<String>,
}

#[derive(Entity, Debug, PartialEq)]
#[orm(insert(NewSeat))]
struct Seat {
    #[orm(primary_key, generated)]
    id: i64,
    info: serde_json::Value,
    settings: Option<Json<Settings>>,
    #[orm(type = "json")]
    plain: serde_json::Value,
    named: Named,
    rows: Range<i32>,
    hours: Option<Multirange<i32>>,
    from: Inet,
    net: Cidr,
    email: Email,
    at: DateTime<Utc>,
    left_at: Option<DateTime<Utc>>,
    day: NaiveDate,
    stock: i32,
    price: f64,
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

async fn hall() -> Fresh {
    let fresh = fresh(entities![Seat]).await;
    let first = NewSeat {
        info: json!({"a": {"b": [1, 2]}, "tags": ["red", "blue"], "price": 5, "it's": null}),
        settings: Some(Json(Settings {
            theme: "dark".into(),
            tags: vec!["x".into()],
        })),
        plain: json!({"k": [10, 20]}),
        named: Named(json!({"name": "one", "size": 1})),
        rows: (1..5).into(),
        hours: Some(Multirange::from_iter([8..12, 14..18])),
        from: "10.1.2.3".parse().expect("an address"),
        net: "10.1.0.0/16".parse().expect("a network"),
        email: Email("Ada@example.org".into()),
        at: moment("2020-11-01T10:00:00Z"),
        left_at: Some(moment("2020-11-02T10:00:00Z")),
        day: NaiveDate::from_ymd_opt(2020, 11, 1).expect("a day"),
        stock: 3,
        price: 2.25,
    };
    let second = NewSeat {
        info: json!({"price": 50, "tags": []}),
        settings: None,
        plain: json!({"k": []}),
        named: Named(json!({"name": "two"})),
        rows: (5..9).into(),
        hours: None,
        from: "192.168.0.7/24".parse().expect("an address"),
        net: "192.168.0.0/24".parse().expect("a network"),
        email: Email("bob@example.com".into()),
        at: Utc::now(),
        left_at: None,
        day: NaiveDate::from_ymd_opt(2020, 11, 20).expect("a day"),
        stock: -7,
        price: -1.75,
    };
    let seats = Seat::insert_many(vec![first, second]);
    seats.execute(&fresh.db).await.expect("seats");
    fresh.statements();
    fresh
}

impl Fresh {
    /// The ids of the seats for which this holds, and the condition as it was sent.
    async fn seated(&self, condition: impl IntoCondition<Seat>) -> (Vec<i64>, String) {
        let found = Seat::find().filter(condition).order_by(Seat::ID);
        let found = found.select(Seat::ID).all(&self.db).await.expect("seats");
        let statement = self.statements().pop().expect("a statement");
        let (_, condition) = statement.split_once(" WHERE ").expect("a condition");
        let condition = condition.trim_end_matches(" ORDER BY \"id\"").to_owned();
        (found, condition)
    }
}

macro_rules! expect {
    ($hall:ident: $($condition:expr => $sql:literal, $ids:expr;)*) => {$(
        let (ids, sql) = $hall.seated($condition).await;
        assert_eq!((ids.as_slice(), &*sql), ($ids.as_slice(), $sql));
    )*};
}

const NONE: [i64; 0] = [];

#[tokio::test]
async fn documents_are_looked_into() {
    let hall = hall().await;
    expect! { hall:
        Seat::INFO.field("price").eq(json!(5)) => r#"("info" -> 'price') = $1::jsonb"#, [1];
        Seat::INFO.field("a").field("b").element(-1).eq(json!(2)) => r#"((("info" -> 'a') -> 'b') -> $1::integer) = $2::jsonb"#, [1];
        Seat::INFO.field("it's").is_null() => r#"("info" -> 'it''s') IS NULL"#, [2];
        Seat::INFO.field_text("it's").is_null() => r#"("info" ->> 'it''s') IS NULL"#, [1, 2];
        Seat::SETTINGS.field_text("theme").eq("dark") => r#"("settings" ->> 'theme') = $1::text"#, [1];
        Seat::INFO.field("tags").element_text(0).starts_with("r") => r#"(("info" -> 'tags') ->> $1::integer) LIKE $2::text"#, [1];
        Seat::INFO.path(["a", "b", "0"]).eq(json!(1)) => r#"("info" #> $1::text[]) = $2::jsonb"#, [1];
        Seat::INFO.path_text(vec!["price".to_owned()]).cast::<Option<i32>>().gt(9) => r#"CAST(("info" #>> $1::text[]) AS integer) > $2::integer"#, [2];
        Seat::INFO.json_contains(json!({"tags": ["red"]})) => r#""info" @> $1::jsonb"#, [1];
        Seat::SETTINGS.field("tags").json_within(Seat::INFO.field("tags")) => r#"("settings" -> 'tags') <@ ("info" -> 'tags')"#, NONE;
        Seat::INFO.field("tags").json_within(json!(["red", "blue", "green"])) => r#"("info" -> 'tags') <@ $1::jsonb"#, [1, 2];
        Seat::NAMED.json_contains(json!({"size": 1})) => r#""named" @> $1::jsonb"#, [1];
        Seat::NAMED.json_contains(Named(json!({"size": 1}))) => r#""named" @> $1::jsonb"#, [1];
        Seat::NAMED.field_text("name").eq("two") => r#"("named" ->> 'name') = $1::text"#, [2];
        Seat::INFO.has_key("a") => r#""info" ? $1::text"#, [1];
        Seat::INFO.has_any_key(["a", "price"]) => r#""info" ?| $1::text[]"#, [1, 2];
        Seat::INFO.has_all_keys(["a", "price"]) => r#""info" ?& $1::text[]"#, [1];
        Seat::INFO.json_path_exists(r#"$.tags[*] ? (@ == "red")"#) => r#""info" @? CAST($1::text AS jsonpath)"#, [1];
        Seat::INFO.json_path_matches("$.price < 10") => r#""info" @@ CAST($1::text AS jsonpath)"#, [1];
        Seat::INFO.field("tags").json_length().eq(2) => r#"jsonb_array_length(("info" -> 'tags')) = $1::integer"#, [1];
        Seat::PLAIN.field("k").json_length().eq(0) => r#"jsonb_array_length((CAST("plain" AS jsonb) -> 'k')) = $1::integer"#, [2];
        Seat::PLAIN.json_contains(json!({"k": [20]})) => r#"CAST("plain" AS jsonb) @> $1::jsonb"#, [1];
        Seat::INFO.json_contains(Seat::PLAIN) => r#""info" @> CAST("plain" AS jsonb)"#, NONE;
    }
    let parts: Vec<(Option<serde_json::Value>, Option<String>, i32)> = Seat::find()
        .order_by(Seat::ID)
        .select((
            Seat::SETTINGS.field("tags"),
            Seat::SETTINGS.field_text("theme"),
            Seat::PLAIN.field("k").json_length().coalesce(0),
        ))
        .all(&hall.db)
        .await
        .unwrap();
    assert_eq!(
        parts,
        [
            (Some(json!(["x"])), Some("dark".to_owned()), 2),
            (None, None, 0)
        ]
    );
}

#[tokio::test]
async fn ranges_lie_beside_and_in_each_other() {
    let hall = hall().await;
    expect! { hall:
        Seat::ROWS.includes(4) => r#""rows" @> $1::integer"#, [1];
        Seat::HOURS.includes(Seat::STOCK + 5) => r#""hours" @> ("stock" + $1::integer)"#, [1];
        Seat::ROWS.covers(2..4) => r#""rows" @> $1::int4range"#, [1];
        Seat::HOURS.covers(15..=17) => r#""hours" @> $1::int4range"#, [1];
        Seat::ROWS.covered_by(..6) => r#""rows" <@ $1::int4range"#, [1];
        Seat::ROWS.overlaps(4..=5) => r#""rows" && $1::int4range"#, [1, 2];
        Seat::ROWS.overlaps(Range::empty()) => r#""rows" && $1::int4range"#, NONE;
        Seat::HOURS.overlaps(Multirange::from_iter([0..1, 17..20])) => r#""hours" && $1::int4multirange"#, [1];
        Seat::ROWS.is_before(5..) => r#""rows" << $1::int4range"#, [1];
        Seat::ROWS.is_after(..=4) => r#""rows" >> $1::int4range"#, [2];
        Seat::ROWS.is_adjacent_to(9..12) => r#""rows" -|- $1::int4range"#, [2];
        Seat::ROWS.is_before(Seat::HOURS) => r#""rows" << "hours""#, [1];
        Seat::ROWS.lower_bound().eq(5) => r#"lower("rows") = $1::integer"#, [2];
        Seat::ROWS.upper_bound().gt(Seat::STOCK) => r#"upper("rows") > "stock""#, [1, 2];
        Seat::ROWS.in_common_with(3..5).is_empty() => r#"isempty(("rows" * $1::int4range))"#, [2];
        Seat::ROWS.joined_with(4..6).eq(Range::from(1..6)) => r#"("rows" + $1::int4range) = $2::int4range"#, [1];
        Seat::ROWS.without(..3).eq(Range::from(3..5)) => r#"("rows" - $1::int4range) = $2::int4range"#, [1];
        Seat::STOCK.in_range(Seat::ROWS) => r#""stock" <@ "rows""#, [1];
        Seat::STOCK.in_range(-9..0) => r#""stock" <@ $1::int4range"#, [2];
    }
}

#[tokio::test]
async fn addresses_lie_in_networks() {
    let hall = hall().await;
    let net = |text: &str| text.parse::<Cidr>().unwrap();
    let address = |text: &str| text.parse::<std::net::IpAddr>().unwrap();
    expect! { hall:
        Seat::FROM.in_network(net("10.0.0.0/8")) => r#""from" <<= $1::cidr"#, [1];
        Seat::FROM.in_network(Seat::NET) => r#""from" <<= "net""#, [1, 2];
        Seat::NET.has_address(address("192.168.0.9")) => r#""net" >>= $1::inet"#, [2];
        Seat::NET.shares_addresses(net("10.1.9.0/24")) => r#""net" && $1::cidr"#, [1];
    }
}

#[tokio::test]
async fn moments_are_shifted_and_subtracted() {
    let hall = hall().await;
    let days = |days| Interval {
        days,
        ..Interval::default()
    };
    let day = |day| NaiveDate::from_ymd_opt(2020, 11, day).unwrap();
    expect! { hall:
        Seat::AT.plus(days(1)).eq(Seat::LEFT_AT) => r#"("at" + $1::interval) = "left_at""#, [1];
        Seat::LEFT_AT.minus(days(1)).eq(Seat::AT) => r#"("left_at" - $1::interval) = "at""#, [1];
        Seat::LEFT_AT.since(Seat::AT).eq(days(1)) => r#"("left_at" - "at") = $1::interval"#, [1];
        Seat::DAY.plus(days(2)).eq(day(3)) => r#"CAST(("day" + $1::interval) AS date) = $2::date"#, [1];
        Seat::DAY.since(day(19)).eq(days(1)) => r#"(CAST("day" AS timestamp) - CAST($1::date AS timestamp)) = $2::interval"#, [2];
        Seat::AT.le(now()) => r#""at" <= CAST(now() AS timestamptz)"#, [1, 2];
    }
    let week = days(7);
    expect! { hall:
        Seat::AT.lt(now().plus(days(1)).minus(week)) => r#""at" < CAST(((now() + $1::interval) - $2::interval) AS timestamptz)"#, [1];
    }
    let left = Seat::update(2).set(Seat::LEFT_AT, now().plus(week));
    let left = left.set(Seat::AT, now()).one(&hall.db).await.unwrap();
    assert_eq!(left.left_at.unwrap() - left.at, chrono::TimeDelta::days(7));
}

#[tokio::test]
async fn numbers_and_texts_have_functions() {
    let hall = hall().await;
    expect! { hall:
        Seat::STOCK.sign().eq(-1) => r#"CAST(sign("stock") AS integer) = $1::integer"#, [2];
        (Seat::STOCK + 6).abs().sqrt().eq(3.0) => r#"sqrt(CAST(abs(("stock" + $1::integer)) AS double precision)) = $2::double precision"#, [1];
        Seat::STOCK.power(2.0).eq(49.0) => r#"power(CAST("stock" AS double precision), $1::double precision) = $2::double precision"#, [2];
        Seat::PRICE.round().eq(-2.0) => r#"CAST(round("price") AS double precision) = $1::double precision"#, [2];
        Seat::PRICE.round_to(1).eq(2.3) => r#"CAST(round(CAST("price" AS numeric), $1::integer) AS double precision) = $2::double precision"#, [1];
        Seat::PRICE.floor().eq(2.0) => r#"CAST(floor("price") AS double precision) = $1::double precision"#, [1];
        Seat::PRICE.ceil().eq(3.0) => r#"CAST(ceil("price") AS double precision) = $1::double precision"#, [1];
        random().lt(1.0) => r#"random() < $1::double precision"#, [1, 2];
        Seat::EMAIL.lower().starts_with("ada") => r#"lower("email") LIKE $1::text"#, [1];
        Seat::EMAIL.ilike("%.COM") => r#""email" ILIKE $1"#, [2];
        Seat::EMAIL.split_part("@", 2).eq(Email("example@".into())) => r#"split_part("email", $1::text, $2::integer) = $3::"email""#, NONE;
        Seat::EMAIL.left(3).matches("^(bob|eve)$") => r#"left("email", $1::integer) ~ $2::text"#, [2];
        Seat::EMAIL.right(4).like(".com") => r#"right("email", $1::integer) LIKE $2::text"#, [2];
        Seat::EMAIL.position("@").eq(4) => r#"strpos("email", $1::text) = $2::integer"#, [1, 2];
        Seat::EMAIL.replace_matches("([a-z]+)\\.org", "\\1.net").like("%example.net") => r#"regexp_replace("email", $1::text, $2::text, 'g') LIKE $3::text"#, [1];
        Seat::EMAIL.pad_left(17, "*").like("**bob%") => r#"lpad("email", $1::integer, $2::text) LIKE $3::text"#, [2];
        Seat::EMAIL.initcap().like("Bob@%") => r#"initcap("email") LIKE $1::text"#, [2];
        Seat::EMAIL.md5().length().eq(32) => r#"char_length(md5("email")) = $1::integer"#, [1, 2];
    }
    let shouted: Vec<Email> = Seat::find()
        .order_by(Seat::ID)
        .select(Seat::EMAIL.upper())
        .all(&hall.db)
        .await
        .unwrap();
    assert_eq!(shouted[1], Email("BOB@EXAMPLE.COM".into()));
    let one = Expression::<Seat, f64>::value(2.5).round();
    let one: f64 = Seat::find()
        .select(one)
        .first(&hall.db)
        .await
        .unwrap()
        .unwrap();
    assert!((2.0..=3.0).contains(&one));
}
