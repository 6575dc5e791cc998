//! Upserts: which row is in the way, what becomes of it, and what comes back.

use crate::blog::{NewUser, User, blog, new_user};
use crate::fresh::{Fresh, fresh};
use crate::statements::sent;
use ormcore::{Entity, ErrorKind, entities, excluded};

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "pages", insert(NewPage))]
struct Page {
    #[orm(primary_key, generated)]
    id: i64,
    site: String,
    path: String,
    title: Option<String>,
    #[orm(default = "1")]
    views: i64,
    tags: Vec<String>,
}

async fn site() -> Fresh {
    let fresh = fresh(entities![Page]).await;
    let index = "ALTER TABLE pages ADD CONSTRAINT pages_place UNIQUE (site, path)";
    ormcore::sql(index).batch(&fresh.db).await.expect("index");
    fresh.statements();
    fresh
}

fn page(path: &str, title: &str) -> NewPage {
    NewPage {
        site: "a".into(),
        path: path.into(),
        title: Some(title.into()),
        views: None,
        tags: vec![title.into(), "x".into()],
    }
}

const PLACE: (ormcore::Column<Page, String>, ormcore::Column<Page, String>) =
    (Page::SITE, Page::PATH);

#[tokio::test]
async fn a_new_row_is_inserted_and_one_in_the_way_is_changed() {
    let blog = blog().await;
    let upsert = |name: &str, age| {
        let new = NewUser {
            age: Some(age),
            email: "ada@example.org".into(),
            ..new_user(name)
        };
        User::upsert(new)
            .on_conflict(User::EMAIL)
            .update(User::NAME)
    };
    let ada = upsert("Ada", 1).one(&blog.db).await.unwrap();
    assert_eq!((ada.id, &*ada.name, ada.age), (1, "Ada", Some(1)));
    let lovelace = upsert("Lovelace", 2).one(&blog.db).await.unwrap();
    assert_eq!(
        (lovelace.id, &*lovelace.name, lovelace.age),
        (1, "Lovelace", Some(1))
    );
    let both = upsert("Both", 2).update((User::NAME, User::AGE));
    assert_eq!(both.execute(&blog.db).await.unwrap(), 1);
    let ada = User::get(1).one(&blog.db).await.unwrap();
    assert_eq!((&*ada.name, ada.age), ("Both", Some(2)));
    assert_eq!(blog.operations()[..3], ["upsert", "upsert", "upsert"]);
    assert_eq!(User::find().count(&blog.db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_row_in_the_way_of_nothing_to_do_stays() {
    let blog = blog().await;
    let new = |name: &str| NewUser {
        email: "ada@example.org".into(),
        ..new_user(name)
    };
    let upsert = |name| {
        User::upsert(new(name))
            .on_conflict(User::EMAIL)
            .do_nothing()
    };
    let ada = upsert("Ada").maybe(&blog.db).await.unwrap().unwrap();
    assert_eq!(
        upsert("Bob").maybe(&blog.db).await.unwrap().map(|_| ()),
        None
    );
    assert_eq!(upsert("Bob").execute(&blog.db).await.unwrap(), 0);
    assert_eq!(User::get(ada.id).one(&blog.db).await.unwrap().name, "Ada");
    let other = User::upsert(new_user("Bob")).on_conflict(User::EMAIL);
    assert_eq!(other.do_nothing().execute(&blog.db).await.unwrap(), 1);
}

#[tokio::test]
async fn all_columns_but_the_target_and_the_key_are_updated_at_once() {
    let site = site().await;
    let upsert = |page| Page::upsert(page).on_conflict(PLACE).update_all();
    let counted = NewPage {
        views: Some(7),
        ..page("/", "old")
    };
    let old = upsert(counted).one(&site.db).await.unwrap();
    let new = upsert(page("/", "new")).one(&site.db).await.unwrap();
    // What is left to the database is what an insert would have made it.
    let expected = Page {
        title: Some("new".into()),
        tags: vec!["new".into(), "x".into()],
        views: 1,
        ..old
    };
    assert_eq!(new, expected);
    // Where that leaves nothing to change, the row comes back as it is.
    #[derive(Entity, Debug)]
    #[orm(insert(NewTag))]
    struct Tag {
        #[orm(primary_key)]
        name: String,
    }
    ormcore::schema::create(&site.db, entities![Tag])
        .await
        .unwrap();
    for _ in 0..2 {
        let tag = Tag::upsert(NewTag { name: "x".into() }).on_conflict(Tag::NAME);
        assert_eq!(tag.update_all().one(&site.db).await.unwrap().name, "x");
    }
}

#[tokio::test]
async fn a_row_in_the_way_is_set_to_what_it_was_and_would_have_been() {
    let site = site().await;
    let visit = |views| {
        let new = NewPage {
            views: Some(views),
            ..page("/", "home")
        };
        Page::upsert(new)
            .on_conflict(PLACE)
            .set(Page::VIEWS, Page::VIEWS + excluded(Page::VIEWS))
            .set(Page::TITLE, "again".to_owned())
            .filter(Page::VIEWS.lt(10))
    };
    assert_eq!(visit(4).one(&site.db).await.unwrap().views, 4);
    let second = visit(8).one(&site.db).await.unwrap();
    assert_eq!((second.views, second.title.as_deref()), (12, Some("again")));
    // The filter is about the row that is there.
    assert_eq!(visit(1).maybe(&site.db).await.unwrap(), None);
    assert_eq!(visit(1).execute(&site.db).await.unwrap(), 0);
    let error = visit(1).one(&site.db).await.unwrap_err();
    assert!(error.is_not_found());
    let text = error.to_string();
    assert!(text.contains("no `Page` was stored"), "{text}");
    assert!(text.contains("upserts.rs:"), "{text}");
    assert_eq!(Page::get(1).one(&site.db).await.unwrap().views, 12);
}

#[tokio::test]
async fn many_rows_come_back_in_the_order_given_whichever_were_there() {
    let site = site().await;
    let paths: Vec<String> = (0..3_000).map(|n| format!("/{n}")).collect();
    let there = paths.iter().rev().step_by(3).map(|path| page(path, "old"));
    let there = Page::insert_many(there.collect()).all(&site.db).await;
    let there = there.unwrap();
    site.statements();
    let rows = |title: &str| paths.iter().map(|path| page(path, title)).collect();
    let upsert = Page::upsert_many(rows("new")).on_conflict(PLACE);
    let stored = upsert
        .update((Page::TITLE, Page::TAGS))
        .all(&site.db)
        .await
        .unwrap();
    assert_eq!(site.statements().len(), 1);
    assert_eq!(stored.len(), paths.len());
    for (path, row) in paths.iter().zip(&stored) {
        assert_eq!((path, row.title.as_deref()), (&row.path, Some("new")));
        assert_eq!(row.tags, ["new", "x"]);
    }
    for old in there {
        let row = stored.iter().find(|row| row.path == old.path).unwrap();
        assert_eq!(row.id, old.id);
    }
    let again = Page::upsert_many(rows("x")).on_conflict(PLACE).update_all();
    assert_eq!(again.execute(&site.db).await.unwrap(), 3_000);
    let none = Page::upsert_many(rows("y")).on_conflict(PLACE).do_nothing();
    assert_eq!(none.execute(&site.db).await.unwrap(), 0);
    assert_eq!(Page::find().count(&site.db).await.unwrap(), 3_000);
}

#[tokio::test]
async fn only_rows_that_were_inserted_come_back_unless_those_in_the_way_are_written_as_they_are() {
    let site = site().await;
    let there = Page::insert(page("/b", "there")).one(&site.db).await;
    let there = there.unwrap();
    let rows = || vec![page("/a", "new"), page("/b", "new"), page("/c", "new")];
    let upsert = || Page::upsert_many(rows()).on_conflict(PLACE);
    let titles = |found: Vec<Page>| -> Vec<(String, Option<String>)> {
        let rows = found.into_iter().map(|row| (row.path, row.title));
        rows.collect()
    };
    let row = |path: &str, title: &str| (path.to_owned(), Some(title.to_owned()));
    let new = upsert().do_nothing().all(&site.db).await.unwrap();
    assert_eq!(titles(new), [row("/a", "new"), row("/c", "new")]);
    let none = upsert().do_nothing().all(&site.db).await.unwrap();
    assert_eq!(titles(none), []);
    let all = upsert().update(PLACE).all(&site.db).await.unwrap();
    assert_eq!(all[1].id, there.id);
    let expected = [row("/a", "new"), row("/b", "there"), row("/c", "new")];
    assert_eq!(titles(all), expected);
}

#[tokio::test]
async fn rows_in_each_others_way_are_one_or_an_error() {
    let site = site().await;
    let rows = || vec![page("/b", "1"), page("/a", "2"), page("/b", "3")];
    let update = Page::upsert_many(rows()).on_conflict(PLACE).update_all();
    let error = update.all(&site.db).await.unwrap_err();
    assert_eq!(error.code(), Some("21000"));
    let drop = Page::upsert_many(rows()).on_conflict(PLACE).do_nothing();
    let stored = drop.all(&site.db).await.unwrap();
    let titles: Vec<_> = stored.iter().map(|row| row.title.as_deref()).collect();
    assert_eq!(titles, [Some("1"), Some("2")]);
}

#[tokio::test]
async fn no_row_is_lost_that_the_target_does_not_find() {
    let site = site().await;
    let index = "CREATE UNIQUE INDEX ON pages (title)";
    ormcore::sql(index).batch(&site.db).await.unwrap();
    let untitled = |path: &str| NewPage {
        title: None,
        ..page(path, "")
    };
    let rows = vec![untitled("/a"), page("/b", "b"), untitled("/c")];
    let upsert = Page::upsert_many(rows).on_conflict(Page::TITLE);
    let stored = upsert.update_all().all(&site.db).await.unwrap();
    let mut paths: Vec<_> = stored.iter().map(|row| &*row.path).collect();
    assert_eq!(paths.remove(0), "/b");
    paths.sort_unstable();
    assert_eq!(paths, ["/a", "/c"]);
}

#[tokio::test]
async fn a_constraint_goes_by_its_name() {
    let site = site().await;
    let upsert = |title: &str| {
        Page::upsert(page("/", title))
            .on_constraint("pages_place")
            .update(Page::TITLE)
    };
    let id = upsert("a").one(&site.db).await.unwrap().id;
    let row = upsert("b").one(&site.db).await.unwrap();
    assert_eq!((row.id, row.title.as_deref()), (id, Some("b")));
    let many = Page::upsert_many(vec![page("/", "c"), page("/d", "d")]);
    let many = many.on_constraint("pages_place").update_all();
    assert_eq!(many.all(&site.db).await.unwrap().len(), 2);
    let unknown = Page::upsert(page("/", "x")).on_constraint("\"; DROP TABLE pages --");
    let error = unknown.do_nothing().execute(&site.db).await.unwrap_err();
    assert_eq!(error.code(), Some("42704"));
    // Nor does another constraint let a row pass.
    ormcore::sql("ALTER TABLE pages ADD CHECK (path <> '/no')")
        .batch(&site.db)
        .await
        .unwrap();
    let refused = Page::upsert(page("/no", "x"))
        .on_conflict(PLACE)
        .do_nothing();
    let error = refused.maybe(&site.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
}

#[tokio::test]
async fn upserting_nothing_sends_nothing() {
    let site = site().await;
    let none = || Page::upsert_many(Vec::new()).on_conflict(PLACE);
    assert_eq!(none().update_all().execute(&site.db).await.unwrap(), 0);
    assert!(none().do_nothing().all(&site.db).await.unwrap().is_empty());
    assert!(site.statements().is_empty());
}

#[tokio::test]
async fn what_is_sent() {
    let blog = blog().await;
    let upsert = || User::upsert(new_user("Ada")).on_conflict(User::EMAIL);
    let insert = r#"INSERT INTO "users" ("name", "email", "age") "#;
    let values = format!("{insert}VALUES ($1, $2, $3)");
    upsert().do_nothing().execute(&blog.db).await.unwrap();
    let expected = format!(r#"{values} ON CONFLICT ("email") DO NOTHING"#);
    assert_eq!(sent(&blog), expected);

    let some = upsert().update(User::NAME).set(User::AGE, User::AGE + 1);
    let some = some.filter(User::AGE.lt(excluded(User::AGE)));
    some.maybe(&blog.db).await.unwrap();
    let expected = concat!(
        r#" ON CONFLICT ("email") DO UPDATE SET "name" = "excluded"."name", "age" = ("users"."age" + $4::integer) "#,
        r#"WHERE "users"."age" < "excluded"."age" RETURNING "id", "name", "email", "age", "created_at""#,
    );
    assert_eq!(sent(&blog), format!("{values}{expected}"));

    upsert().update_all().execute(&blog.db).await.unwrap();
    let expected = r#" ON CONFLICT ("email") DO UPDATE SET "name" = "excluded"."name", "age" = "excluded"."age""#;
    assert_eq!(sent(&blog), format!("{values}{expected}"));

    let named = User::upsert(new_user("Ada")).on_constraint("users_email_key");
    named.update_all().execute(&blog.db).await.unwrap();
    let expected = concat!(
        r#" ON CONFLICT ON CONSTRAINT "users_email_key" DO UPDATE SET "name" = "excluded"."name", "#,
        r#""email" = "excluded"."email", "age" = "excluded"."age""#,
    );
    assert_eq!(sent(&blog), format!("{values}{expected}"));

    let many = || User::upsert_many(vec![new_user("Ada")]).on_conflict(User::EMAIL);
    let set = r#"ON CONFLICT ("email") DO UPDATE SET "age" = "excluded"."age""#;
    let arrays = r#"t0."name", t0."email", t0."age""#;
    let unnest = "unnest($1::text[], $2::text[], $3::integer[])";
    many().update(User::AGE).execute(&blog.db).await.unwrap();
    let expected =
        format!(r#"{insert}SELECT {arrays} FROM {unnest} AS t0 ("name", "email", "age") {set}"#);
    assert_eq!(sent(&blog), expected);

    many().update(User::AGE).all(&blog.db).await.unwrap();
    let position = r#""ormcore position""#;
    let expected = [
        &*format!(
            r#"WITH input AS MATERIALIZED (SELECT {arrays}, {position} FROM {unnest} WITH ORDINALITY "#
        ),
        &format!(
            r#"AS t0 ("name", "email", "age", {position})), stored AS ({insert}SELECT "name", "email", "age" "#
        ),
        &format!(
            r#"FROM input ORDER BY {position} {set} RETURNING "id", "name", "email", "age", "created_at") "#
        ),
        r#"SELECT stored."id", stored."name", stored."email", stored."age", stored."created_at" FROM stored "#,
        &format!(
            r#"LEFT JOIN (SELECT "email", min({position}) AS position FROM input GROUP BY "email") AS input "#
        ),
        r#"ON stored."email" = input."email" ORDER BY input.position"#,
    ];
    assert_eq!(sent(&blog), expected.concat());
}
