//! Writes of many rows and of few: copies into tables and out of them, inserts in order, upserts of every kind, changes by
//! expressions, what comes back of them, versions, and rows that are deleted, or only seem so.
//! Run it with `cargo run --example bulk`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use chrono::{DateTime, Utc};
use dev_postgres::Database;
use futures_util::StreamExt as _;
use ormcore::{Db, Entity, ErrorKind, entities, excluded, fragment, inserted, row, sql};
use std::collections::BTreeMap;

#[derive(Entity, Debug)]
#[orm(table = "bulk_items", insert(NewItem))]
struct Item {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    code: String,
    name: String,
    #[orm(default = "10")]
    pieces: i32,
    shelf: Option<String>,
    #[orm(version)]
    version: i32,
    #[orm(updated)]
    updated_at: DateTime<Utc>,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

/// What came, and what went.
#[derive(Entity, Debug)]
#[orm(table = "bulk_movements", insert(NewMovement))]
struct Movement {
    #[orm(primary_key)]
    id: i64,
    code: String,
    pieces: i32,
}

#[derive(Entity, Debug)]
#[orm(table = "bulk_archive", insert(NewArchived))]
struct Archived {
    #[orm(primary_key)]
    id: i64,
    code: String,
    pieces: i32,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn movement(line: &str) -> Result<NewMovement, Failure> {
    let mut fields = line.split(',');
    let mut field = || fields.next().ok_or("a line has three fields");
    Ok(NewMovement {
        id: field()?.parse()?,
        code: field()?.to_owned(),
        pieces: field()?.parse()?,
    })
}

fn item(code: &str, name: &str, pieces: Option<i32>) -> NewItem {
    NewItem {
        code: code.to_owned(),
        name: name.to_owned(),
        pieces,
        shelf: None,
    }
}

async fn copies(db: &Db) -> Result<(), Failure> {
    // Rows of an iterator, however many. The first error among them ends the copy, and nothing of it is stored.
    let lines = ["1,tea,40", "2,cup,12", "3,tea,-5", "4,cup,-2"];
    let copied = Movement::copy_in(lines.map(movement)).execute(db).await?;
    assert_eq!(copied, 4);
    let broken = Movement::copy_in(["5,pot,1", "6,pot,many"].map(movement));
    let error = broken.execute(db).await.err().ok_or("it was stored")?;
    println!("nothing was copied: {error}");
    assert_eq!(Movement::find().count(db).await?, 4);

    // From one table into another, without ever having them all.
    let archived = |row: Movement| NewArchived {
        id: row.id,
        code: row.code,
        pieces: row.pieces,
    };
    let rows = Movement::find().stream(db);
    let rows = rows.map(|row| row.map(archived));
    assert_eq!(Archived::copy_in_stream(rows).execute(db).await?, 4);

    // Out again: as rows, and as text for others.
    let gone = Archived::find().filter(Archived::PIECES.lt(0));
    let mut gone = gone.order_by(Archived::ID).copy_out(db);
    let mut pieces = Vec::new();
    while let Some(row) = gone.next().await.transpose()? {
        pieces.push((row.code, -row.pieces));
    }
    assert_eq!(pieces, [("tea".to_owned(), 5), ("cup".to_owned(), 2)]);
    let rows = Archived::find().order_by(Archived::ID).limit(2);
    let (mut csv, mut text) = (Vec::new(), rows.copy_out_csv(db));
    while let Some(piece) = text.next().await.transpose()? {
        csv.extend_from_slice(&piece);
    }
    assert_eq!(csv, b"id,code,pieces\n1,tea,40\n2,cup,12\n");

    // Deleted rows come back as they were, whole or in part.
    let mut gone = Archived::delete()
        .filter(Archived::PIECES.lt(0))
        .all(db)
        .await?;
    gone.sort_by_key(|row| row.id);
    assert_eq!((gone[0].id, &*gone[1].code, gone.len()), (3, "cup", 2));
    let tea = Archived::delete()
        .key(1)
        .returning((Archived::CODE, Archived::PIECES));
    assert_eq!(tea.one(db).await?, ("tea".to_owned(), 40));
    assert_eq!(Archived::find().count(db).await?, 1);
    Ok(())
}

async fn inserts(db: &Db) -> ormcore::Result<()> {
    // They come back in the order given, with what the database made of them.
    let new = vec![
        item("tea", "Tea", Some(35)),
        item("cup", "Cup", None),
        item("pot", "Pot", Some(3)),
    ];
    let items = Item::insert_many(new).all(db).await?;
    let stored: Vec<_> = items
        .iter()
        .map(|item| (&*item.code, item.pieces))
        .collect();
    assert_eq!(stored, [("tea", 35), ("cup", 10), ("pot", 3)]);
    assert!(items[0].id < items[1].id && items[1].id < items[2].id);

    // Or only what is asked for: keys, or columns.
    let new = ["jug", "jar"].map(|code| item(code, code, Some(0)));
    let keys: Vec<i64> = Item::insert_many(new.into()).keys(db).await?;
    assert_eq!(Item::get(keys[1]).one(db).await?.code, "jar");
    let can = Item::insert(item("can", "Can", None)).returning((Item::CODE, Item::PIECES));
    assert_eq!(can.one(db).await?, ("can".to_owned(), 10));
    Ok(())
}

async fn upserts(db: &Db) -> ormcore::Result<()> {
    // Who is in the way stays as it is; or gets some of the new values; or all of them, where what is left to the database
    // becomes its default again.
    let tea = |pieces| Item::upsert(item("tea", "Green tea", pieces)).on_conflict(Item::CODE);
    assert!(tea(Some(1)).do_nothing().maybe(db).await?.is_none());
    let renamed = tea(Some(1)).update(Item::NAME).one(db).await?;
    assert_eq!((&*renamed.name, renamed.pieces), ("Green tea", 35));
    assert_eq!(tea(None).update_all().one(db).await?.pieces, 10);

    // What is there and what would have been inserted, together; and only if it may be.
    let delivered = |pieces| {
        tea(Some(pieces))
            .set(Item::PIECES, Item::PIECES + excluded(Item::PIECES))
            .filter(excluded(Item::PIECES).gt(0))
    };
    let more = delivered(25).returning(Item::PIECES).one(db).await?;
    assert_eq!(more, 35);
    assert!(delivered(-99).maybe(db).await?.is_none());

    // By the name of the constraint; and of many rows, which of them are new.
    let named = Item::upsert(item("pot", "Teapot", Some(4))).on_constraint("bulk_items_code_key");
    assert_eq!(named.update_all().one(db).await?.name, "Teapot");
    let both = vec![item("lid", "Lid", Some(6)), item("pot", "Teapot", Some(5))];
    let both = Item::upsert_many(both).on_conflict(Item::CODE).update_all();
    let both: Vec<(Item, bool)> = both.returning((row(), inserted())).all(db).await?;
    let new: BTreeMap<_, _> = both.iter().map(|(item, new)| (&*item.code, *new)).collect();
    assert_eq!(new, BTreeMap::from([("lid", true), ("pot", false)]));
    Ok(())
}

async fn changes(db: &Db) -> ormcore::Result<()> {
    // Each row to values of its own, in one statement; they come back in the order given.
    let items = Item::find().order_by(Item::ID).limit(3).all(db).await?;
    let shelves = items.iter().zip(["A1", "A2", "B1"]).rev();
    let shelves = shelves.map(|(item, shelf)| (item.id, Some(shelf.to_owned())));
    let placed = Item::update_each(Item::SHELF, shelves).all(db).await?;
    assert_eq!(
        (&*placed[0].code, placed[0].shelf.as_deref()),
        ("pot", Some("B1"))
    );
    // `#[orm(updated)]` is the moment of the last change, whoever makes it.
    assert!(placed[0].updated_at > items[2].updated_at);

    // To what an expression makes of the row, to NULL, to the default of the column.
    let sold = Item::update_many().filter(Item::SHELF.starts_with("A"));
    let sold = sold.set(Item::PIECES, Item::PIECES * 2 - 1);
    let mut sold = sold.returning((Item::CODE, Item::PIECES)).all(db).await?;
    sold.sort_unstable();
    assert_eq!(sold, [("cup".to_owned(), 19), ("tea".to_owned(), 69)]);
    let moved = Item::update_many().set_null(Item::SHELF).all_rows();
    assert_eq!(moved.execute(db).await?, 7);
    let tea = Item::update(items[0].id).set(Item::NAME, Item::CODE.upper());
    let tea = tea.set(Item::PIECES, fragment("DEFAULT").as_::<i32>());
    let tea = tea.one(db).await?;
    assert_eq!((&*tea.name, tea.pieces, tea.shelf), ("TEA", 10, None));
    Ok(())
}

async fn versions(db: &Db) -> ormcore::Result<()> {
    // Somebody else is faster. What was based on the old row is refused, and done again with the new one.
    let mut cup = Item::find().filter(Item::CODE.eq("cup")).one(db).await?;
    let other = Item::update(cup.id).set(Item::PIECES, Item::PIECES + 1);
    other.execute(db).await?;
    let mut tries = 0;
    let cup = loop {
        tries += 1;
        let change = Item::update(cup.id).version(cup.version);
        match change.set(Item::PIECES, cup.pieces + 100).one(db).await {
            Err(error) if error.kind() == ErrorKind::StaleVersion => {
                println!("once more: {error}");
                cup = Item::get(cup.id).one(db).await?;
            }
            done => break done?,
        }
    };
    assert_eq!((tries, cup.pieces), (2, 120));
    let stale = Item::delete().key(cup.id).version(cup.version - 1);
    let stale = stale.execute(db).await.map_err(|error| error.kind());
    assert_eq!(stale, Err(ErrorKind::StaleVersion));
    Ok(())
}

async fn soft_deletes(db: &Db) -> ormcore::Result<()> {
    // Marked, and left out of what is asked from then on, unless it is meant.
    let empty = Item::delete().filter(Item::PIECES.eq(0));
    let empty = empty
        .returning((Item::ID, Item::DELETED_AT))
        .all(db)
        .await?;
    assert!(empty.len() == 2 && empty.iter().all(|(_, moment)| moment.is_some()));
    let all = || Item::find().with_deleted();
    assert_eq!(
        (Item::find().count(db).await?, all().count(db).await?),
        (5, 7)
    );
    let bin = Item::find().only_deleted().order_by(Item::CODE);
    assert_eq!(bin.select(Item::CODE).all(db).await?, ["jar", "jug"]);

    // One comes back, the other goes for good.
    let (back, gone) = (empty[0].0, empty[1].0);
    assert!(Item::get(back).maybe(db).await?.is_none());
    let back = Item::restore(back).one(db).await?;
    assert_eq!((back.pieces, back.deleted_at), (0, None));
    assert_eq!(Item::delete().key(gone).hard().execute(db).await?, 1);
    assert_eq!(all().count(db).await?, 6);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Item, Movement, Archived]).await?;
    copies(&db).await?;
    inserts(&db).await?;
    upserts(&db).await?;
    changes(&db).await?;
    versions(&db).await?;
    soft_deletes(&db).await?;
    println!("all was written");
    sql("DROP TABLE bulk_items, bulk_movements, bulk_archive")
        .batch(&db)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
