//! Many rows come back in the order given, whatever their keys are and whoever makes them.

use crate::fresh::{Fresh, fresh, fresh_after};
use ormcore::{Entity, ErrorKind, entities};
use uuid::Uuid;

/// Makes an entity with a key and a number, and the test that its rows come back in order.
macro_rules! in_order {
    ($test:ident, $set_up:expr, $(#[$key:meta])* $ty:ty) => {
        #[tokio::test]
        async fn $test() {
            #[derive(Entity, Debug)]
            #[orm(table = "things", insert(NewThing))]
            struct Thing {
                $(#[$key])*
                id: $ty,
                number: i32,
            }

            let set_up: Option<&'static str> = $set_up;
            let fresh = match set_up {
                Some(sql) => fresh_after(sql).await,
                None => fresh(entities![Thing]).await,
            };
            let rows = (0..1_000).rev().map(|number| NewThing { number });
            let things = Thing::insert_many(rows.collect());
            let things = things.all(&fresh.db).await.unwrap();
            let numbers = things.iter().map(|thing| thing.number);
            assert!(numbers.eq((0..1_000).rev()));
            let mut keys: Vec<_> = things.iter().map(|thing| thing.id.clone()).collect();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), 1_000);
            let one = Thing::insert(NewThing { number: -1 });
            let one = one.one(&fresh.db).await.unwrap();
            assert!(!keys.contains(&one.id));
            let stored = Thing::get(things[7].id.clone()).one(&fresh.db).await;
            assert_eq!(stored.unwrap().number, things[7].number);
            let number = || NewThing { number: 5 };
            let counted = Thing::insert_many(vec![number(), number()]);
            assert_eq!(counted.execute(&fresh.db).await.unwrap(), 2);
            let rows = (0..1_000).rev().map(|number| NewThing { number });
            let keys = Thing::insert_many(rows.collect()).keys(&fresh.db);
            let keys = keys.await.unwrap();
            assert_eq!(keys.len(), 1_000);
            for (number, key) in (0..1_000).rev().zip(keys).step_by(99) {
                let stored = Thing::get(key).one(&fresh.db).await.unwrap();
                assert_eq!(stored.number, number);
            }
        }
    };
}

in_order!(
    keys_of_an_identity_column_are_in_order,
    None,
    #[orm(primary_key, generated)]
    i64
);

in_order!(
    keys_that_are_always_an_identity_are_in_order,
    Some(
        "CREATE TABLE things (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number integer NOT NULL)"
    ),
    #[orm(primary_key, generated)]
    i32
);

in_order!(
    keys_of_a_serial_column_are_in_order,
    Some("CREATE TABLE things (id bigserial PRIMARY KEY, number integer NOT NULL)"),
    #[orm(primary_key, generated)]
    i64
);

in_order!(
    random_uuids_are_in_order,
    None,
    #[orm(primary_key, generated)]
    Uuid
);

in_order!(
    keys_that_an_expression_makes_are_in_order,
    Some(
        "CREATE SEQUENCE numbers;
         CREATE TABLE things (id text DEFAULT 'T-' || nextval('numbers') PRIMARY KEY, number integer NOT NULL)"
    ),
    #[orm(primary_key, generated, default = "'T-' || nextval('numbers')")]
    String
);

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "lines", insert(NewLine))]
struct Line {
    #[orm(primary_key)]
    order_id: Uuid,
    #[orm(primary_key)]
    number: i32,
    #[orm(primary_key)]
    part: String,
    note: Option<String>,
}

fn lines() -> Vec<NewLine> {
    let line = |n: i32| NewLine {
        order_id: Uuid::from_u128(u128::from(n.unsigned_abs() % 7)),
        number: -(n % 13),
        part: format!("part {n}"),
        note: (n % 2 == 0).then(|| n.to_string()),
    };
    (0..1_000).map(line).collect()
}

#[tokio::test]
async fn keys_of_several_columns_given_by_the_caller_are_in_order() {
    let fresh = fresh(entities![Line]).await;
    let stored = Line::insert_many(lines()).all(&fresh.db).await.unwrap();
    assert_eq!(stored.len(), 1_000);
    for (stored, given) in stored.iter().zip(lines()) {
        assert_eq!(stored.part, given.part);
        assert_eq!(stored.note, given.note);
    }
    ormcore::sql("DELETE FROM lines")
        .execute(&fresh.db)
        .await
        .unwrap();
    let keys = Line::insert_many(lines()).keys(&fresh.db).await.unwrap();
    for (key, given) in keys.into_iter().zip(lines()) {
        assert_eq!(key, (given.order_id, given.number, given.part));
    }
    let nothing = Line::insert_many(Vec::new()).keys(&fresh.db).await;
    assert!(nothing.unwrap().is_empty());
    let key = (stored[5].order_id, -5, "part 5");
    assert_eq!(Line::get(key).one(&fresh.db).await.unwrap(), stored[5]);
    let update = Line::update(key).set(Line::NOTE, "changed");
    let changed = update.one(&fresh.db).await.unwrap();
    assert_eq!(changed.note.as_deref(), Some("changed"));
    let delete = Line::delete().key(key).execute(&fresh.db).await;
    assert_eq!(delete.unwrap(), 1);
    let other = (stored[5].order_id, -5, "part 6");
    assert!(Line::get(other).maybe(&fresh.db).await.unwrap().is_none());
    assert_eq!(Line::find().count(&fresh.db).await.unwrap(), 999);
}

#[derive(Entity, Debug)]
#[orm(table = "labels", insert(NewLabel))]
struct Label {
    #[orm(primary_key, default = "gen_random_uuid()")]
    id: Uuid,
    name: String,
}

#[tokio::test]
async fn some_keys_may_be_given_and_others_made() {
    let fresh = fresh(entities![Label]).await;
    let label = |n: u128| NewLabel {
        id: n.is_multiple_of(2).then(|| Uuid::from_u128(n)),
        name: n.to_string(),
    };
    let labels = Label::insert_many((0..100).map(label).collect());
    let labels = labels.all(&fresh.db).await.unwrap();
    for (n, stored) in (0..).zip(&labels) {
        assert_eq!(stored.name, n.to_string());
        assert_eq!(stored.id == Uuid::from_u128(n), n % 2 == 0);
    }
}

async fn silenced(trigger: &'static str) -> Fresh {
    let fresh = fresh(entities![Label]).await;
    let trigger = ormcore::sql(trigger).batch(&fresh.db);
    trigger.await.expect("a trigger");
    fresh
}

#[tokio::test]
async fn rows_that_a_trigger_drops_are_missed() {
    let fresh = silenced(
        "CREATE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER drop_row BEFORE INSERT ON labels FOR EACH ROW WHEN (NEW.name = 'odd')
         EXECUTE FUNCTION drop_row()",
    )
    .await;
    let label = |name: &str| NewLabel {
        id: None,
        name: name.into(),
    };
    let error = Label::insert(label("odd")).one(&fresh.db).await;
    let error = error.unwrap_err();
    assert!(error.is_not_found());
    assert!(error.to_string().contains("the database stored no `Label`"));
    assert_eq!(
        Label::insert(label("odd"))
            .execute(&fresh.db)
            .await
            .unwrap(),
        0
    );
    let both = || vec![label("even"), label("odd")];
    let error = Label::insert_many(both()).all(&fresh.db).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = error.to_string();
    assert!(text.contains("1 of 2 rows came back"), "{text}");
    assert!(text.contains("table `labels`"), "{text}");
    let error = Label::insert_many(both()).keys(&fresh.db).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
    let many = Label::insert_many(both()).execute(&fresh.db).await;
    assert_eq!(many.unwrap(), 1);
}
