//! Numbers of any length, NaN and the infinities, as PostgreSQL has them.

use crate::fresh::fresh;
use ormcore::value::{Numeric, Range};
use ormcore::{Entity, ErrorKind, entities, sql};
use rust_decimal::Decimal;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "constants", insert(NewConstant))]
struct Constant {
    #[orm(primary_key)]
    number: Numeric,
    perhaps: Option<Numeric>,
    span: Range<Numeric>,
    #[orm(type = "numeric(5, 2)")]
    short: Numeric,
}

fn number(text: &str) -> Numeric {
    text.parse().expect("a number")
}

fn constant(text: &str) -> NewConstant {
    NewConstant {
        number: number(text),
        perhaps: Some(number(text)),
        span: (number("0.5")..=number("1.50")).into(),
        short: number("1.5"),
    }
}

#[tokio::test]
async fn a_number_is_what_postgresql_says_it_is_and_comes_back() {
    let fresh = fresh(entities![Constant]).await;
    let longest = "9".repeat(131_072) + "." + &"9".repeat(16_383);
    let smallest = format!("-0.{}1", "0".repeat(16_382));
    for text in [
        "0",
        "0.000",
        "-1",
        "12.500",
        "100000000000000000000000000000000000000000000000000",
        "0.12345678901234567890123456789012345678901234567890",
        "123456789012345678901234567890.10",
        "NaN",
        "Infinity",
        "-Infinity",
        &smallest,
        &longest,
    ] {
        let asked = sql("SELECT $1::numeric::text = $2 AND $2::numeric = $1");
        let same: bool = asked
            .bind(number(text))
            .bind(text)
            .scalar(&fresh.db)
            .await
            .unwrap();
        assert!(same, "{}", &text[..text.len().min(60)]);
        let read = sql("SELECT $1::text::numeric").bind(text);
        let read: Numeric = read.scalar(&fresh.db).await.unwrap();
        assert_eq!(read.to_string(), text);
        let stored = Constant::insert(constant(text))
            .one(&fresh.db)
            .await
            .unwrap();
        assert_eq!(
            (&stored.number, stored.perhaps),
            (&read, Some(read.clone()))
        );
        assert_eq!(stored.short.to_string(), "1.50");
        assert!(stored.span.contains(&number("1.5")));
        let found = Constant::get(number(text)).one(&fresh.db).await.unwrap();
        assert_eq!(found.number.to_string(), text);
        assert_eq!(
            Constant::delete()
                .key(number(text))
                .execute(&fresh.db)
                .await
                .unwrap(),
            1
        );
    }
}

#[tokio::test]
async fn numbers_are_compared_and_computed_by_the_server() {
    let fresh = fresh(entities![Constant]).await;
    let texts = [
        "-Infinity",
        "-1e40",
        "0",
        "1e-40",
        "1e40",
        "Infinity",
        "NaN",
    ];
    let rows = texts.iter().rev().map(|text| constant(text)).collect();
    Constant::insert_many(rows)
        .execute(&fresh.db)
        .await
        .unwrap();
    let of = Constant::NUMBER;
    let ordered = Constant::find().order_by(of).select(of).all(&fresh.db);
    let ordered = ordered.await.unwrap();
    assert_eq!(ordered, texts.map(number));
    assert!(ordered.is_sorted());
    let finite = of.between(number("-1e41"), number("1e41"));
    let computed = Constant::find().filter(finite);
    let computed = computed.select((of.sum(), of.avg(), of.max(), (of.min() * number("-1e-40"))));
    let (sum, mean, greatest, product) = computed.one(&fresh.db).await.unwrap();
    assert_eq!(
        (sum.unwrap(), greatest.unwrap()),
        (number("1e-40"), number("1e40"))
    );
    assert_eq!(
        (mean.unwrap(), product.unwrap()),
        (number("2.5e-41"), number("1"))
    );
    let in_span = Constant::find().filter(of.in_range(number("0")..number("1")));
    assert_eq!(in_span.count(&fresh.db).await.unwrap(), 2);
    // What no computer holds is the server's to say.
    let too_long = Constant::find()
        .select(of * number("1e131071"))
        .all(&fresh.db);
    assert_eq!(too_long.await.unwrap_err().code(), Some("22003"));
}

#[derive(Entity, Debug)]
#[orm(table = "constants")]
struct Rounded {
    #[orm(primary_key)]
    number: Decimal,
}

#[tokio::test]
async fn a_decimal_is_the_number_or_an_error_that_names_the_column() {
    let fresh = fresh(entities![Constant]).await;
    for text in ["NaN", "Infinity", "1e131071", "1e-16383"] {
        let one = Constant::insert(constant(text)).execute(&fresh.db);
        assert_eq!(one.await.unwrap(), 1);
        let error = Rounded::find().one(&fresh.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("column `number`"), "{error}");
        Constant::delete()
            .all_rows()
            .execute(&fresh.db)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_tables_of_postgresql_are_read() {
    use ormcore::value::{Char, Oid};
    let fresh = fresh(entities![Constant]).await;
    let text = "SELECT oid, relkind FROM pg_class WHERE relname = 'constants' AND relkind = $1";
    let class = sql(text).bind(Char(b'r'));

    #[derive(ormcore::Row, Debug)]
    struct Class {
        oid: Oid,
        relkind: Char,
    }
    let class = class.one::<Class>(&fresh.db).await.unwrap();
    assert_eq!(class.relkind.to_string(), "r");
    let name = sql("SELECT $1::oid::regclass::text").bind(class.oid);
    assert_eq!(name.scalar::<String>(&fresh.db).await.unwrap(), "constants");
}
