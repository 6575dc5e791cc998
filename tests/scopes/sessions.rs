//! A session keeps to one scope.

use crate::library::{Author, Book, Country, TenantId, library, names, new_author};
use ormcore::{ErrorKind, Result};

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

/// Nothing of it is sent.
#[tokio::test]
async fn what_a_session_has_changed_of_rows_that_have_a_scope_is_refused_and_named() {
    let fresh = library().await;
    let mut s = fresh.db.scope(TenantId(1)).session();
    let ada = s.get::<Author>(1).await.unwrap();
    s[ada].name = "Ada Lovelace".into();
    fresh.statements();
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("`Author`"), "{error}");
    s.rollback().await.unwrap();
    s.add(new_author(3, 1));
    assert_eq!(s.commit().await.unwrap_err().kind(), ErrorKind::Usage);
    s.rollback().await.unwrap();
    s.remove(ada);
    assert_eq!(s.commit().await.unwrap_err().kind(), ErrorKind::Usage);
    assert!(fresh.statements().is_empty());
}
