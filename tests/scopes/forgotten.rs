//! A statement that does not say which scope it is about is not sent, and what is wrong with others that say it wrongly.

use crate::library::{
    Author, Book, Country, Membership, NewMembership, Portrait, TenantId, library, new_author,
};
use futures_util::{TryFutureExt as _, TryStreamExt as _};
use ormcore::{Alias, Entity, Error, ErrorKind, Result, sql};

macro_rules! refused {
    ($fresh:ident, $kind:expr, $names:ident: $($way:expr;)*) => {$(
        let line = line!();
        let result: Result<()> = $way.map_ok(drop).await;
        let error = result.expect_err(stringify!($way));
        refused(&error, $kind, &$names, stringify!($way));
        assert!(error.to_string().contains("forgotten.rs"), "{error} does not say where ({line})");
        assert_eq!($fresh.statements(), Vec::<String>::new(), "{}", stringify!($way));
    )*};
}

fn refused(error: &Error, kind: ErrorKind, names: &[&str], way: &str) {
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{way}: {text}");
    for name in names {
        assert!(text.contains(name), "{way}: {text} does not name {name}");
    }
}

#[tokio::test]
async fn a_question_without_a_scope_is_not_sent() {
    let library = library().await;
    let db = &library.db;
    let missing = ErrorKind::ScopeMissing;
    let boss = Alias::<Author>::new("boss");
    let rows = Alias::<Author>::of_rows("rows");
    let select = || Author::find().select(Author::ID);
    let countries = Country::find;
    let remedies = [
        "`Author`",
        "`tenant_id`",
        "db.scope(",
        "`.scope(",
        "`.all_scopes()`",
    ];
    refused! { library, missing, remedies:
        Author::get(1).one(db);
        Author::get(1).maybe(db);
        Author::get(1).with(Author::BOOKS).maybe(db);
        Author::find().all(db);
        Author::find().one(db);
        Author::find().maybe(db);
        Author::find().first(db);
        Author::find().count(db);
        Author::find().exists(db);
        Author::find().page(1, db);
        Author::find().after(None).page(1, db);
        Author::find().numbered_page(1, 1, db);
        Author::find().stream(db).try_collect::<Vec<_>>();
        Author::find().for_each(db, |_| Ok(()));
        Author::find().copy_out(db).try_collect::<Vec<_>>();
        Author::find().copy_out_csv(db).try_collect::<Vec<_>>();
        Author::find().consistent().with(Author::BOOKS).all(db);
        Author::find().for_update().all(db);
        Author::find().filter(Author::TENANT_ID.eq(TenantId(1))).all(db);
        select().all(db);
        select().one(db);
        select().maybe(db);
        select().first(db);
        select().count(db);
        select().exists(db);
        select().stream(db).try_collect::<Vec<_>>();
        select().union(select()).all(db);
        select().union(select()).count(db);
        countries().select(Country::ID).union(select()).all(db);
        countries().filter(Country::ID.in_query(select())).all(db);
        countries().filter(Country::AUTHORS.exists()).all(db);
        countries().select(Country::AUTHORS.count()).all(db);
        countries().order_by(Country::AUTHORS.count()).all(db);
        countries().join(boss, boss.col(Author::ID).eq(Country::ID)).all(db);
        countries().with(Country::AUTHORS.joined()).all(db);
        countries().given(rows, Author::find()).all(db);
        Author::find().of(Author::find()).all(db);
        Author::find().tree(Author::find(), Author::STAFF).all(db);
    }
    let of_links = ["`tenant_id`", "db.scope("];
    refused! { library, missing, of_links:
        countries().filter(Country::MEMBERS.exists()).all(db);
        countries().with(Country::MEMBERS.joined()).all(db);
        Book::TAGS.of_key(&1).has(db, 1);
        Book::TAGS.of_key(&1).keys(db);
        Book::TAGS.of_key(&1).count(db);
        Country::MEMBERS.of_key(&1).find().all(db);
    }
    let country = Country::find().one(db).await.unwrap();
    library.statements();
    refused! { library, missing, remedies:
        country.authors.load(db);
    }
    let with = Country::find().with(Country::AUTHORS).all(db).await;
    refused(&with.unwrap_err(), missing, &remedies, "with");
}

#[tokio::test]
async fn neither_is_a_change_without_one() {
    let library = library().await;
    let db = &library.db;
    let missing = ErrorKind::ScopeMissing;
    let text = || (1, "x".to_owned());
    let remedies = ["tenant_id`", "db.scope(", "`.scope("];
    let members = || NewMembership {
        country_id: 1,
        author_id: 1,
    };
    let new = || new_author(9, 1);
    refused! { library, missing, remedies:
        Author::update(1).set(Author::NAME, "x").execute(db);
        Author::update(1).set(Author::NAME, "x").one(db);
        Author::update(1).one(db);
        Author::update_many().set(Author::NAME, "x").all_rows().all(db);
        Author::update_each(Author::NAME, [text()]).execute(db);
        Author::update_each(Author::NAME, [text()]).all(db);
        Author::update(1).set(Author::NAME, "x").returning(Author::ID).all(db);
        Author::update_each(Author::NAME, [text()]).returning(Author::ID).all(db);
        Author::delete().key(1).returning(Author::ID).all(db);
        Author::insert(new()).returning(Author::ID).one(db);
        Author::insert_many(vec![new()]).returning(Author::ID).all(db);
        Author::upsert(new()).on_conflict(Author::ID).update_all().returning(Author::ID).one(db);
        Author::restore(1).execute(db);
        Author::delete().key(1).execute(db);
        Author::delete().all_rows().all(db);
        Portrait::delete().key(1).one(db);
        Author::insert(new()).one(db);
        Author::insert(new()).execute(db);
        Author::insert_many(vec![new()]).all(db);
        Author::insert_many(vec![new()]).keys(db);
        Author::insert_many(vec![new()]).execute(db);
        Author::upsert(new()).on_conflict(Author::ID).update_all().one(db);
        Author::upsert(new()).on_conflict(Author::ID).do_nothing().execute(db);
        Author::upsert_many(vec![new()]).on_conflict(Author::ID).update_all().all(db);
        Author::upsert_many(vec![new()]).on_conflict(Author::ID).do_nothing().execute(db);
        Author::copy_in([new()]).execute(db);
        Membership::insert(members()).execute(db);
        Country::MEMBERS.of_key(&1).add(db, [1]);
        Book::TAGS.of_key(&1).clear(db);
        Book::TAGS.of_key(&1).set(db, [1]);
    }
    // A new row cannot be one of all.
    let all = &db.all_scopes();
    refused! { library, missing, remedies:
        Author::insert(new()).one(all);
        Author::insert_many(vec![new()]).execute(all);
        Author::copy_in([new()]).execute(all);
        Author::upsert(new()).on_conflict(Author::ID).update_all().one(all);
        Book::TAGS.of_key(&1).clear(all);
    }
    let tx = db.begin().await.unwrap();
    let forgotten = Author::find().all(&tx).await;
    assert_eq!(forgotten.unwrap_err().kind(), missing);
    // Nothing was sent: the transaction is as good as it was.
    assert_eq!(
        Author::find().scope(TenantId(1)).count(&tx).await.unwrap(),
        2
    );
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_scope_has_the_type_of_the_column() {
    let library = library().await;
    let db = &library.db.scope(1_i64);
    let types = ["`Author`", "`tenant_id`", "TenantId`", "`i64`"];
    refused! { library, ErrorKind::Usage, types:
        Author::find().all(db);
        Author::get(1).one(db);
        Author::insert(new_author(3, 1)).execute(db);
        Author::copy_in([new_author(3, 1)]).execute(db);
        Author::update(1).set(Author::NAME, "x").execute(db);
        Country::find().filter(Country::AUTHORS.exists()).all(db);
    }
}

#[tokio::test]
async fn a_row_stays_in_its_scope() {
    let library = library().await;
    let db = &library.db.scope(TenantId(1));
    let two = || TenantId(2);
    let new = || new_author(3, 1);
    let words = ["`tenant_id`", "`Author`", "cannot be set"];
    refused! { library, ErrorKind::Usage, words:
        Author::update(1).set(Author::TENANT_ID, two()).execute(db);
        Author::update(1).set(Author::TENANT_ID, TenantId(1)).one(db);
        Author::update_many().set(Author::TENANT_ID, Author::TENANT_ID).all_rows().all(db);
        Author::update_many().all_scopes().set(Author::TENANT_ID, two()).all_rows().execute(db);
        Author::update_each(Author::TENANT_ID, [(1, two())]).execute(db);
        Author::upsert(new()).on_conflict(Author::ID).set(Author::TENANT_ID, two()).execute(db);
        Author::upsert(new()).on_conflict(Author::ID).update(Author::TENANT_ID).one(db);
        Author::upsert_many(vec![new()]).on_conflict(Author::ID).update((Author::NAME, Author::TENANT_ID)).all(db);
    }
}

#[tokio::test]
async fn own_sql_is_sent_as_it_stands() {
    let library = library().await;
    let count = || sql("SELECT count(*) FROM authors");
    for db in [
        &library.db,
        &library.db.scope(TenantId(1)),
        &library.db.scope(1_i32),
    ] {
        assert_eq!(count().scalar::<i64>(db).await.unwrap(), 4);
        assert_eq!(Country::find().count(db).await.unwrap(), 1);
        assert_eq!(Country::TABLE.entity, "Country");
    }
}

#[tokio::test]
async fn the_name_of_a_scope_is_nobodys_business() {
    let library = library().await;
    let db = library.db.scope(TenantId(4_711));
    let found = Author::find().filter(Author::BOOKS.exists()).all(&db);
    assert_eq!(found.await.unwrap().len(), 0);
    let error = Author::get(1).one(&db).await.unwrap_err();
    let refused = Author::insert(new_author(1, 1)).one(&db).await.unwrap_err();
    let question = Author::find().scope(TenantId(4_711));
    let insert = Author::delete().scope(TenantId(4_711));
    let seen = [
        format!("{error} {error:?} {refused} {refused:?} {db:?} {question:?} {insert:?}"),
        library.everything(),
    ];
    assert!(!seen.iter().any(|text| text.contains("4711")), "{seen:?}");
    assert!(seen[1].contains("tenant_id"), "{seen:?}");
}
