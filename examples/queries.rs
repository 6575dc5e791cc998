//! Questions: conditions, selections, groups, windows, trees, pages, and SQL of one's own.
//! Run it with `cargo run --example queries`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, Many, Row, Window, count, rank, sql};

#[derive(Entity, Debug)]
#[orm(insert(NewTask))]
struct Task {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Task))]
    part_of: Option<i64>,
    title: String,
    owner: String,
    hours: i32,
    #[orm(has_many(Task, key = part_of))]
    parts: Many<Task>,
}

#[derive(Row, Debug)]
struct Load {
    owner: String,
    tasks: i64,
    hours: Option<i64>,
}

async fn ask(db: &Db) -> ormcore::Result<()> {
    // Conditions are values: of columns, of what is computed from them, of related rows.
    let long = (Task::HOURS * 60).gt(480) | Task::PARTS.any(Task::OWNER.ilike("b%"));
    let long = Task::find().filter(long).order_by(Task::HOURS.desc());
    println!("long: {:?}", long.select(Task::TITLE).all(db).await?);

    // Groups, read as a struct of your own.
    let groups = Task::find().select((Task::OWNER, count(), Task::HOURS.sum()));
    let groups = groups.group_by(Task::OWNER).having(count().gt(1));
    for load in groups.rows::<Load>().all(db).await? {
        println!("{}: {} tasks, {:?} h", load.owner, load.tasks, load.hours);
    }

    // Each row beside others: its place among those of its owner.
    let of_owner = Window::new().partition_by(Task::OWNER);
    let place = rank().over(of_owner.order_by(Task::HOURS.desc()));
    let places = Task::find().select((Task::TITLE, place));
    println!("places: {:?}", places.all(db).await?);

    // A row and all that a relation leads to from it, however far, page by page.
    let house = Task::find().filter(Task::TITLE.eq("House"));
    let tree = Task::find().tree(house, Task::PARTS).with(Task::PARTS);
    let page = tree.order_by(Task::ID).page(3, db).await?;
    for task in &page.rows {
        let (title, owner, of) = (&task.title, &task.owner, task.part_of);
        let (hours, parts) = (task.hours, task.parts.get()?.len());
        println!("{title} by {owner} in {hours} h, part of {of:?}, has {parts} parts");
    }
    println!("and more: {}", page.next.is_some());

    // SQL of your own: what stands in braces is bound, never pasted.
    let (owner, days) = ("Ada", 1);
    let long = sql!("SELECT title FROM tasks WHERE owner = {owner} AND hours > {days * 8}");
    println!("of {owner}: {:?}", long.scalars::<String>(db).await?);
    Ok(())
}

/// What `ask` prints.
async fn answers(db: &Db) -> ormcore::Result<()> {
    let long = (Task::HOURS * 60).gt(480) | Task::PARTS.any(Task::OWNER.ilike("b%"));
    let long = Task::find().filter(long).order_by(Task::HOURS.desc());
    let titles = long.select(Task::TITLE).all(db).await?;
    assert_eq!(titles, ["House", "Roof", "Walls"]);
    let groups = Task::find().select((Task::OWNER, count(), Task::HOURS.sum()));
    let groups = groups.group_by(Task::OWNER).order_by(Task::OWNER);
    let loads = groups.rows::<Load>().all(db).await?;
    let loads: Vec<_> = loads
        .iter()
        .map(|load| (&*load.owner, load.tasks, load.hours))
        .collect();
    assert_eq!(loads, [("Ada", 2, Some(52)), ("Bob", 2, Some(19))]);
    let house = Task::find().filter(Task::TITLE.eq("House"));
    let tree = Task::find().tree(house, Task::PARTS).order_by(Task::ID);
    let page = tree.page(3, db).await?;
    assert!(page.rows.len() == 3 && page.next.is_some());
    Ok(())
}

async fn in_parts(db: &Db) -> ormcore::Result<()> {
    // Pages by number, with how many rows there are; and all of them, some at a time.
    let second = Task::find().order_by(Task::ID);
    let second = second.numbered_page(2, 2, db).await?;
    println!("page 2: {} of {} tasks", second.rows.len(), second.total);
    assert_eq!((second.rows.len(), second.total, second.pages), (2, 4, 2));
    let mut tasks = Task::find().stream(db);
    assert_eq!(tasks.next_chunk(3).await?.len(), 3);
    assert_eq!(tasks.next_chunk(3).await?.len(), 1);
    drop(tasks);

    // What somebody else works on is locked, and passed over.
    let tx = db.begin().await?;
    let next = Task::find().filter(Task::PARTS.none(Task::ID.gt(0)));
    let next = next.order_by(Task::ID).limit(1).for_update().skip_locked();
    let next = next.one(&tx).await?;
    println!("next: {}", next.title);
    assert_eq!((&*next.title, &*next.owner), ("Walls", "Ada"));
    // Meanwhile the other one is.
    let others = Task::find().filter(Task::PARTS.missing());
    let others = others.for_update().skip_locked().all(db).await?;
    assert_eq!(others.len(), 1);
    assert_eq!(others[0].title, "Tiles");
    tx.commit().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, ormcore::entities![Task]).await?;

    let task = |title: &str, owner: &str, hours, part_of| NewTask {
        part_of,
        title: title.into(),
        owner: owner.into(),
        hours,
    };
    let house = Task::insert(task("House", "Ada", 40, None));
    let house = house.one(&db).await?.id;
    let parts = vec![
        task("Roof", "Bob", 16, Some(house)),
        task("Walls", "Ada", 12, Some(house)),
    ];
    let parts = Task::insert_many(parts).all(&db).await?;
    let tiles = task("Tiles", "Bob", 3, Some(parts[0].id));
    Task::insert(tiles).execute(&db).await?;

    ask(&db).await?;
    answers(&db).await?;
    in_parts(&db).await?;

    // However many there are: they arrive one by one, by a COPY.
    let mut tasks = Task::find().filter(Task::HOURS.gt(3)).copy_out(&db);
    let mut exported = 0;
    while let Some(task) = tasks.next().await.transpose()? {
        println!("exported: {} of {}", task.title, task.owner);
        exported += 1;
    }
    assert_eq!(exported, 3);
    Task::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
