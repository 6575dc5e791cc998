//! A session writes the links of its scope, and no others.

use crate::library::{
    Author, Book, Country, NewCountry, NewTag, Tag, TenantId, library, names, new_author, new_book,
};
use ormcore::{Db, ErrorKind, Result, RowState, sql};

/// Which book has which tag, and which country which member.
async fn links_of(db: &Db, tenant: i64) -> Vec<String> {
    let links = "SELECT format('book %s tag %s', book_id, tag_id) FROM book_tags WHERE tenant_id = $1 UNION ALL \
                 SELECT format('country %s author %s', country_id, author_id) FROM memberships WHERE tenant_id = $1 \
                 ORDER BY 1";
    let links = sql(links).bind(tenant).scalars(db).await;
    links.expect("links")
}

#[tokio::test]
async fn links_come_and_go_in_the_scope_of_the_session_from_either_side() {
    let fresh = library().await;
    let other = links_of(&fresh.db, 2).await;
    let mut s = fresh.db.scope(TenantId(1)).session();
    let first = s.get::<Book>(1).await.unwrap();
    let third = s.get::<Book>(3).await.unwrap();
    let one = s.get::<Tag>(1).await.unwrap();
    let two = s.get::<Tag>(2).await.unwrap();
    let here = s.get::<Country>(1).await.unwrap();
    let ada = s.get::<Author>(1).await.unwrap();
    let bob = s.get::<Author>(2).await.unwrap();
    s.connect(third, Book::TAGS, one).unwrap();
    s.connect(two, Tag::BOOKS, third).unwrap();
    s.disconnect(first, Book::TAGS, one).unwrap();
    s.connect(here, Country::MEMBERS, bob).unwrap();
    s.disconnect(here, Country::MEMBERS, ada).unwrap();
    s.commit().await.unwrap();
    let found = links_of(&fresh.db, 1).await;
    let expected = [
        "book 2 tag 2",
        "book 3 tag 1",
        "book 3 tag 2",
        "country 1 author 2",
    ];
    assert_eq!(found, expected);
    assert_eq!(links_of(&fresh.db, 2).await, other);
    s.load(third, Book::TAGS).await.unwrap();
    let tags = s.related(third, Book::TAGS).unwrap();
    let tags = names(tags.iter().map(|tag| &s[*tag]));
    assert_eq!(tags, ["Tag 1 of 1", "Tag 2 of 1"]);
}

/// The links of two tenants differ by nothing else.
#[tokio::test]
async fn a_link_that_another_tenant_has_too_stays_there() {
    let fresh = library().await;
    let linked = "book 2 tag 2".to_owned();
    let mut s = fresh.db.scope(TenantId(1)).session();
    let book = s.get::<Book>(2).await.unwrap();
    let tag = s.get::<Tag>(2).await.unwrap();
    s.disconnect(book, Book::TAGS, tag).unwrap();
    s.commit().await.unwrap();
    assert!(!links_of(&fresh.db, 1).await.contains(&linked));
    assert!(links_of(&fresh.db, 2).await.contains(&linked));
}

#[tokio::test]
async fn new_rows_are_linked_in_the_flush_that_inserts_them_and_again_after_one_that_failed() {
    let fresh = library().await;
    let other = links_of(&fresh.db, 2).await;
    let mut s = fresh.db.scope(TenantId(1)).session();
    let book = s.add(new_book(4, 1));
    let new_tag = |id| NewTag {
        id,
        name: "new".into(),
    };
    let tag = s.add(new_tag(7));
    let there = s.add(NewCountry {
        id: 7,
        name: "There".into(),
    });
    let author = s.add(new_author(7, 1));
    s.connect(book, Book::TAGS, tag).unwrap();
    s.connect(there, Country::MEMBERS, author).unwrap();
    s.flush().await.unwrap();
    let taken = s.add(new_tag(1));
    let error = s.flush().await.unwrap_err();
    assert!(error.is_unique_violation(), "{error}");
    s.remove(taken);
    s.commit().await.unwrap();
    assert_eq!(s.state(book).unwrap(), RowState::Clean);
    let found = links_of(&fresh.db, 1).await;
    for link in ["book 4 tag 7", "country 7 author 7"] {
        assert!(found.iter().any(|found| found == link), "{found:?}");
    }
    assert_eq!(links_of(&fresh.db, 2).await, other);
}

fn refused(result: Result<()>, says: &str) {
    let error = result.expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[tokio::test]
async fn rows_of_two_scopes_are_not_linked_and_nothing_is_sent() {
    let fresh = library().await;
    let strange = Book::get(1)
        .one(&fresh.db.scope(TenantId(2)))
        .await
        .unwrap();
    let mut s = fresh.db.scope(TenantId(1)).session();
    let tag = s.get::<Tag>(2).await.unwrap();
    // A value that came from elsewhere says that it is another tenant's.
    let book = s.merge(strange).await.unwrap();
    fresh.statements();
    let across = "`Book` and `Tag` are of one scope";
    refused(s.connect(book, Book::TAGS, tag), across);
    refused(s.disconnect(book, Book::TAGS, tag), across);
    refused(s.connect(tag, Tag::BOOKS, book), "`Tag` and `Book`");
    assert!(s.related(tag, Tag::BOOKS).is_err());
    assert!(fresh.statements().is_empty());
}

#[tokio::test]
async fn a_session_of_no_scope_makes_no_links_that_have_one() {
    let fresh = library().await;
    for db in [fresh.db.clone(), fresh.db.all_scopes()] {
        let mut s = db.session();
        let there = s.add(NewCountry {
            id: 7,
            name: "There".into(),
        });
        let author = s.add(new_author(7, 1));
        let linked = s.connect(there, Country::MEMBERS, author);
        refused(linked, "db.scope(…).session()");
    }
    let mut s = fresh.db.scope(1_i64).session();
    let book = s.add(new_book(4, 1));
    let new = NewTag {
        id: 7,
        name: "new".into(),
    };
    let tag = s.add(new);
    refused(s.connect(book, Book::TAGS, tag), "TenantId");
    assert!(fresh.statements().is_empty());
}
