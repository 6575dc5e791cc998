//! A scope that is a part of the key, as it is where a table is made for a database that is distributed by it.

use crate::fresh::{Fresh, fresh};
use ormcore::{Entity, Many, One, entities};

#[derive(Entity, Debug)]
#[orm(table = "orders", insert(NewOrder))]
struct Order {
    #[orm(primary_key, scope)]
    tenant_id: i32,
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(has_many(Line, key = (tenant_id, order_id)))]
    lines: Many<Line>,
}

#[derive(Entity, Debug)]
#[orm(table = "lines", insert(NewLine))]
struct Line {
    #[orm(primary_key, scope)]
    tenant_id: i32,
    #[orm(primary_key)]
    order_id: i64,
    #[orm(primary_key)]
    number: i32,
    text: String,
    #[orm(belongs_to(key = (tenant_id, order_id)))]
    order: One<Order>,
}

/// Two tenants with an order each of the same number, with two lines.
async fn orders() -> Fresh {
    let fresh = fresh(entities![Order, Line]).await;
    for tenant in [1, 2] {
        let db = fresh.db.scope(tenant);
        let name = format!("order of {tenant}");
        let order = Order::insert(NewOrder { id: 1, name }).one(&db).await;
        assert_eq!(order.expect("an order").key(), (tenant, 1));
        let line = |number| NewLine {
            order_id: 1,
            number,
            text: format!("line of {tenant}"),
        };
        let lines = Line::insert_many([1, 2].map(line).into()).keys(&db).await;
        assert_eq!(lines.expect("lines"), [(tenant, 1, 1), (tenant, 1, 2)]);
    }
    fresh.statements();
    fresh
}

#[tokio::test]
async fn relations_by_such_keys_stay_within_it() {
    let orders = orders().await;
    for tenant in [1, 2] {
        let db = &orders.db.scope(tenant);
        let line = format!("line of {tenant}");
        let are_mine =
            |lines: &[Line]| lines.len() == 2 && lines.iter().all(|own| own.text == line);
        let select_in = Order::find().with(Order::LINES).one(db).await.unwrap();
        assert!(are_mine(select_in.lines.get().unwrap()));
        let joined = Order::find()
            .with(Order::LINES.joined())
            .one(db)
            .await
            .unwrap();
        assert!(are_mine(joined.lines.get().unwrap()));
        let lazy = Order::get((tenant, 1)).one(db).await.unwrap();
        assert!(are_mine(lazy.lines.load(&orders.db).await.unwrap()));
        for line in lazy.lines.get().unwrap() {
            let order = line.order.load(&orders.db).await.unwrap();
            assert_eq!(order.name, format!("order of {tenant}"));
        }
        let other = Order::get((3 - tenant, 1)).maybe(db).await;
        assert!(other.unwrap().is_none());
        let counted = Order::find().select(Order::LINES.count()).one(db).await;
        assert_eq!(counted.unwrap(), 2);
    }
    orders.statements();
    let all = Order::find()
        .all_scopes()
        .with(Order::LINES)
        .order_by(Order::TENANT_ID);
    let all = all.all(&orders.db).await.unwrap();
    for (order, tenant) in all.iter().zip([1, 2]) {
        let lines = order.lines.get().unwrap();
        assert_eq!(lines.len(), 2);
        let own = format!("line of {tenant}");
        assert!(lines.iter().all(|line| line.text == own));
    }
    let sent = orders.statements();
    assert!(
        sent[1].contains(r#"("tenant_id", "order_id") IN"#),
        "{sent:?}"
    );
}

#[tokio::test]
async fn writes_by_such_keys_stay_within_it() {
    let orders = orders().await;
    let one = &orders.db.scope(1);
    let text = |order: i64| ((2, order, 1), "changed".to_owned());
    assert_eq!(
        Line::update_each(Line::TEXT, [text(1)])
            .execute(one)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        Line::update((2, 1, 1))
            .set(Line::TEXT, "x")
            .execute(one)
            .await
            .unwrap(),
        0
    );
    assert_eq!(Line::delete().key((2, 1, 1)).execute(one).await.unwrap(), 0);
    let again = NewOrder {
        id: 1,
        name: "again".into(),
    };
    let again = Order::upsert(again)
        .on_conflict(Order::ID)
        .update_all()
        .one(one)
        .await;
    assert_eq!(again.unwrap().name, "again");
    let moved = Line::update((1, 1, 1))
        .set(Line::TENANT_ID, 2)
        .execute(one)
        .await;
    assert_eq!(moved.unwrap_err().kind(), ormcore::ErrorKind::Usage);
    let two = &orders.db.scope(2);
    assert_eq!(Line::delete().all_rows().execute(one).await.unwrap(), 2);
    assert_eq!(Line::find().count(two).await.unwrap(), 2);
    assert_eq!(Order::find().one(two).await.unwrap().name, "order of 2");
}
