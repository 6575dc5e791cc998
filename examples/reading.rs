//! Ways to read rows: page by page, one by one, some at a time, without keeping them, of one moment, and while they are locked.
//! Run it with `cargo run --example reading`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Cursor, Db, Entity, ErrorKind, Isolation, Many, entities, sql};

#[derive(Entity, Debug)]
#[orm(table = "reading_depots", insert(NewDepot))]
struct Depot {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(has_many(Parcel, key = depot_id))]
    parcels: Many<Parcel>,
}

#[derive(Entity, Debug)]
#[orm(table = "reading_parcels", insert(NewParcel))]
struct Parcel {
    #[orm(primary_key)]
    id: i64,
    #[orm(references(Depot))]
    depot_id: i64,
    label: String,
    /// Nothing until somebody has weighed it.
    grams: Option<i32>,
    note: Option<String>,
}

fn parcel(id: i64, label: &str, grams: Option<i32>) -> NewParcel {
    NewParcel {
        id,
        depot_id: 1 + id % 2,
        label: label.to_owned(),
        grams,
        note: (id == 1).then(|| "fragile".to_owned()),
    }
}

/// Seven parcels, in two depots in turn.
async fn open(db: &Db) -> ormcore::Result<()> {
    let depots = [(1, "north"), (2, "south")].map(|(id, name)| NewDepot {
        id,
        name: name.into(),
    });
    Depot::insert_many(depots.into()).execute(db).await?;
    let parcels = vec![
        parcel(1, "vase", Some(900)),
        parcel(2, "book", Some(300)),
        parcel(3, "boots", None),
        parcel(4, "lamp", Some(900)),
        parcel(5, "pen", Some(20)),
        parcel(6, "mirror", Some(4000)),
        parcel(7, "letter", None),
    ];
    Parcel::insert_many(parcels).execute(db).await?;
    Ok(())
}

async fn pages(db: &Db) -> ormcore::Result<()> {
    // The heaviest first. A cursor says where a page ended; as text it fits into a link.
    let heaviest = || Parcel::find().order_by(Parcel::GRAMS.desc().nulls_last());
    let (mut link, mut pages): (Option<String>, _) = (None, Vec::new());
    loop {
        let cursor = link.as_deref().map(str::parse::<Cursor>).transpose()?;
        let page = heaviest().after(cursor).page(3, db).await?;
        let labels: Vec<String> = page.rows.into_iter().map(|row| row.label).collect();
        pages.push(labels.join(" "));
        link = page.next.map(|cursor| cursor.to_string());
        if link.is_none() {
            break;
        }
    }
    println!("pages: {pages:?}");
    assert_eq!(pages, ["mirror vase lamp", "book pen boots", "letter"]);

    // A cursor is of one order, and refused by another.
    let page = heaviest().page(3, db).await?;
    let other = Parcel::find().order_by(Parcel::LABEL).after(page.next);
    let refused = other.page(3, db).await.map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(ErrorKind::Usage));

    // By number, where somebody wants to see how many there are; rows and total are of one moment.
    let numbered = Parcel::find().order_by(Parcel::ID).consistent();
    let numbered = numbered.numbered_page(3, 3, db).await?;
    assert_eq!((numbered.total, numbered.pages), (7, 3));
    assert_eq!(numbered.rows[0].id, 7);
    Ok(())
}

async fn one_by_one(db: &Db) -> ormcore::Result<()> {
    // A stream decodes the rows as they arrive: however many they are, they take the memory of a few.
    let mut weight = 0;
    let mut parcels = Parcel::find().filter(Parcel::GRAMS.gt(100)).stream(db);
    while let Some(parcel) = parcels.next().await.transpose()? {
        weight += parcel.grams.unwrap_or_default();
    }
    assert_eq!(weight, 6100);

    // Some at a time, for what takes them in batches; of a selection too.
    let labels = Parcel::find().order_by(Parcel::ID).select(Parcel::LABEL);
    let mut labels = labels.stream(db);
    let mut batches = Vec::new();
    loop {
        let batch = labels.next_chunk(3).await?;
        if batch.is_empty() {
            break;
        }
        batches.push(batch.join("+"));
    }
    assert_eq!(batches, ["vase+book+boots", "lamp+pen+mirror", "letter"]);

    // Or shown while they pass: only what is asked for is read, and text is not copied.
    let (mut longest, mut notes, mut unweighed) = (0, 0, Vec::new());
    let seen = Parcel::find().for_each(db, |parcel| {
        longest = longest.max(parcel.text(Parcel::LABEL)?.len());
        notes += usize::from(parcel.maybe_text(Parcel::NOTE)?.is_some());
        if parcel.get(Parcel::GRAMS)?.is_none() {
            unweighed.push(parcel.to_entity()?.id);
        }
        Ok(())
    });
    assert_eq!(seen.await?, 7);
    unweighed.sort_unstable();
    assert_eq!((longest, notes, unweighed), (6, 1, vec![3, 7]));
    Ok(())
}

/// How many parcels each depot has.
fn sizes(depots: &[Depot]) -> ormcore::Result<Vec<(&str, usize)>> {
    let size = |depot: &Depot| depot.parcels.get().map(<[Parcel]>::len);
    let sizes = depots.iter().map(|depot| Ok((&*depot.name, size(depot)?)));
    sizes.collect()
}

async fn of_one_moment(db: &Db) -> ormcore::Result<()> {
    // Depots and their parcels take two statements, which see the same rows.
    let depots = || Depot::find().order_by(Depot::ID).with(Depot::PARCELS);
    let read = depots().consistent().all(db).await?;
    assert_eq!(sizes(&read)?, [("north", 3), ("south", 4)]);

    // A transaction has to be one that keeps its moment: then it sees nothing of what others commit meanwhile.
    let tx = db.begin().isolation(Isolation::RepeatableRead).await?;
    assert_eq!(Parcel::find().count(&tx).await?, 7);
    Parcel::insert(parcel(8, "drum", None)).execute(db).await?;
    let read = depots().consistent().all(&tx).await?;
    assert_eq!(sizes(&read)?, [("north", 3), ("south", 4)]);
    tx.commit().await?;
    let tx = db.begin().await?;
    let refused = depots().consistent().all(&tx).await;
    assert_eq!(
        refused.map_err(|error| error.kind()).err(),
        Some(ErrorKind::Usage)
    );
    tx.rollback().await?;
    Parcel::delete().key(8).execute(db).await?;
    Ok(())
}

async fn locked(db: &Db) -> ormcore::Result<()> {
    // Two workers take the next parcel each: what one has locked the other passes over.
    let next = || {
        let free = Parcel::find().filter(Parcel::GRAMS.is_null());
        free.order_by(Parcel::ID)
            .limit(1)
            .for_update()
            .skip_locked()
    };
    let (one, other) = (db.begin().await?, db.begin().await?);
    let (mine, yours) = (next().one(&one).await?, next().one(&other).await?);
    assert_eq!((&*mine.label, &*yours.label), ("boots", "letter"));
    assert!(next().all(db).await?.is_empty());

    // Who does not want to wait is told so at once.
    let busy = Parcel::get(mine.id).nowait().one(&other).await;
    let busy = busy.map_err(|error| error.kind());
    assert_eq!(busy.err(), Some(ErrorKind::LockNotAvailable));
    other.rollback().await?;
    Parcel::update(mine.id)
        .set(Parcel::GRAMS, 1500)
        .execute(&one)
        .await?;
    one.commit().await?;

    // A shared lock: nobody changes the row, several may rely on it.
    let (one, other) = (db.begin().await?, db.begin().await?);
    let depot = || Depot::get(1).for_share().nowait();
    assert_eq!(
        depot().one(&one).await?.name,
        depot().one(&other).await?.name
    );
    other.commit().await?;
    let change = Depot::find().filter(Depot::ID.eq(1)).for_no_key_update();
    let refused = change.nowait().all(db).await.map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(ErrorKind::LockNotAvailable));
    one.commit().await?;

    // Where the key stays as it is: others can still add rows that refer to it.
    let tx = db.begin().await?;
    let depot = Depot::get(1).for_no_key_update().one(&tx).await?;
    Parcel::insert(NewParcel {
        depot_id: depot.id,
        ..parcel(8, "drum", None)
    })
    .execute(db)
    .await?;
    let name = format!("{}-west", depot.name);
    let depot = Depot::update(depot.id)
        .set(Depot::NAME, name)
        .one(&tx)
        .await?;
    tx.commit().await?;
    assert_eq!(depot.name, "north-west");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Depot, Parcel]).await?;
    open(&db).await?;
    pages(&db).await?;
    one_by_one(&db).await?;
    of_one_moment(&db).await?;
    locked(&db).await?;
    println!("all was read");
    sql("DROP TABLE reading_parcels, reading_depots")
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
