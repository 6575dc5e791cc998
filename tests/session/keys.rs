//! Keys of every kind: made by the database, by the caller, of several columns.

use crate::shop::shop_of;
use ormcore::{Entity, entities};
use uuid::Uuid;

#[derive(Entity, Debug)]
#[orm(table = "boxes", insert(NewBox))]
struct Box {
    #[orm(primary_key, generated)]
    id: Uuid,
    name: String,
}

#[derive(Entity, Debug)]
#[orm(table = "things", insert(NewThing))]
struct Thing {
    #[orm(primary_key)]
    code: String,
    #[orm(references(Box))]
    box_id: Option<Uuid>,
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "cells", insert(NewCell))]
struct Cell {
    #[orm(primary_key)]
    row: i32,
    #[orm(primary_key)]
    column: String,
    value: Option<i64>,
}

#[tokio::test]
async fn a_key_that_the_database_makes_is_known_to_those_who_refer_to_it() {
    let (fresh, mut s) = shop_of(entities![Box, Thing]).await;
    let boxes = s.add_all(["a", "b"].map(|name| NewBox { name: name.into() }));
    let box_id = Some(s.key(boxes[1]));
    let thing = s.add(NewThing {
        code: "x".into(),
        box_id,
    });
    // The caller's own key is real from the start.
    assert_eq!(s.key(thing), "x");
    s.commit().await.unwrap();
    assert_eq!(s[thing].box_id, Some(s[boxes[1]].id));
    assert_ne!(s[boxes[0]].id, s[boxes[1]].id);
    assert_eq!(s.get::<Thing>("x".into()).await.unwrap(), thing);
    s.remove(boxes[0]);
    s[thing].box_id = None;
    s.remove(boxes[1]);
    s.commit().await.unwrap();
    assert_eq!(Box::find().count(&fresh.db).await.unwrap(), 0);
    assert_eq!(Thing::find().one(&fresh.db).await.unwrap().code, "x");
}

#[tokio::test]
async fn keys_of_several_columns_find_their_rows() {
    let (fresh, mut s) = shop_of(entities![Cell]).await;
    let cell = |row: i32, column: &str| NewCell {
        row,
        column: column.into(),
        value: None,
    };
    let cells = s.add_all([cell(1, "a"), cell(1, "b"), cell(2, "a")]);
    assert_eq!(s.key(cells[1]), (1, "b".into()));
    s.commit().await.unwrap();
    assert_eq!(s.get::<Cell>((2, "a".into())).await.unwrap(), cells[2]);
    s[cells[0]].value = Some(7);
    s[cells[2]].value = Some(8);
    s.remove(cells[1]);
    s.commit().await.unwrap();
    let stored = Cell::find()
        .order_by(Cell::ROW)
        .all(&fresh.db)
        .await
        .unwrap();
    assert_eq!((&stored[0], &stored[1]), (&s[cells[0]], &s[cells[2]]));
    assert_eq!(stored.len(), 2);
}
