//! Links between rows that have a scope and rows that everybody shares.

use crate::library::TenantId;
use dev_postgres::TestDatabase;
use ormcore::{Db, Entity, Many, entities, schema, sql};

#[derive(Entity, Debug)]
#[orm(table = "seats", insert(NewSeat))]
struct Seat {
    #[orm(primary_key)]
    id: i64,
    #[orm(scope)]
    tenant_id: TenantId,
    #[orm(many_to_many(Colour, through = "seat_colours"))]
    colours: Many<Colour>,
}

#[derive(Entity, Debug)]
#[orm(table = "colours", insert(NewColour))]
struct Colour {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

#[tokio::test]
async fn a_named_table_refers_to_the_shared_side_alone() {
    let database = TestDatabase::create().expect("a database");
    let db = Db::connect(database.url()).await.expect("connects");
    schema::create(&db, entities![Seat, Colour])
        .await
        .expect("tables");
    let refers = sql(
        "SELECT confrelid::regclass::text FROM pg_constraint WHERE conrelid = 'seat_colours'::regclass AND contype = 'f'",
    );
    let refers: Vec<String> = refers.scalars(&db).await.expect("foreign keys");
    assert_eq!(refers, ["colours"]);

    let red = NewColour {
        id: 7,
        name: "red".into(),
    };
    Colour::insert(red).execute(&db).await.expect("a colour");
    let ours = db.scope(TenantId(1));
    let seat = Seat::insert(NewSeat { id: 1 })
        .one(&ours)
        .await
        .expect("a seat");
    Seat::COLOURS
        .of(&seat)
        .add(&ours, [7])
        .await
        .expect("a link");
    let seat = Seat::get(1)
        .with(Seat::COLOURS)
        .one(&ours)
        .await
        .expect("the seat");
    let colours = seat.colours.get().expect("loaded");
    assert_eq!(
        colours
            .iter()
            .map(|colour| &*colour.name)
            .collect::<Vec<_>>(),
        ["red"]
    );
    Colour::delete()
        .all_rows()
        .execute(&db)
        .await
        .expect("deleted");
    assert_eq!(
        Seat::COLOURS.of(&seat).count(&ours).await.expect("a count"),
        0
    );
    assert_eq!((seat.id, seat.tenant_id), (1, TenantId(1)));
    schema::verify(&db, entities![Seat, Colour])
        .await
        .expect("as it was made");
}
