//! What a statement says about its scope, what it says about those inside it, and what a row knows itself.

use crate::library::{Author, Book, Called as _, Country, Portrait, Tag, TenantId, library, names};
use ormcore::{Db, ErrorKind, Lazy, Result};

/// The tenant that a name ends with.
fn tenant(name: &str) -> i64 {
    name[name.len() - 1..].parse().expect("a number")
}

#[tokio::test]
async fn the_statement_counts_before_the_handle() {
    let library = library().await;
    let one = library.db.scope(TenantId(1));
    let two = || Author::find().scope(TenantId(2));
    for db in [
        &library.db,
        &one,
        &library.db.all_scopes(),
        &one.scope(TenantId(3)),
    ] {
        assert_eq!(names(two().all(db).await.unwrap()), ["Ada 2", "Bob 2"]);
        assert_eq!(
            Author::get(1)
                .scope(TenantId(2))
                .one(db)
                .await
                .unwrap()
                .name,
            "Ada 2"
        );
        assert_eq!(two().count(db).await.unwrap(), 2);
        assert_eq!(Author::find().all_scopes().count(db).await.unwrap(), 4);
        let all = Author::find()
            .all_scopes()
            .select(Author::NAME)
            .all(db)
            .await
            .unwrap();
        assert_eq!(names(all), ["Ada 1", "Ada 2", "Bob 1", "Bob 2"]);
    }
    assert_eq!(Author::find().count(&one).await.unwrap(), 2);
    assert_eq!(Author::find().count(&one.all_scopes()).await.unwrap(), 4);
    assert_eq!(
        Author::find().count(&one.scope(TenantId(3))).await.unwrap(),
        0
    );
}

#[tokio::test]
async fn what_is_said_inside_matters_inside_alone() {
    let library = library().await;
    let one = &library.db.scope(TenantId(1));
    let of = |scope| Author::find().scope(TenantId(scope)).select(Author::NAME);
    let both = Author::find()
        .select(Author::NAME)
        .union(of(2))
        .union(of(1))
        .all(one)
        .await;
    assert_eq!(names(both.unwrap()), ["Ada 1", "Ada 2", "Bob 1", "Bob 2"]);
    let inside = Author::find().filter(Author::NAME.not_in_query(of(2)) & Author::BOOKS.exists());
    assert_eq!(names(inside.all(one).await.unwrap()), ["Ada 1", "Bob 1"]);
    let before = Author::find().filter(Author::NAME.in_query(of(2)));
    assert_eq!(before.count(one).await.unwrap(), 0);
    let all = Author::find().all_scopes().select(Author::NAME);
    let all = Author::find().filter(Author::NAME.in_query(all));
    assert_eq!(names(all.all(one).await.unwrap()), ["Ada 1", "Bob 1"]);
    let of_all = Author::find()
        .of(Author::find().all_scopes())
        .count(one)
        .await;
    assert_eq!(of_all.unwrap(), 2);
    let many: Vec<Option<String>> = Country::find()
        .select((
            of(2).filter(Author::ID.eq(1)).scalar(),
            of(1).filter(Author::ID.eq(1)).scalar(),
        ))
        .one(&library.db)
        .await
        .map(|(two, one)| vec![two, one])
        .unwrap();
    assert_eq!(names(many), ["Ada 1", "Ada 2"]);
}

/// Every related row is of the scope of the row it was loaded for.
async fn all_are_of_their_owners(authors: Vec<Author>, db: &Db) -> Result<usize> {
    let mut seen = 0;
    for author in &authors {
        let own = tenant(&author.name);
        let mut related = names([author.tenant.load(db).await?]);
        related.extend(author.boss.load(db).await?.map(|boss| boss.name.clone()));
        related.extend(names(author.staff.load(db).await?));
        related.extend(
            author
                .portrait
                .load(db)
                .await?
                .map(|portrait| portrait.text.clone()),
        );
        for book in author.books.load(db).await? {
            related.push(book.called());
            related.extend(names(book.tags.load(db).await?));
            related.push(book.author.load(db).await?.called());
        }
        assert!(
            related.iter().all(|name| tenant(name) == own),
            "of {own}: {related:?}"
        );
        seen += related.len();
    }
    Ok(seen)
}

/// In all: 4 tenants, 2 bosses, 2 of their staff, 4 portraits, 6 books with as many authors, 4 tags.
const RELATED: usize = 28;

#[tokio::test]
async fn related_rows_are_of_the_rows_own_scope_also_where_all_are_asked_for() {
    let library = library().await;
    let db = &library.db;
    let all = || Author::find().all_scopes().order_by(Author::ID);
    let select_in = all()
        .with(Author::TENANT)
        .with(Author::BOSS)
        .with(Author::STAFF)
        .with(Author::PORTRAIT)
        .with(Author::BOOKS.with(Book::TAGS).with(Book::AUTHOR));
    let joined = all()
        .with(Author::TENANT.joined())
        .with(Author::BOSS.joined())
        .with(Author::STAFF.joined())
        .with(Author::PORTRAIT.joined())
        .with(
            Author::BOOKS
                .joined()
                .with(Book::TAGS.joined())
                .with(Book::AUTHOR.joined()),
        );
    let many = |rows| Author::BOOKS.order_by(Book::ID).limit(rows);
    let ranked = all()
        .with(Author::STAFF.limit(1))
        .with(many(9).with(Book::TAGS.order_by(Tag::ID).limit(9)));
    let ranked_joined = all().with(many(9).joined().with(Book::TAGS.limit(9).joined()));
    let lateral = all().with(many(9).lateral().with(Book::TAGS.limit(9).lateral()));
    let half = all().with(Author::BOOKS.joined().with(Book::TAGS));
    let other_half = all().with(Author::BOOKS.with(Book::TAGS.joined()));
    for (way, find) in [
        ("select in", select_in),
        ("joined", joined),
        ("ranked", ranked),
        ("ranked, joined", ranked_joined),
        ("lateral", lateral),
        ("joined, then select in", half),
        ("select in, then joined", other_half),
        ("lazily", all()),
        ("for all at once", all().lazy(Lazy::Peers)),
    ] {
        let authors = find.all(db).await.unwrap();
        assert_eq!(authors.len(), 4, "{way}");
        let seen = all_are_of_their_owners(authors, db).await;
        assert_eq!(seen.unwrap(), RELATED, "{way}");
    }
    for limited in [many(1), many(1).joined(), many(1).lateral()] {
        let authors = all().with(limited).all(db).await.unwrap();
        assert!(
            authors
                .iter()
                .all(|author| author.books.get().unwrap().len() == 1)
        );
    }
}

#[tokio::test]
async fn a_row_knows_its_scope_whatever_the_handle_says() {
    let library = library().await;
    let db = &library.db;
    for lazy in [Lazy::One, Lazy::Peers] {
        for handle in [
            db,
            &db.scope(TenantId(1)),
            &db.scope(TenantId(2)),
            &db.all_scopes(),
        ] {
            let authors = Author::find().scope(TenantId(2)).lazy(lazy).all(db).await;
            let seen = all_are_of_their_owners(authors.unwrap(), handle).await;
            assert_eq!(seen.unwrap(), RELATED / 2);
        }
    }
    library.statements();
    let authors = Author::find()
        .scope(TenantId(2))
        .with(Author::BOOKS)
        .all(db)
        .await;
    assert_eq!(authors.unwrap().len(), 2);
    // One scope is asked for as one, without going through pairs of keys.
    let statements = library.statements();
    let words = r#"WHERE "author_id" = ANY($1) AND "tenant_id" = $2"#;
    assert!(statements[1].ends_with(words), "{statements:?}");
}

#[tokio::test]
async fn questions_about_related_rows_of_all_stay_within_each() {
    let library = library().await;
    let db = &library.db.all_scopes();
    // The first tag is on the first book of the first tenant, and on none of the other's.
    let tagged = Book::find().filter(Book::TAGS.any(Tag::ID.eq(1)));
    assert_eq!(names(tagged.all(db).await.unwrap()), ["Book 1 of 1"]);
    let of_ada_2 = Book::find().filter(Book::AUTHOR.is(Author::NAME.eq("Ada 2")));
    assert_eq!(
        names(of_ada_2.all(db).await.unwrap()),
        ["Book 1 of 2", "Book 2 of 2"]
    );
    let counted = Author::find().order_by(Author::NAME);
    let counted: Vec<i64> = counted.select(Author::BOOKS.count()).all(db).await.unwrap();
    assert_eq!(counted, [2, 2, 1, 1]);
    let two_away =
        Author::find().filter(Author::BOOKS.any(Book::TAGS.any(Tag::NAME.eq("Tag 2 of 1"))));
    assert_eq!(names(two_away.all(db).await.unwrap()), ["Ada 1"]);
    let ada = || Author::find().filter(Author::NAME.eq("Ada 2"));
    let tree = Author::find().tree(ada(), Author::STAFF).all(db).await;
    assert_eq!(names(tree.unwrap()), ["Ada 2", "Bob 2"]);
    let country = Country::find()
        .with(Country::AUTHORS)
        .one(db)
        .await
        .unwrap();
    assert_eq!(names(country.authors.get().unwrap()).len(), 4);
    let members = names(country.members.load(db).await.unwrap());
    assert_eq!(members, ["Ada 1", "Bob 2"]);
}

#[tokio::test]
async fn a_key_of_all_scopes_is_that_of_several_rows() {
    let library = library().await;
    let db = &library.db;
    let several = Author::get(1).all_scopes().one(db).await.unwrap_err();
    assert_eq!(several.kind(), ErrorKind::TooManyRows);
    let with = Author::get(1)
        .all_scopes()
        .with(Author::BOOKS)
        .maybe(db)
        .await;
    assert_eq!(with.unwrap_err().kind(), ErrorKind::TooManyRows);
    let update = || Portrait::update(1).set(Portrait::TEXT, "x");
    assert_eq!(update().all_scopes().execute(db).await.unwrap(), 2);
    let each = Portrait::update_each(Portrait::TEXT, [(1, "y".into()), (2, "z".into())]);
    assert_eq!(each.all_scopes().execute(db).await.unwrap(), 4);
    assert_eq!(
        Portrait::delete()
            .key(1)
            .all_scopes()
            .execute(db)
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        Portrait::delete()
            .all_rows()
            .scope(TenantId(1))
            .execute(db)
            .await
            .unwrap(),
        1
    );
    // Page by page, rows with the same key are told apart.
    let find = || Author::find().all_scopes().order_by(Author::ID);
    let (mut seen, mut next) = (Vec::new(), None);
    loop {
        let page = find().after(next).page(1, db).await.unwrap();
        seen.extend(page.rows.into_iter().map(|author| author.name));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["Ada 1", "Ada 2", "Bob 1", "Bob 2"]);
}
