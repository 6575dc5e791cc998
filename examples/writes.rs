//! Beyond insert and update: upserts and what they did, values of its own for each row, versions, and rows that only seem
//! deleted.
//! Run it with `cargo run --example writes`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use chrono::{DateTime, Utc};
use dev_postgres::Database;
use ormcore::{Db, Entity, ErrorKind, entities, excluded, inserted};

#[derive(Entity, Debug)]
#[orm(table = "written_pages", insert(NewPage))]
struct Page {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    path: String,
    title: String,
    views: i64,
    #[orm(version)]
    version: i32,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Page]).await?;

    let page = |path: &str, views| NewPage {
        path: path.to_owned(),
        title: format!("The page at {path}"),
        views,
    };
    let visit = || {
        Page::upsert(page("/", 1))
            .on_conflict(Page::PATH)
            .set(Page::VIEWS, Page::VIEWS + excluded(Page::VIEWS))
    };
    visit().execute(&db).await?;
    let home = visit().one(&db).await?;
    println!("{} was visited {} times", home.path, home.views);
    assert_eq!((&*home.path, home.views, home.version), ("/", 2, 2));
    let pages = vec![page("/", 0), page("/about", 0), page("/contact", 0)];
    let pages = Page::upsert_many(pages).on_conflict(Page::PATH);
    let added = pages.do_nothing().execute(&db).await?;
    println!("added the {added} that were not there");
    assert_eq!(added, 2);
    let pages = vec![page("/about", 0), page("/news", 0)];
    let pages = Page::upsert_many(pages).on_conflict(Page::PATH);
    let pages = pages
        .update(Page::TITLE)
        .returning((Page::PATH, inserted()));
    let pages = pages.all(&db).await?;
    for (path, inserted) in &pages {
        println!("{path} is new: {inserted}");
    }
    let expected = [("/about", false), ("/news", true)];
    assert_eq!(
        pages,
        expected.map(|(path, is_new)| (path.to_owned(), is_new))
    );

    let pages = Page::find().all(&db).await?;
    let titles = pages
        .iter()
        .map(|page| (page.id, page.title.to_uppercase()));
    let changed = Page::update_each(Page::TITLE, titles).execute(&db).await?;
    println!("changed {changed} titles, each to its own, in one statement");
    assert_eq!(changed, 4);
    let loud = Page::find().filter(Page::TITLE.eq("THE PAGE AT /NEWS"));
    assert_eq!(loud.count(&db).await?, 1);

    // `home` was read before that.
    let stale = Page::update(home.id)
        .version(home.version)
        .set(Page::TITLE, "Home");
    match stale.one(&db).await {
        Err(error) if error.kind() == ErrorKind::StaleVersion => println!("not so: {error}"),
        other => return Err(format!("nobody else was faster: {other:?}").into()),
    }

    let gone = Page::delete().key(home.id).one(&db).await?;
    println!("{} is deleted since {:?}", gone.path, gone.deleted_at);
    let left = Page::find().count(&db).await?;
    let all = Page::find().with_deleted().count(&db).await?;
    println!("{left} pages are left, and {all} are there");
    assert!(gone.id == home.id && gone.deleted_at.is_some());
    assert_eq!((left, all), (3, 4));
    Page::restore(home.id).execute(&db).await?;
    assert_eq!(Page::get(home.id).one(&db).await?.deleted_at, None);
    let all = Page::delete().all_rows().hard().execute(&db).await?;
    assert_eq!(all, 4);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
