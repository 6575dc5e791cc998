//! Columns that a function of the program fills where a new row leaves them out.

use crate::fresh::fresh;
use crate::library::refused;
use ormcore::{Entity, entities};
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

static NEXT: AtomicI64 = AtomicI64::new(1);

fn number() -> i64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn nobody() -> Option<String> {
    Some("nobody".to_owned())
}

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(
    table = "orders",
    insert(NewOrder, derive(Debug, serde::Deserialize)),
    patch(OrderPatch)
)]
struct Order {
    #[orm(primary_key, default_with = Uuid::now_v7)]
    id: Uuid,
    /// A number that counts up.
    #[orm(default_with = number, validate(range(min = 1)))]
    number: i64,
    #[orm(default_with = nobody)]
    by: Option<String>,
    text: String,
}

fn order(text: &str) -> NewOrder {
    NewOrder {
        id: None,
        number: None,
        by: None,
        text: text.into(),
    }
}

#[tokio::test]
async fn what_is_left_out_is_made_for_each_row_and_what_is_given_stays() {
    let fresh = fresh(entities![Order]).await;
    let db = &fresh.db;
    let one = Order::insert(order("a")).one(db).await.unwrap();
    assert_eq!(one.id.get_version_num(), 7);
    assert_eq!(one.by.as_deref(), Some("nobody"));
    let given = NewOrder {
        id: Some(Uuid::nil()),
        number: Some(77),
        by: Some(None),
        text: "b".into(),
    };
    let two = Order::insert(given).one(db).await.unwrap();
    assert_eq!((two.id, two.number, two.by), (Uuid::nil(), 77, None));

    let mut rows = ["c", "d", "e"].map(order);
    rows[1].number = Some(78);
    let many = Order::insert_many(rows.clone().into())
        .all(db)
        .await
        .unwrap();
    let texts: Vec<&str> = many.iter().map(|row| &*row.text).collect();
    assert_eq!(texts, ["c", "d", "e"]);
    assert_eq!(many[1].number, 78);
    assert!(many[0].id != many[2].id && many[0].number != many[2].number);
    rows[0].by = Some(Some("me".into()));
    assert_eq!(Order::copy_in(rows).execute(db).await.unwrap(), 3);
    let copied = Order::find().filter(Order::TEXT.in_(["c", "d", "e"]));
    let copied = copied.filter(Order::BY.eq("me")).one(db).await.unwrap();
    assert_eq!(copied.id.get_version_num(), 7);
}

#[tokio::test]
async fn json_may_leave_it_out_and_a_null_is_a_value() {
    let fresh = fresh(entities![Order]).await;
    let new: NewOrder = serde_json::from_str(r#"{"text": "a"}"#).unwrap();
    assert_eq!((new.id, new.number, &new.by), (None, None, &None));
    let one = Order::insert(new).one(&fresh.db).await.unwrap();
    assert_eq!(one.by.as_deref(), Some("nobody"));
    let new: NewOrder = serde_json::from_str(r#"{"text": "b", "by": null}"#).unwrap();
    let two = Order::insert(new).one(&fresh.db).await.unwrap();
    assert_eq!(two.by, None);
}

#[tokio::test]
async fn what_is_given_in_its_place_is_checked() {
    let fresh = fresh(entities![Order]).await;
    let mut wrong = order("a");
    wrong.number = Some(0);
    let error = Order::insert(wrong).one(&fresh.db).await.unwrap_err();
    assert_eq!(refused(&error), [("number", "range", None)]);
    let id = Order::insert(order("a")).one(&fresh.db).await.unwrap().id;
    let patch = OrderPatch {
        number: Some(-1),
        ..OrderPatch::default()
    };
    let error = Order::update(id).patch(patch).one(&fresh.db).await;
    assert_eq!(refused(&error.unwrap_err()), [("number", "range", None)]);
}
