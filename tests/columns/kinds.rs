//! Several kinds of rows in one table, each with rules of its own.

use crate::fresh::fresh;
use crate::library::refused;
use ormcore::{Entity, entities};

#[derive(Entity, Debug)]
#[orm(
    table = "payments",
    kind(column = "method", value = "card"),
    insert(NewCard)
)]
struct Card {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(validate(range(min = 1)))]
    cents: i64,
    #[orm(index, description = "what is printed on it")]
    number: String,
}

#[derive(Entity, Debug)]
#[orm(
    table = "payments",
    kind(column = "method", value = "transfer"),
    insert(NewTransfer)
)]
struct Transfer {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(validate(range(max = 1000)))]
    cents: i64,
}

#[derive(Entity, Debug)]
#[orm(columns(id: i64, cents: i64))]
enum Payment {
    Card(Card),
    Transfer(Transfer),
}

#[tokio::test]
async fn a_row_is_checked_as_its_kind_and_a_change_of_any_kind_as_all() {
    let fresh = fresh(entities![Payment]).await;
    let db = &fresh.db;
    let card = NewCard {
        cents: 0,
        number: "4000".into(),
    };
    let error = Card::insert(card).execute(db).await.unwrap_err();
    assert_eq!(refused(&error), [("cents", "range", None)]);
    let transfer = NewTransfer { cents: 0 };
    let transfer = Transfer::insert(transfer).one(db).await.unwrap();
    let card = NewCard {
        cents: 2000,
        number: "4000".into(),
    };
    let card = Card::insert(card).one(db).await.unwrap();
    assert_eq!(
        (card.cents, &*card.number, transfer.cents),
        (2000, "4000", 0)
    );

    for (cents, text) in [(0, "must be at least 1"), (1001, "must be at most 1000")] {
        let error = Payment::update(card.id).set(Payment::CENTS, cents);
        let error = error.execute(db).await.unwrap_err();
        let [field] = error.invalid_fields() else {
            panic!("{error}");
        };
        assert_eq!((field.entity, field.text), ("Payment", text));
        let each = Payment::update_each(Payment::CENTS, [(card.id, cents)]);
        let error = each.execute(db).await.unwrap_err();
        assert_eq!(refused(&error), [("cents", "range", Some(0))]);
    }
    let right = Payment::update(transfer.id).set(Payment::CENTS, 5);
    match right.one(db).await.unwrap() {
        Payment::Transfer(row) => assert_eq!((row.id, row.cents), (transfer.id, 5)),
        Payment::Card(row) => panic!("{row:?}"),
    }
}
