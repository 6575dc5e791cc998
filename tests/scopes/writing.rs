//! Every way to write.

use crate::library::{
    Author, AuthorPatch, Book, Country, Membership, NewAuthor, NewBook, NewMembership, NewPortrait,
    NewTenant, Portrait, Tag, Tenant, TenantId, library, names, new_author, new_book,
};
use futures_util::TryFutureExt as _;
use ormcore::{Db, Executor, Result, Transaction, sql};

/// All that there is of a tenant, as text.
async fn all_of(tenant: i64, db: &impl Executor) -> Vec<String> {
    let mut rows = Vec::new();
    for table in [
        "tenants",
        "authors",
        "portraits",
        "books",
        "tags",
        "book_tags",
        "memberships",
    ] {
        let scope = if table == "tenants" {
            "id"
        } else {
            "tenant_id"
        };
        let all = format!("SELECT t::text FROM {table} AS t WHERE {scope} = $1 ORDER BY 1");
        let all = sql(all).bind(tenant).scalars::<String>(db).await;
        rows.extend(
            all.expect("rows")
                .into_iter()
                .map(|row| format!("{table} {row}")),
        );
    }
    rows
}

/// Whether writing was all that its tenant could do to itself, and nothing to the other.
struct Written<'t> {
    tx: &'t Transaction,
    tenant: i64,
    before: [Vec<String>; 2],
}

impl<'t> Written<'t> {
    async fn before(tenant: i64, tx: &'t Transaction) -> Self {
        let before = [all_of(tenant, tx).await, all_of(3 - tenant, tx).await];
        Self { tx, tenant, before }
    }

    async fn check(self, way: &str) {
        let Self { tx, tenant, before } = self;
        let after = [all_of(tenant, tx).await, all_of(3 - tenant, tx).await];
        assert_ne!(after[0], before[0], "{way} wrote nothing");
        assert_eq!(after[1], before[1], "{way} wrote to the other tenant");
    }
}

macro_rules! writings {
    ($library:ident, $tenant:ident, $tx:ident: $($way:expr => $expected:expr;)*) => {$({
        let begun = $library.db.scope(TenantId($tenant)).begin().await.unwrap();
        let $tx = &begun;
        let written = Written::before($tenant, $tx).await;
        let result: Result<_> = $way.await;
        assert_eq!(result.expect(stringify!($way)), $expected, "{}", stringify!($way));
        written.check(stringify!($way)).await;
        begun.rollback().await.unwrap();
    })*};
}

fn portrait(id: i64, text: &str) -> NewPortrait {
    NewPortrait {
        id,
        author_id: id,
        text: text.into(),
    }
}

/// An author of another name, so that only the key is in the way.
fn renamed(id: i64) -> NewAuthor {
    NewAuthor {
        name: "renamed".into(),
        ..new_author(id, 9)
    }
}

async fn text(result: impl Future<Output = Result<Portrait>>) -> Result<String> {
    Ok(result.await?.text)
}

async fn texts(result: impl Future<Output = Result<Vec<Portrait>>>) -> Result<Vec<String>> {
    Ok(names(result.await?))
}

#[tokio::test]
async fn no_way_to_write_leads_to_another_tenant() {
    let library = library().await;
    for tenant in [1, 2] {
        let more = || [new_author(3, tenant), new_author(4, tenant)];
        writings! { library, tenant, tx:
            Author::insert(new_author(3, tenant)).execute(tx) => 1;
            Author::insert_many(more().into()).execute(tx) => 2;
            Author::insert_many(more().into()).keys(tx) => [3, 4];
            Author::copy_in(more()).execute(tx) => 2;
            Author::copy_in_stream(futures_util::stream::iter(more())).execute(tx) => 2;
            text(Portrait::upsert(portrait(1, "new")).on_conflict(Portrait::ID).update_all().one(tx)) => "new";
            text(Portrait::upsert(portrait(1, "new")).on_conflict(Portrait::AUTHOR_ID).update(Portrait::TEXT).one(tx)) => "new";
            Portrait::upsert(portrait(1, "new")).on_conflict(Portrait::ID).set(Portrait::TEXT, "x").execute(tx) => 1;
            texts(Portrait::upsert_many(vec![portrait(2, "b"), portrait(1, "a")]).on_conflict(Portrait::ID).update_all().all(tx)) => ["a", "b"];
            Portrait::upsert_many(vec![portrait(2, "b")]).on_conflict(Portrait::ID).update(Portrait::TEXT).execute(tx) => 1;
            Author::upsert(new_author(3, tenant)).on_conflict(Author::ID).do_nothing().execute(tx) => 1;
            Author::upsert_many(more().into()).on_conflict(Author::NAME).do_nothing().execute(tx) => 2;
            text(Portrait::update(1).set(Portrait::TEXT, "x").one(tx)) => "x";
            Portrait::update(1).set(Portrait::TEXT, Portrait::TEXT.concat("!")).execute(tx) => 1;
            texts(Portrait::update_many().set(Portrait::TEXT, "x").all_rows().all(tx)) => ["x", "x"];
            Portrait::update_many().set(Portrait::TEXT, "x").filter(Portrait::ID.ge(1)).execute(tx) => 2;
            Author::update(1).patch(AuthorPatch { name: Some("x".into()), ..AuthorPatch::default() }).execute(tx) => 1;
            Author::update_many().set(Author::COUNTRY_ID, 1).set(Author::NAME, "Zoe").filter(Author::BOSS.exists()).execute(tx) => 1;
            Book::update(1).version(1).set(Book::TITLE, "x").execute(tx) => 1;
            texts(Portrait::update_each(Portrait::TEXT, [(2, "b".into()), (1, "a".into())]).all(tx)) => ["a", "b"];
            Portrait::update_each(Portrait::TEXT, [(1, "a".into())]).execute(tx) => 1;
            Portrait::update(1).set(Portrait::TEXT, "x").returning(Portrait::TEXT).all(tx) => ["x"];
            Portrait::update_each(Portrait::TEXT, [(1, "x".into())]).returning(Portrait::TEXT).all(tx) => ["x"];
            Portrait::upsert(portrait(1, "x")).on_conflict(Portrait::ID).update_all().returning((Portrait::TEXT, ormcore::inserted())).one(tx) => ("x".to_owned(), false);
            Author::insert(new_author(3, tenant)).returning(Author::BOOKS.count()).one(tx) => 0;
            Author::insert_many(more().into()).returning(Author::TENANT_ID).all(tx) => [TenantId(tenant); 2];
            Portrait::delete().key(1).returning(Portrait::ID).all(tx) => [1];
            Portrait::delete().key(1).execute(tx) => 1;
            Portrait::delete().all_rows().all(tx).map_ok(|all| all.len()) => 2;
            Portrait::delete().filter(Portrait::TEXT.ne("")).execute(tx) => 2;
            Book::delete().filter(Book::AUTHOR.is(Author::BOSS.exists())).execute(tx) => 1;
            Author::delete().key(2).execute(tx) => 1;
            Author::delete().all_rows().execute(tx) => 2;
            Book::TAGS.of_key(&3).add(tx, [1, 2]) => 2;
            Book::TAGS.of_key(&2).remove(tx, [2]) => 1;
            Book::TAGS.of_key(&2).set(tx, [1]) => 1;
            Book::TAGS.of_key(&2).clear(tx) => 1;
            Tag::BOOKS.of_key(&1).set(tx, [3]) => 1;
            Country::MEMBERS.of_key(&1).add(tx, [3 - tenant]) => 1;
            Country::MEMBERS.of_key(&1).clear(tx) => 1;
            Membership::insert(NewMembership { country_id: 1, author_id: 3 - tenant }).execute(tx) => 1;
            Author::update(1).scope(TenantId(tenant)).set(Author::NAME, "x").execute(tx) => 1;
        };
    }
}

#[tokio::test]
async fn a_row_in_the_way_is_one_of_the_same_tenant() {
    let library = library().await;
    let (one, two) = (library.db.scope(TenantId(1)), library.db.scope(TenantId(2)));
    // The index of a table of one's own may know nothing of tenants: what is in the way is not theirs to change.
    let index = "CREATE UNIQUE INDEX one_text ON portraits (text); ALTER TABLE portraits ADD UNIQUE USING INDEX one_text";
    sql(index).batch(&library.db).await.unwrap();
    let before = all_of(2, &two).await;
    let taken = || portrait(1, "Portrait 1 of 2");
    Portrait::delete().all_rows().execute(&one).await.unwrap();
    let upsert = || Portrait::upsert(taken()).on_constraint("one_text");
    assert!(upsert().update_all().maybe(&one).await.unwrap().is_none());
    assert_eq!(
        upsert()
            .set(Portrait::TEXT, "x")
            .execute(&one)
            .await
            .unwrap(),
        0
    );
    assert_eq!(upsert().do_nothing().execute(&one).await.unwrap(), 0);
    let many = Portrait::upsert_many(vec![taken()]).on_constraint("one_text");
    assert_eq!(many.update_all().all(&one).await.unwrap().len(), 0);
    assert_eq!(all_of(2, &two).await, before);
    assert!(
        Portrait::insert(taken())
            .execute(&one)
            .await
            .unwrap_err()
            .is_unique_violation()
    );
}

#[tokio::test]
async fn what_one_tenant_lacks_is_not_written_to_another() {
    let library = library().await;
    let (one, two) = (library.db.scope(TenantId(1)), library.db.scope(TenantId(2)));
    Portrait::delete().key(2).execute(&one).await.unwrap();
    let before = all_of(2, &two).await;
    let none = |affected: Result<u64>| assert_eq!(affected.unwrap(), 0);
    none(
        Portrait::update(2)
            .set(Portrait::TEXT, "x")
            .execute(&one)
            .await,
    );
    none(
        Portrait::update_each(Portrait::TEXT, [(2, "x".into())])
            .execute(&one)
            .await,
    );
    none(Portrait::delete().key(2).execute(&one).await);
    assert!(
        Portrait::update(2)
            .set(Portrait::TEXT, "x")
            .one(&one)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(
        Portrait::delete()
            .key(2)
            .one(&one)
            .await
            .unwrap_err()
            .is_not_found()
    );
    Author::delete().key(1).execute(&one).await.unwrap();
    Author::restore(1).execute(&one).await.unwrap();
    none(Author::restore(1).execute(&two).await);
    assert_eq!(all_of(2, &two).await, before);
    // A row refers to one of its own tenant: the third author is another's.
    Author::insert(new_author(3, 2))
        .execute(&two)
        .await
        .unwrap();
    let book = || book_by(9, 3);
    assert!(
        Book::insert(book())
            .execute(&one)
            .await
            .unwrap_err()
            .is_foreign_key_violation()
    );
    assert_eq!(Book::insert(book()).execute(&two).await.unwrap(), 1);
}

fn book_by(id: i64, author_id: i64) -> NewBook {
    NewBook {
        author_id,
        ..new_book(id, 0)
    }
}

#[tokio::test]
async fn new_rows_get_the_scope_of_their_statement() {
    let library = library().await;
    let one = library.db.scope(TenantId(1));
    let scope_of = |author: &Author| author.tenant_id;
    let inserted = Author::insert(new_author(3, 1)).one(&one).await.unwrap();
    assert_eq!(scope_of(&inserted), TenantId(1));
    // The statement counts before the handle.
    let other = Author::insert(new_author(3, 2)).scope(TenantId(2));
    assert_eq!(scope_of(&other.one(&one).await.unwrap()), TenantId(2));
    let many = Author::insert_many(vec![new_author(4, 1)]).scope(TenantId(1));
    let many = many.all(&library.db).await.unwrap();
    assert_eq!(many.iter().map(scope_of).collect::<Vec<_>>(), [TenantId(1)]);
    let upserted = Author::upsert(renamed(4))
        .scope(TenantId(1))
        .on_conflict(Author::ID);
    let upserted = upserted
        .update(Author::NAME)
        .one(&library.db)
        .await
        .unwrap();
    assert_eq!(
        (scope_of(&upserted), &*upserted.name),
        (TenantId(1), "renamed")
    );
    let copied = Author::copy_in([renamed(5)]).scope(TenantId(2));
    assert_eq!(copied.execute(&one).await.unwrap(), 1);
    assert!(Author::get(5).scope(TenantId(2)).one(&one).await.is_ok());
    let new = NewTenant { name: "new".into() };
    let tenant = Tenant::insert(new)
        .one(&library.db.scope(TenantId(7)))
        .await
        .unwrap();
    assert_eq!(tenant.id, TenantId(7));
    links_of_a_row_are_of_its_scope(&library.db).await;
}

async fn links_of_a_row_are_of_its_scope(db: &Db) {
    let two = db.scope(TenantId(2));
    let before = all_of(1, &two).await;
    let book = Book::get(3).one(&two).await.expect("a book");
    for db in [db, &db.scope(TenantId(1)), &db.all_scopes()] {
        let added = Book::TAGS.of(&book).add(db, [1]).await;
        assert_eq!(added.expect("a link"), 1);
        let cleared = Book::TAGS.of(&book).clear(db).await;
        assert_eq!(cleared.expect("a link"), 1);
    }
    assert_eq!(all_of(1, &two).await, before);
}
