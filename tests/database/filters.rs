//! Every operator finds the rows it says.

use crate::fresh::{Fresh, fresh};
use ormcore::{Condition, Entity, ErrorKind, entities};

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "wares", insert(NewWare))]
struct Ware {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    nick: Option<String>,
    stock: i32,
    wanted: Option<i32>,
}

const WARES: [(&str, Option<&str>, i32, Option<i32>); 6] = [
    ("apple", None, 1, Some(1)),
    ("Apricot", Some("apple"), 2, Some(1)),
    ("50% juice", Some("50% juice"), 3, None),
    ("500 juice", None, 4, Some(5)),
    ("back\\slash", Some("x"), 5, Some(5)),
    ("under_score", None, 6, None),
];

async fn shop() -> Fresh {
    let fresh = fresh(entities![Ware]).await;
    let rows = WARES.map(|(name, nick, stock, wanted)| NewWare {
        name: name.into(),
        nick: nick.map(str::to_owned),
        stock,
        wanted,
    });
    let rows = Ware::insert_many(rows.into());
    rows.execute(&fresh.db).await.expect("wares");
    fresh
}

impl Fresh {
    /// The stock of the wares for which this holds: 1 to 6, in order.
    async fn stock(&self, condition: Condition<Ware>) -> Vec<i32> {
        let found = Ware::find().filter(condition).order_by(Ware::ID);
        let found = found.all(&self.db).await.expect("wares");
        found.iter().map(|ware| ware.stock).collect()
    }
}

#[tokio::test]
async fn comparisons_compare() {
    let shop = shop().await;
    for (condition, expected) in [
        (Ware::STOCK.eq(3), vec![3]),
        (Ware::STOCK.ne(3), vec![1, 2, 4, 5, 6]),
        (Ware::STOCK.lt(3), vec![1, 2]),
        (Ware::STOCK.le(3), vec![1, 2, 3]),
        (Ware::STOCK.gt(3), vec![4, 5, 6]),
        (Ware::STOCK.ge(3), vec![3, 4, 5, 6]),
        (Ware::STOCK.between(2, 4), vec![2, 3, 4]),
        (Ware::STOCK.between(4, 2), vec![]),
        (!Ware::STOCK.between(2, 4), vec![1, 5, 6]),
        (Ware::NAME.eq("apple"), vec![1]),
        (Ware::NAME.eq("APPLE"), vec![]),
        (Ware::NICK.eq("apple".to_owned()), vec![2]),
        (Ware::NICK.ne("apple"), vec![3, 5]),
    ] {
        let shape = format!("{condition:?}");
        assert_eq!(shop.stock(condition).await, expected, "{shape}");
    }
}

#[tokio::test]
async fn columns_are_compared_with_columns() {
    let shop = shop().await;
    for (condition, expected) in [
        (Ware::STOCK.eq(Ware::WANTED), vec![1, 5]),
        (Ware::WANTED.ne(Ware::STOCK), vec![2, 4]),
        (Ware::STOCK.lt(Ware::WANTED), vec![4]),
        (Ware::STOCK.le(Ware::WANTED), vec![1, 4, 5]),
        (Ware::STOCK.gt(Ware::WANTED), vec![2]),
        (Ware::STOCK.ge(Ware::WANTED), vec![1, 2, 5]),
        (Ware::NAME.eq(Ware::NICK), vec![3]),
    ] {
        let shape = format!("{condition:?}");
        assert_eq!(shop.stock(condition).await, expected, "{shape}");
    }
}

#[tokio::test]
async fn null_is_asked_for_by_name() {
    let shop = shop().await;
    assert_eq!(shop.stock(Ware::NICK.is_null()).await, [1, 4, 6]);
    assert_eq!(shop.stock(Ware::NICK.is_not_null()).await, [2, 3, 5]);
    assert_eq!(shop.stock(!Ware::NICK.is_null()).await, [2, 3, 5]);
    let either = Ware::NICK.eq("x").or(Ware::NICK.is_null());
    assert_eq!(shop.stock(either).await, [1, 4, 5, 6]);
}

#[tokio::test]
async fn a_list_is_one_parameter_however_long() {
    let shop = shop().await;
    let none = Vec::<i32>::new();
    assert!(shop.stock(Ware::STOCK.in_(none.clone())).await.is_empty());
    let all = [1, 2, 3, 4, 5, 6];
    assert_eq!(shop.stock(Ware::STOCK.not_in(none.clone())).await, all);
    // Even a NULL is not among nothing.
    assert_eq!(shop.stock(Ware::WANTED.not_in(none)).await, all);
    assert_eq!(shop.stock(Ware::STOCK.in_([2])).await, [2]);
    assert_eq!(shop.stock(Ware::NAME.in_(["apple", "pear"])).await, [1]);
    assert_eq!(shop.stock(Ware::WANTED.not_in([1])).await, [4, 5]);
    shop.statements();
    let many = || 3..100_003;
    assert_eq!(shop.stock(Ware::STOCK.in_(many())).await, [3, 4, 5, 6]);
    assert_eq!(shop.stock(Ware::STOCK.not_in(many())).await, [1, 2]);
    let names = (0..100_000).map(|n| format!("apple{n}"));
    let names = names.chain(["apple".to_owned()]);
    assert_eq!(shop.stock(Ware::NAME.in_(names)).await, [1]);
    for statement in shop.statements() {
        assert!(statement.contains("($1)") && !statement.contains("$2"));
    }
}

#[tokio::test]
async fn patterns_match_and_can_be_escaped() {
    let shop = shop().await;
    for (condition, expected) in [
        (Ware::NAME.like("ap%"), vec![1]),
        (Ware::NAME.not_like("ap%"), vec![2, 3, 4, 5, 6]),
        (Ware::NAME.ilike("ap%"), vec![1, 2]),
        (Ware::NAME.not_ilike("%A%"), vec![3, 4, 6]),
        (Ware::NAME.like("50_ juice"), vec![3, 4]),
        (Ware::NAME.like("50\\% juice"), vec![3]),
        (Ware::NAME.like("%\\\\%"), vec![5]),
        (Ware::NICK.ilike("APP%".to_owned()), vec![2]),
        (Ware::NICK.not_like("%x%"), vec![2, 3]),
    ] {
        let shape = format!("{condition:?}");
        assert_eq!(shop.stock(condition).await, expected, "{shape}");
    }
    let error = Ware::find().filter(Ware::NAME.like("\\"));
    let error = error.all(&shop.db).await.unwrap_err();
    assert_eq!(error.code(), Some("22025"), "{error}");
}

#[tokio::test]
async fn text_is_taken_literally_where_no_pattern_is_asked_for() {
    let shop = shop().await;
    for (condition, expected) in [
        (Ware::NAME.starts_with("50%"), vec![3]),
        (Ware::NAME.starts_with("50"), vec![3, 4]),
        (Ware::NAME.starts_with("back\\"), vec![5]),
        (Ware::NAME.starts_with(""), vec![1, 2, 3, 4, 5, 6]),
        (Ware::NAME.ends_with("_score"), vec![6]),
        (Ware::NAME.ends_with("\\slash"), vec![5]),
        (Ware::NAME.contains("_"), vec![6]),
        (Ware::NAME.contains("%"), vec![3]),
        (Ware::NAME.contains("\\"), vec![5]),
        (Ware::NAME.contains("juice"), vec![3, 4]),
        (Ware::NICK.contains("%"), vec![3]),
    ] {
        let shape = format!("{condition:?}");
        assert_eq!(shop.stock(condition).await, expected, "{shape}");
    }
}

#[tokio::test]
async fn conditions_bind_as_they_are_nested() {
    let shop = shop().await;
    let (one, two, three) = (
        || Ware::STOCK.eq(1),
        || Ware::STOCK.le(2),
        || Ware::STOCK.le(3),
    );
    assert_eq!(shop.stock(one().or(two()).and(!one())).await, [2]);
    assert_eq!(shop.stock(one().or(two().and(!one()))).await, [1, 2]);
    assert_eq!(shop.stock(one() | three() & !two()).await, [1, 3]);
    assert_eq!(shop.stock((one() | three()) & !two()).await, [3]);
    assert_eq!(shop.stock(!(one() | !two())).await, [2]);
    assert_eq!(shop.stock(!!one()).await, [1]);
    let filters = Ware::find().filter(one().or(three())).filter(!one());
    assert_eq!(filters.count(&shop.db).await.unwrap(), 2);
}

#[tokio::test]
async fn filters_are_built_in_loops() {
    let shop = shop().await;
    let words = ["ap", "juice", "under"];
    let any = Condition::any(words.map(|word| Ware::NAME.ilike(&*format!("%{word}%"))));
    assert_eq!(shop.stock(any).await, [1, 2, 3, 4, 6]);
    assert_eq!(shop.stock(Condition::all([])).await.len(), 6);
    assert!(shop.stock(Condition::any([])).await.is_empty());

    let mut find = Ware::find();
    for word in ["5", "juice", "%"] {
        find = find.filter(Ware::NAME.contains(word));
    }
    assert_eq!(find.one(&shop.db).await.unwrap().stock, 3);
}

#[tokio::test]
async fn a_chain_of_thousands_of_conditions_is_no_tower() {
    let shop = shop().await;
    let appended = (7..5_000).fold(Ware::STOCK.eq(1), |all, stock| all | Ware::STOCK.eq(stock));
    let prepended = (7..5_000).fold(Ware::STOCK.eq(2), |all, stock| Ware::STOCK.eq(stock) | all);
    assert_eq!(shop.stock(appended | prepended).await, [1, 2]);
    let narrowed = (7..5_000).fold(Ware::STOCK.gt(5), |all, stock| Ware::STOCK.lt(stock) & all);
    assert_eq!(shop.stock(narrowed).await, [6]);
}

#[tokio::test]
async fn the_form_of_a_condition_can_be_seen_and_its_values_cannot() {
    let condition = Ware::NAME.eq("secret").and(Ware::STOCK.in_([4711]));
    let shape = format!(
        "{condition:?} {:?}",
        Ware::find().filter(Ware::STOCK.eq(4711))
    );
    assert!(shape.contains("name") && shape.contains("stock"), "{shape}");
    assert!(
        !shape.contains("secret") && !shape.contains("4711"),
        "{shape}"
    );
}

#[tokio::test]
async fn a_filter_that_fails_names_the_statement_and_the_line() {
    let shop = shop().await;
    let drop = ormcore::sql("DROP TABLE wares").batch(&shop.db);
    drop.await.unwrap();
    let find = Ware::find().filter(Ware::NAME.eq("secret"));
    let error = find.all(&shop.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
    assert_eq!(error.code(), Some("42P01"));
    let statement = error.statement().unwrap();
    assert!(statement.ends_with("FROM \"wares\" WHERE \"name\" = $1"));
    assert!(error.location().unwrap().file().ends_with("filters.rs"));
    assert!(!error.to_string().contains("secret"), "{error}");
}
