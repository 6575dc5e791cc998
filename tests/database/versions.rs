//! Optimistic locking: a change that is based on an old version is refused.

use crate::fresh::{Fresh, fresh};
use crate::statements::sent;
use chrono::{DateTime, Utc};
use ormcore::{Entity, ErrorKind, entities};

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "pages", insert(NewPage), patch(PagePatch))]
struct Page {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    path: String,
    text: String,
    #[orm(version)]
    version: i32,
    #[orm(updated)]
    updated_at: DateTime<Utc>,
}

async fn site() -> (Fresh, Page) {
    let fresh = fresh(entities![Page]).await;
    let page = Page::insert(new("/", "a"))
        .one(&fresh.db)
        .await
        .expect("a page");
    fresh.statements();
    (fresh, page)
}

fn new(path: &str, text: &str) -> NewPage {
    NewPage {
        path: path.into(),
        text: text.into(),
    }
}

#[tokio::test]
async fn every_change_counts() {
    let (site, page) = site().await;
    let db = &site.db;
    assert_eq!(page.version, 1);
    let read = async || Page::get(1).one(&site.db).await.unwrap().version;
    let row = Page::update(1).set(Page::TEXT, "b").one(db).await.unwrap();
    assert_eq!(row.version, 2);
    let many = Page::update_many().all_rows().set(Page::TEXT, "c");
    many.execute(db).await.unwrap();
    assert_eq!(read().await, 3);
    let each = Page::update_each(Page::TEXT, [(1, "d".to_owned())]);
    each.execute(db).await.unwrap();
    assert_eq!(read().await, 4);
    let upsert = Page::upsert(new("/", "e")).on_conflict(Page::PATH);
    upsert.update(Page::TEXT).execute(db).await.unwrap();
    assert_eq!(read().await, 5);
    let nothing = Page::upsert(new("/", "f")).on_conflict(Page::PATH);
    nothing.do_nothing().execute(db).await.unwrap();
    Page::update(1)
        .patch(PagePatch::default())
        .execute(db)
        .await
        .unwrap();
    assert_eq!(read().await, 5);
    let set = Page::update(1).set(Page::VERSION, 100).one(db).await;
    assert_eq!(set.unwrap().version, 100);
}

#[tokio::test]
async fn a_change_of_an_old_version_is_refused_and_changes_nothing() {
    let (site, page) = site().await;
    let db = &site.db;
    let change = |text: &str| {
        Page::update(page.id)
            .version(page.version)
            .set(Page::TEXT, text)
    };
    let first = change("first").one(db).await.unwrap();
    assert_eq!((&*first.text, first.version), ("first", 2));
    let stale = [
        change("second").one(db).await.unwrap_err(),
        change("second").all(db).await.unwrap_err(),
        change("second").execute(db).await.unwrap_err(),
        // What would change nothing was asked with an old version all the same.
        Page::update(1).version(1).one(db).await.unwrap_err(),
        Page::delete()
            .key(1)
            .version(1)
            .execute(db)
            .await
            .unwrap_err(),
        Page::delete().key(1).version(1).one(db).await.unwrap_err(),
    ];
    for error in stale {
        assert_eq!(error.kind(), ErrorKind::StaleVersion);
        let text = error.to_string();
        assert!(text.contains("the `Page` with this `id`"), "{text}");
        assert!(text.contains("read it again"), "{text}");
        assert!(text.contains("versions.rs:"), "{text}");
    }
    assert_eq!(Page::get(1).one(db).await.unwrap(), first);
    let gone = Page::delete().key(1).version(2).one(db).await.unwrap();
    assert_eq!(gone.version, 2);
    let error = Page::update(1).version(2).set(Page::TEXT, "x");
    let error = error.execute(db).await.unwrap_err();
    assert_eq!(error.kind().name(), "stale_version");
}

#[tokio::test]
async fn of_two_who_change_one_version_one_wins() {
    let (site, page) = site().await;
    let change = |text: &str| {
        let update = Page::update(page.id).version(page.version);
        update.set(Page::TEXT, text).execute(&site.db)
    };
    let (one, other) = tokio::join!(change("one"), change("other"));
    let won = [one, other].map(|result| result.is_ok());
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let row = Page::get(1).one(&site.db).await.unwrap();
    let text = if won[0] { "one" } else { "other" };
    assert_eq!((&*row.text, row.version), (text, 2));
}

#[tokio::test]
async fn the_moment_of_the_last_change_is_kept() {
    let (site, page) = site().await;
    let before = page.updated_at;
    let row = Page::update(1).set(Page::TEXT, "b").one(&site.db).await;
    let after = row.unwrap().updated_at;
    assert!(after > before);
    let each = Page::update_each(Page::TEXT, [(1, "c".to_owned())]);
    let row = each.all(&site.db).await.unwrap().remove(0);
    assert!(row.updated_at > after);
    let set = Page::update(1).set(Page::UPDATED_AT, before);
    assert_eq!(set.one(&site.db).await.unwrap().updated_at, before);
}

#[tokio::test]
async fn what_is_sent() {
    let (site, _) = site().await;
    let touched = r#""version" = "version" + 1, "updated_at" = now()"#;
    let update = Page::update(1).version(1).set(Page::TEXT, "b");
    update.execute(&site.db).await.unwrap();
    let expected =
        format!(r#"UPDATE "pages" SET "text" = $1, {touched} WHERE "id" = $2 AND "version" = $3"#);
    assert_eq!(sent(&site), expected);
    let delete = Page::delete().key(1).version(2);
    delete.execute(&site.db).await.unwrap();
    assert_eq!(
        sent(&site),
        r#"DELETE FROM "pages" WHERE "id" = $1 AND "version" = $2"#
    );
    let upsert = Page::upsert(new("/", "x")).on_conflict(Page::PATH);
    upsert.update(Page::TEXT).execute(&site.db).await.unwrap();
    let expected = concat!(
        r#"INSERT INTO "pages" ("path", "text") VALUES ($1, $2) ON CONFLICT ("path") DO UPDATE SET "#,
        r#""text" = "excluded"."text", "version" = "pages"."version" + 1, "updated_at" = now()"#,
    );
    assert_eq!(sent(&site), expected);
    let each = Page::update_each(Page::TEXT, [(1, "c".to_owned())]);
    each.execute(&site.db).await.unwrap();
    let sent = sent(&site);
    let touched = touched.replace("= \"version\"", r#"= "pages"."version""#);
    assert!(sent.contains(&touched), "{sent}");
}
