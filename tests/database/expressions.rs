//! Every function and operator: its SQL, and the rows it finds.

use crate::fresh::{Fresh, fresh};
use ormcore::{
    Condition, Entity, ErrorKind, Expression, IntoCondition, Unit, case, entities, fragment,
};

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "wares", insert(NewWare), patch(WarePatch))]
struct Ware {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    nick: Option<String>,
    stock: i32,
    wanted: Option<i32>,
    price: f64,
    tags: Vec<String>,
    fresh: bool,
    made: chrono::NaiveDate,
}

async fn shop() -> Fresh {
    let fresh = fresh(entities![Ware]).await;
    let ware = |name: &str, nick: Option<&str>, stock, wanted, tags: &[&str], fresh, day| NewWare {
        name: name.to_owned(),
        nick: nick.map(str::to_owned),
        stock,
        wanted,
        price: f64::from(stock) / 2.0,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        fresh,
        made: chrono::NaiveDate::from_ymd_opt(2026, 11, day).expect("a day"),
    };
    let rows = vec![
        ware("apple", None, 1, Some(2), &["fruit", "red"], true, 2),
        ware(" Pear ", Some("pear"), 5, Some(1), &["fruit"], false, 9),
        ware("quick brown foxes", Some("apple"), 7, None, &[], true, 20),
    ];
    Ware::insert_many(rows)
        .execute(&fresh.db)
        .await
        .expect("wares");
    fresh.statements();
    fresh
}

impl Fresh {
    /// The ids of the wares for which this holds, and the condition as it was sent.
    async fn holds(&self, condition: impl IntoCondition<Ware>) -> (Vec<i64>, String) {
        let found = Ware::find().filter(condition).order_by(Ware::ID);
        let found = found.all(&self.db).await.expect("wares");
        let statement = self.statements().pop().expect("a statement");
        let (_, condition) = statement.split_once(" WHERE ").expect("a condition");
        let condition = condition.trim_end_matches(" ORDER BY \"id\"").to_owned();
        (found.iter().map(|ware| ware.id).collect(), condition)
    }
}

macro_rules! expect {
    ($shop:ident: $($condition:expr => $sql:literal, $ids:expr;)*) => {$(
        let (ids, sql) = $shop.holds($condition).await;
        assert_eq!((ids.as_slice(), &*sql), ($ids.as_slice(), $sql));
    )*};
}

const NONE: [i64; 0] = [];

#[tokio::test]
async fn terms_are_compared_with_terms() {
    let shop = shop().await;
    expect! { shop:
        Ware::STOCK.gt(Ware::WANTED) => r#""stock" > "wanted""#, [2];
        Ware::STOCK.ge(Ware::WANTED + 4) => r#""stock" >= ("wanted" + $1::integer)"#, [2];
        (Ware::STOCK * 2).eq(Ware::WANTED) => r#"("stock" * $1::integer) = "wanted""#, [1];
        (Ware::STOCK - 1).between(0, Ware::WANTED) => r#"("stock" - $1::integer) BETWEEN $2::integer AND "wanted""#, [1];
        (Ware::STOCK + 1).in_([2, 6]) => r#"("stock" + $1::integer) = ANY($2::integer[])"#, [1, 2];
        (Ware::STOCK + 1).not_in([2, 6]) => r#"("stock" + $1::integer) <> ALL($2::integer[])"#, [3];
        (-Ware::STOCK / 2).lt(-2) => r#"((- "stock") / $1::integer) < $2::integer"#, [3];
        (Ware::STOCK % 5).eq(0) => r#"("stock" % $1::integer) = $2::integer"#, [2];
        (Ware::STOCK - 6).abs().eq(1) => r#"abs(("stock" - $1::integer)) = $2::integer"#, [2, 3];
        Ware::WANTED.is_distinct_from(2) => r#""wanted" IS DISTINCT FROM $1"#, [2, 3];
        Ware::NICK.is_not_distinct_from(Ware::NAME) => r#""nick" IS NOT DISTINCT FROM "name""#, NONE;
        (Ware::WANTED + 1).is_null() => r#"("wanted" + $1::integer) IS NULL"#, [3];
        (Ware::WANTED + 1).is_not_null() => r#"("wanted" + $1::integer) IS NOT NULL"#, [1, 2];
        Ware::NICK.coalesce(Ware::NAME).eq("apple") => r#"coalesce("nick", "name") = $1::text"#, [1, 3];
        Ware::STOCK.null_if(5).is_null() => r#"nullif("stock", $1) IS NULL"#, [2];
        Ware::STOCK.greatest(Ware::WANTED).eq(2) => r#"greatest("stock", "wanted") = $1::integer"#, [1];
        Ware::STOCK.least(Ware::WANTED).eq(1) => r#"least("stock", "wanted") = $1::integer"#, [1, 2];
        Ware::STOCK.cast::<f64>().eq(Ware::PRICE * 2.0) => r#"CAST("stock" AS double precision) = ("price" * $1::double precision)"#, [1, 2, 3];
        Ware::FRESH => r#""fresh""#, [1, 3];
        Expression::<Ware, i32>::value(5).eq(Ware::STOCK) => r#"$1::integer = "stock""#, [2];
        Expression::<Ware, i32>::call("mod", [Ware::STOCK.into(), (Ware::STOCK - 2).into()]).eq(2)
            => r#"mod("stock", ("stock" - $1::integer)) = $2::integer"#, [2, 3];
    }
}

#[tokio::test]
async fn text_has_its_functions() {
    let shop = shop().await;
    expect! { shop:
        Ware::NAME.lower().trim().eq(Ware::NICK) => r#"btrim(lower("name")) = "nick""#, [2];
        Ware::NAME.upper().starts_with("APP") => r#"upper("name") LIKE $1::text"#, [1];
        Ware::NAME.icontains("PEAR") => r#""name" ILIKE $1"#, [2];
        Ware::NAME.length().gt(6) => r#"char_length("name") > $1::integer"#, [3];
        Ware::NICK.length().is_null() => r#"char_length("nick") IS NULL"#, [1];
        Ware::NAME.substring(2, 3).eq("ppl") => r#"substring("name", $1::integer, $2::integer) = $3::text"#, [1];
        Ware::NAME.replace("pp", "b").eq("able") => r#"replace("name", $1::text, $2::text) = $3::text"#, [1];
        Ware::NAME.concat("!").eq("apple!") => r#"("name" || $1::text) = $2::text"#, [1];
        Ware::NAME.matches("^[a-q]") => r#""name" ~ $1"#, [1, 3];
        Ware::NAME.imatches("pe?ar") => r#""name" ~* $1"#, [2];
        Ware::NAME.search("english", "fox") => r#"to_tsvector('english', "name") @@ websearch_to_tsquery('english', $1::text)"#, [3];
        Ware::NAME.search("english", "fox -quick") => r#"to_tsvector('english', "name") @@ websearch_to_tsquery('english', $1::text)"#, NONE;
        Ware::NAME.search_rank("simple", "apple").gt(0.0) => r#"ts_rank(to_tsvector('simple', "name"), websearch_to_tsquery('simple', $1::text)) > $2::real"#, [1];
    }
}

#[tokio::test]
async fn arrays_and_times_have_theirs() {
    let shop = shop().await;
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    expect! { shop:
        Ware::TAGS.has("red") => r#"$1::text = ANY("tags")"#, [1];
        Ware::TAGS.has(Ware::NAME) => r#""name" = ANY("tags")"#, NONE;
        Ware::TAGS.has_all(tags(&["red", "fruit"])) => r#""tags" @> $1::text[]"#, [1];
        Ware::TAGS.has_any(tags(&["red", "fruit"])) => r#""tags" && $1::text[]"#, [1, 2];
        Ware::TAGS.is_within(tags(&["fruit"])) => r#""tags" <@ $1::text[]"#, [2, 3];
        Ware::TAGS.count_elements().ge(1) => r#"cardinality("tags") >= $1::integer"#, [1, 2];
        Ware::TAGS.in_([tags(&["fruit"]), tags(&[])]) => r#""tags" IN ($1, $2)"#, [2, 3];
        Ware::MADE.part(Unit::Day).eq(9) => r#"CAST(floor(date_part('day', "made")) AS integer) = $1::integer"#, [2];
        Ware::MADE.truncate(Unit::Week).eq(Ware::MADE) => r#"CAST(date_trunc('week', "made") AS date) = "made""#, [1, 2];
    }
}

#[tokio::test]
async fn cases_and_fragments_are_terms_too() {
    let shop = shop().await;
    let size = || {
        case::<Ware, String>()
            .when(Ware::STOCK.lt(2), "few")
            .when(Ware::STOCK.lt(6), "some")
    };
    let twice = |value: i32| {
        fragment("2 * ")
            .term(Ware::STOCK)
            .sql(" = ")
            .bind(value)
            .sql(" OR FALSE")
    };
    expect! { shop:
        size().otherwise("many").eq("some")
            => r#"CASE WHEN "stock" < $1 THEN $2::text WHEN "stock" < $3 THEN $4::text ELSE $5::text END = $6::text"#, [2];
        size().or_null().is_null()
            => r#"CASE WHEN "stock" < $1 THEN $2::text WHEN "stock" < $3 THEN $4::text END IS NULL"#, [3];
        case::<Ware, i32>().otherwise(Ware::STOCK).eq(1) => r#""stock" = $1"#, [1];
        case::<Ware, i32>().or_null().is_null() => r#"$1::integer IS NULL"#, [1, 2, 3];
        twice(10) => r#"(2 * "stock" = $1::integer OR FALSE)"#, [2];
        !twice(10).into_condition().expect("one") => r#"NOT ((2 * "stock" = $1::integer OR FALSE))"#, [1, 3];
        fragment("length(").term(Ware::NAME.trim()).sql(")").as_::<i32>().eq(4)
            => r#"(length(btrim("name"))) = $1::integer"#, [2];
    }
}

#[tokio::test]
async fn a_filter_can_be_left_out_at_run_time() {
    let shop = shop().await;
    for (name, stock, expected) in [
        (None, None, vec![1, 2, 3]),
        (Some("apple"), None, vec![1]),
        (Some("apple"), Some(5), vec![]),
        (None, Some(5), vec![2]),
    ] {
        let found = Ware::find()
            .filter(name.map(|name| Ware::NAME.eq(name)))
            .filter(stock.map(|stock| Ware::STOCK.eq(stock)))
            .order_by(Ware::ID)
            .all(&shop.db)
            .await
            .unwrap();
        let ids: Vec<i64> = found.iter().map(|ware| ware.id).collect();
        assert_eq!(ids, expected);
    }
    let none: Option<Condition<Ware>> = None;
    let refused = Ware::delete().filter(none).execute(&shop.db).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn a_column_is_set_to_what_is_computed() {
    let shop = shop().await;
    let pear = Ware::update(2)
        .set(Ware::STOCK, Ware::STOCK + 1)
        .set(Ware::WANTED, Ware::STOCK)
        .set(Ware::NICK, Ware::NAME.trim().lower().concat("!"))
        .set(Ware::PRICE, Ware::PRICE)
        .one(&shop.db)
        .await
        .unwrap();
    assert_eq!((pear.stock, pear.wanted), (6, Some(5)));
    assert_eq!((pear.nick.as_deref(), pear.price), (Some("pear!"), 2.5));
    let sent = shop.statements().pop().unwrap();
    let set = r#"SET "stock" = ("stock" + $1::integer), "wanted" = "stock", "nick" = (lower(btrim("name")) || $2::text), "price" = "price" WHERE"#;
    assert!(sent.contains(set), "{sent}");
}

#[tokio::test]
async fn rows_are_ordered_by_what_is_computed() {
    let shop = shop().await;
    let found = Ware::find()
        .order_by((Ware::STOCK - 5).abs())
        .order_by(Ware::NAME.length().desc().nulls_last())
        .all(&shop.db)
        .await
        .unwrap();
    assert_eq!(
        found.iter().map(|ware| ware.id).collect::<Vec<_>>(),
        [2, 3, 1]
    );
}

#[tokio::test]
async fn a_number_that_does_not_fit_is_an_error() {
    let shop = shop().await;
    let refused = Ware::find()
        .filter((Ware::STOCK + i32::MAX).gt(0))
        .all(&shop.db)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Database);
    assert_eq!(refused.code(), Some("22003"));
    let patch = WarePatch::default();
    assert_eq!(
        Ware::update(1)
            .patch(patch)
            .execute(&shop.db)
            .await
            .unwrap(),
        0
    );
}
