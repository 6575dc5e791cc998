//! A write gives back what is asked for of its rows, in the order in which it gives back whole ones.

use crate::blog::{NewUser, Post, User, blog, new_post, new_user};
use crate::fresh::fresh;
use ormcore::{Db, Entity, ErrorKind, Row, entities, excluded, inserted, row, sql};

#[derive(Row, Debug, PartialEq)]
struct Named {
    id: i64,
    name: String,
}

#[tokio::test]
async fn inserted_rows_come_back_as_tuples_values_or_structs_in_the_order_given() {
    let blog = blog().await;
    let db = &blog.db;
    let ada = User::insert(new_user("Ada")).returning((User::ID, User::NAME));
    assert_eq!(ada.one(db).await.unwrap(), (1, "Ada".to_owned()));
    assert_eq!(
        blog.statements(),
        [
            r#"INSERT INTO "users" ("name", "email", "age") VALUES ($1, $2, $3) RETURNING "id", "name""#
        ]
    );
    let bob = User::insert(new_user("Bob")).returning((User::ID, User::NAME));
    let bob: Named = bob.rows().one(db).await.unwrap();
    assert_eq!((bob.id, &*bob.name), (2, "Bob"));
    let names: Vec<String> = (0..500)
        .map(|number| (number * 7 % 500).to_string())
        .collect();
    let new = names.iter().map(|name| new_user(name)).collect();
    let many = User::insert_many(new).returning((User::NAME, User::NAME.concat("!")));
    let many: Vec<(String, String)> = many.all(db).await.unwrap();
    assert!(many.iter().map(|pair| &pair.0).eq(&names));
    assert_eq!(many[1].1, "7!");
    blog.statements();
    let none = User::insert_many(Vec::new())
        .returning(User::ID)
        .all(db)
        .await;
    assert!(none.unwrap().is_empty() && blog.statements().is_empty());
}

#[tokio::test]
async fn changed_and_deleted_rows_come_back_as_they_are_and_as_they_were() {
    let blog = blog().await;
    let db = &blog.db;
    let new = ["Ada", "Bob", "Cyd"].map(new_user).into();
    let users = User::insert_many(new).all(db).await.unwrap();
    Post::insert(new_post(&users[0], "a"))
        .execute(db)
        .await
        .unwrap();
    let ada = User::update(users[0].id).set(User::AGE, 36);
    let ada = ada.returning((User::AGE + 1, User::POSTS.count())).one(db);
    assert_eq!(ada.await.unwrap(), (Some(37), 1));
    let unchanged = User::update(users[0].id).returning((User::NAME, User::AGE));
    assert_eq!(unchanged.one(db).await.unwrap(), ("Ada".into(), Some(36)));
    let nobody = User::update(99).set(User::AGE, 1).returning(User::ID);
    assert_eq!(nobody.maybe(db).await.unwrap(), None);
    let nobody = User::update(99).set(User::AGE, 1).returning(User::ID);
    assert_eq!(
        nobody.one(db).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let all = User::update_many().set(User::AGE, 1).returning(User::ID);
    assert_eq!(all.all(db).await.unwrap_err().kind(), ErrorKind::Usage);
    let ages = [2, 0, 1].map(|at: usize| (users[at].id, Some(at as i32)));
    let each =
        User::update_each(User::AGE, ages).returning((User::NAME, User::AGE, User::POSTS.count()));
    let each = each.all(db).await.unwrap();
    let expected = [("Cyd", 2, 0), ("Ada", 0, 1), ("Bob", 1, 0)];
    assert_eq!(
        each,
        expected.map(|(name, age, posts)| (name.to_owned(), Some(age), posts))
    );
    let gone = User::delete()
        .filter(User::AGE.gt(0))
        .returning(row::<User>());
    let mut gone: Vec<User> = gone.all(db).await.unwrap();
    gone.sort_by_key(|user| user.id);
    assert_eq!((gone.len(), &*gone[1].name), (2, "Cyd"));
    let all = User::delete().returning(User::ID).all(db).await;
    assert_eq!(all.unwrap_err().kind(), ErrorKind::Usage);
    assert_eq!(User::find().count(db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_stale_version_is_told_here_too() {
    #[derive(Entity, Debug, PartialEq)]
    #[orm(table = "sheets", insert(NewSheet))]
    struct Sheet {
        #[orm(primary_key, generated)]
        id: i64,
        text: String,
        #[orm(version)]
        version: i32,
    }
    let fresh = fresh(entities![Sheet]).await;
    let sheet = Sheet::insert(NewSheet { text: "a".into() });
    let (id, version) = sheet
        .returning((Sheet::ID, Sheet::VERSION))
        .one(&fresh.db)
        .await
        .unwrap();
    let change = |version| {
        Sheet::update(id)
            .version(version)
            .set(Sheet::TEXT, "b")
            .returning(Sheet::VERSION)
    };
    assert_eq!(change(version).one(&fresh.db).await.unwrap(), version + 1);
    let stale = change(version).maybe(&fresh.db).await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    let nothing = Sheet::update(id).version(version).returning(Sheet::TEXT);
    assert_eq!(
        nothing.all(&fresh.db).await.unwrap_err().kind(),
        ErrorKind::StaleVersion
    );
    let stale = Sheet::delete()
        .key(id)
        .version(version)
        .returning(Sheet::ID)
        .all(&fresh.db);
    assert_eq!(stale.await.unwrap_err().kind(), ErrorKind::StaleVersion);
}

#[tokio::test]
async fn an_upsert_tells_of_each_row_whether_it_was_inserted() {
    let blog = blog().await;
    let db = &blog.db;
    let new = |name: &str, email: &str| NewUser {
        email: email.into(),
        ..new_user(name)
    };
    let one = |name: &str| {
        let upsert = User::upsert(new(name, "ada"))
            .on_conflict(User::EMAIL)
            .update(User::NAME);
        upsert.returning((User::NAME, inserted())).one(db)
    };
    assert_eq!(one("Ada").await.unwrap(), ("Ada".into(), true));
    assert_eq!(one("Lovelace").await.unwrap(), ("Lovelace".into(), false));
    // Also one that was locked, or changed and left as it was, since.
    let tx = db.begin().await.unwrap();
    User::find().for_update().all(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(one("Ada").await.unwrap(), ("Ada".into(), false));

    let rows = vec![new("Bob", "bob"), new("Countess", "ada"), new("Cyd", "cyd")];
    let many = User::upsert_many(rows)
        .on_conflict(User::EMAIL)
        .update(User::NAME);
    let many: Vec<(User, bool)> = many.returning((row(), inserted())).all(db).await.unwrap();
    let told: Vec<_> = many.iter().map(|(user, new)| (&*user.name, *new)).collect();
    assert_eq!(told, [("Bob", true), ("Countess", false), ("Cyd", true)]);
    // What the filter lets stay does not come back.
    let rows = vec![new("Dan", "dan"), new("Bobby", "bob"), new("Ada", "ada")];
    let some = User::upsert_many(rows)
        .on_conflict(User::EMAIL)
        .update(User::NAME);
    let some = some.filter(User::NAME.ne(excluded(User::NAME)) & User::NAME.ne("Bob"));
    let some = some
        .returning((User::NAME, inserted()))
        .all(db)
        .await
        .unwrap();
    assert_eq!(some, [("Dan".to_owned(), true), ("Ada".to_owned(), false)]);
}

#[tokio::test]
async fn what_nothing_was_done_about_does_not_come_back() {
    let blog = blog().await;
    let db = &blog.db;
    let nothing = |name: &str| {
        let upsert = User::upsert(new_user(name))
            .on_conflict(User::EMAIL)
            .do_nothing();
        upsert.returning((User::EMAIL, inserted())).maybe(db)
    };
    let stored = nothing("Ada").await.unwrap();
    assert_eq!(stored, Some(("ada@example.org".to_owned(), true)));
    assert_eq!(nothing("Ada").await.unwrap(), None);
    let rows = ["Bob", "Ada", "Cyd", "Bob"].map(new_user).into();
    let many = User::upsert_many(rows)
        .on_conflict(User::EMAIL)
        .do_nothing();
    let many = many
        .returning((User::NAME, inserted()))
        .all(db)
        .await
        .unwrap();
    assert_eq!(many, [("Bob".to_owned(), true), ("Cyd".to_owned(), true)]);
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "cells", insert(NewCell))]
struct Cell {
    #[orm(primary_key)]
    id: i64,
    text: String,
}

async fn upsert(db: &Db, ids: &[i64]) -> ormcore::Result<Vec<(i64, bool)>> {
    let text = || "x".to_owned();
    let rows = ids.iter().map(|id| NewCell {
        id: *id,
        text: text(),
    });
    let rows = Cell::upsert_many(rows.collect()).on_conflict(Cell::ID);
    let rows = rows.update(Cell::TEXT).returning((Cell::ID, inserted()));
    rows.all(db).await
}

#[tokio::test]
async fn rows_that_a_trigger_changes_are_told_apart_too() {
    let fresh = fresh(entities![Cell]).await;
    let trigger = "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.text := NEW.text || '!'; RETURN NEW; END $$;
        CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON cells FOR EACH ROW EXECUTE FUNCTION touch()";
    sql(trigger).batch(&fresh.db).await.unwrap();
    let told = upsert(&fresh.db, &[12, 1]).await.unwrap();
    assert_eq!(told, [(12, true), (1, true)]);
    let told = upsert(&fresh.db, &[1, 15, 12, 2]).await.unwrap();
    assert_eq!(told, [(1, false), (15, true), (12, false), (2, true)]);
}

#[tokio::test]
async fn of_a_partitioned_table_postgresql_does_not_tell() {
    let fresh = fresh([]).await;
    let tables =
        "CREATE TABLE cells (id bigint PRIMARY KEY, text text NOT NULL) PARTITION BY RANGE (id);
        CREATE TABLE cells_a PARTITION OF cells FOR VALUES FROM (0) TO (10)";
    sql(tables).batch(&fresh.db).await.unwrap();
    let refused = upsert(&fresh.db, &[1]).await.unwrap_err();
    assert_eq!(refused.code(), Some("0A000"), "{refused}");
    assert_eq!(Cell::find().count(&fresh.db).await.unwrap(), 0);
}
