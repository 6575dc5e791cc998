//! A session keeps to one scope.

use crate::library::{Author, Book, Country, TenantId, library, names, new_author, new_book};
use ormcore::{Db, ErrorKind, Result, RowState};

#[tokio::test]
async fn a_session_reads_rows_and_relations_of_its_scope_alone() {
    let fresh = library().await;
    for tenant in [1, 2] {
        let mut s = fresh.db.scope(TenantId(tenant)).session();
        let ada = s.get::<Author>(1).await.unwrap();
        assert_eq!(s[ada].tenant_id, TenantId(tenant));
        let authors = s.all(Author::find()).await.unwrap();
        assert_eq!(authors.len(), 2);
        assert!(authors.contains(&ada));
        s.load(ada, Author::BOOKS).await.unwrap();
        let books = s.related(ada, Author::BOOKS).unwrap();
        assert_eq!(
            names(books.iter().map(|book| &s[*book])),
            [1, 2].map(|book| format!("Book {book} of {tenant}"))
        );
        let books = s.all(Book::find().with(Book::AUTHOR)).await.unwrap();
        for book in books {
            let author = s.related(book, Book::AUTHOR).unwrap().unwrap();
            assert_eq!(s[author].tenant_id, TenantId(tenant));
        }
        let here = s.get::<Country>(1).await.unwrap();
        s.load(here, Country::AUTHORS).await.unwrap();
        let authors = s.related(here, Country::AUTHORS).unwrap();
        assert_eq!(authors.len(), 2);
        assert!(
            authors
                .iter()
                .all(|row| s[*row].tenant_id == TenantId(tenant))
        );
    }
}

/// The rows of two tenants have the same keys: a session that took both would take one for the other.
#[tokio::test]
async fn a_session_that_is_of_no_scope_or_of_several_reads_no_rows_that_have_one() {
    let fresh = library().await;
    let refused = |result: Result<()>| {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
        let message = error.to_string();
        assert!(message.contains("db.scope(…).session()"), "{message}");
    };
    for db in [fresh.db.clone(), fresh.db.all_scopes()] {
        let mut s = db.session();
        refused(s.get::<Author>(1).await.map(|_| ()));
        refused(s.all(Author::find()).await.map(|_| ()));
        refused(s.all(Author::find().with(Author::BOOKS)).await.map(|_| ()));
        let here = s.get::<Country>(1).await.unwrap();
        refused(s.load(here, Country::AUTHORS).await);
        let together = Country::find().with(Country::AUTHORS);
        assert!(s.all(together).await.is_err());
    }
    let mut s = fresh.db.scope(TenantId(1)).session();
    refused(s.all(Author::find().scope(TenantId(2))).await.map(|_| ()));
    refused(s.all(Author::find().all_scopes()).await.map(|_| ()));
    assert_eq!(s.all(Author::find()).await.unwrap().len(), 2);
}

async fn of_tenant(db: &Db, tenant: i64) -> (Vec<String>, Vec<String>) {
    let db = db.scope(TenantId(tenant));
    let authors = Author::find().with_deleted();
    let authors = authors
        .order_by(Author::ID)
        .all(&db)
        .await
        .expect("authors");
    let told = |author: &Author| format!("{} {}", author.name, author.deleted_at.is_some());
    let books = Book::find().all(&db).await.expect("books");
    (authors.iter().map(told).collect(), names(&books))
}

#[tokio::test]
async fn a_session_writes_rows_of_its_scope_alone() {
    let fresh = library().await;
    let other = of_tenant(&fresh.db, 2).await;
    let mut s = fresh.db.scope(TenantId(1)).session();
    let ada = s.get::<Author>(1).await.unwrap();
    let bob = s.get::<Author>(2).await.unwrap();
    let book = s.get::<Book>(2).await.unwrap();
    s[ada].name = "Ada Lovelace".into();
    s.remove(bob);
    s.remove(book);
    let eve = s.add(new_author(3, 1));
    s.add(new_book(4, 1));
    s.commit().await.unwrap();
    assert_eq!(s[eve].tenant_id, TenantId(1));
    let (authors, books) = of_tenant(&fresh.db, 1).await;
    assert_eq!(authors[0], "Ada Lovelace false");
    assert!(authors[1].ends_with(" true"), "{authors:?}");
    assert_eq!(authors.len(), 3);
    assert_eq!(books, ["Book 1 of 1", "Book 3 of 1", "Book 4 of 1"]);
    assert_eq!(of_tenant(&fresh.db, 2).await, other);
    // What was undone is written again, in the same scope.
    s[ada].name = "Ada".into();
    let again = s.add(new_author(4, 1));
    s[eve].boss_id = Some(99);
    assert!(s.commit().await.is_err());
    s[eve].boss_id = Some(1);
    s.commit().await.unwrap();
    assert_eq!(s[again].tenant_id, TenantId(1));
    assert_eq!(of_tenant(&fresh.db, 1).await.0.len(), 4);
    assert_eq!(of_tenant(&fresh.db, 2).await, other);
}

#[tokio::test]
async fn what_is_wrong_with_a_row_is_found_out_in_its_scope() {
    let fresh = library().await;
    let db = fresh.db.scope(TenantId(1));
    let mut s = db.session();
    let books = s.all(Book::find().order_by(Book::ID)).await.unwrap();
    // The other tenant's stays.
    Book::delete().key(2).execute(&db).await.unwrap();
    for book in &books {
        s[*book].title.push('!');
    }
    let stale = s.commit().await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion, "{stale}");
    assert_eq!(s.failure().unwrap().gone::<Book>(), [books[1]]);
    s.detach(books[1]).unwrap();
    // Nobody has this number here, and somebody there.
    let there = fresh.db.scope(TenantId(2));
    Author::insert(new_author(3, 1)).one(&there).await.unwrap();
    let new = s.add_all([5, 6, 7].map(|id| new_book(id, 1)));
    let nobody = s.commit().await.unwrap_err();
    assert!(nobody.is_foreign_key_violation(), "{nobody}");
    let failure = s.failure().unwrap();
    assert_eq!(failure.rows::<Book>(), new[1..]);
    assert_eq!(failure.columns(), ["tenant_id", "author_id"]);
}

#[tokio::test]
async fn a_row_stays_in_the_scope_of_its_session() {
    let fresh = library().await;
    let mut s = fresh.db.scope(TenantId(1)).session();
    let ada = s.get::<Author>(1).await.unwrap();
    s[ada].tenant_id = TenantId(2);
    fresh.statements();
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("tenant_id"), "{error}");
    assert!(fresh.statements().is_empty());
}

#[tokio::test]
async fn new_rows_of_no_scope_are_refused_and_nothing_is_sent() {
    let fresh = library().await;
    for db in [fresh.db.clone(), fresh.db.all_scopes()] {
        let mut s = db.session();
        let eve = s.add(new_author(3, 1));
        let error = s.commit().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(
            error.to_string().contains("db.scope(…).session()"),
            "{error}"
        );
        assert_eq!(s.state(eve).unwrap(), RowState::Pending);
        assert!(fresh.statements().is_empty());
    }
    let mut s = fresh.db.scope(1_i64).session();
    s.add(new_author(3, 1));
    let error = s.commit().await.unwrap_err();
    assert!(error.to_string().contains("TenantId"), "{error}");
}
