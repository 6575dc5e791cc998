//! Every way to read.

use crate::library::{Author, Book, Country, Portrait, Tag, Tenant, TenantId, library, names};
use futures_util::TryStreamExt as _;
use ormcore::{Alias, Executor, Lazy, Result, count, row};

/// What each way to read finds, and how it is written.
type Found = Vec<(&'static str, Vec<String>)>;

macro_rules! found {
    ($($way:expr;)*) => {
        vec![$((stringify!($way), names($way))),*]
    };
}

async fn questions(db: &impl Executor) -> Result<Found> {
    let ada = || Author::NAME.starts_with("Ada");
    let boss = Alias::<Author>::new("boss");
    let of_boss = || boss.col(Author::ID).eq(Author::BOSS_ID);
    let rows = Alias::<Author>::of_rows("some");
    let mut borrowed = Vec::new();
    let look = Author::find().for_each(db, |author| {
        borrowed.push(author.text(Author::NAME)?.to_owned());
        Ok(())
    });
    look.await?;
    let select = || Author::find().select(Author::NAME);
    let first_page = Author::find().order_by(Author::NAME).page(1, db).await?;
    let after = Author::find().order_by(Author::NAME).after(first_page.next);
    Ok(found! {
        [Author::get(1).one(db).await?];
        Author::get(2).maybe(db).await?;
        [Author::get(1).for_update().one(db).await?];
        Author::find().all(db).await?;
        [Author::find().filter(Author::ID.eq(1)).one(db).await?];
        [Author::find().filter(Author::ID.in_([2])).maybe(db).await?];
        [Author::find().order_by(Author::NAME).first(db).await?];
        Author::find().filter(ada() | Author::ID.gt(1)).all(db).await?;
        Author::find().filter(!ada()).all(db).await?;
        Author::find().for_share().all(db).await?;
        Author::find().skip_locked().all(db).await?;
        Author::find().with_deleted().all(db).await?;
        Author::find().order_by(Author::ID).limit(2).offset(1).all(db).await?;
        Author::find().stream(db).try_collect::<Vec<_>>().await?;
        Author::find().copy_out(db).try_collect::<Vec<_>>().await?;
        Author::find().filter(ada() & Author::BOOKS.exists()).copy_out(db).try_collect::<Vec<_>>().await?;
        select().copy_out(db).try_collect::<Vec<_>>().await?;
        borrowed;
        first_page.rows;
        after.page(1, db).await?.rows;
        Author::find().order_by(Author::ID).numbered_page(1, 9, db).await?.rows;
        select().all(db).await?;
        select().stream(db).try_collect::<Vec<_>>().await?;
        Author::find().select(row::<Author>()).all(db).await?;
        select().distinct().all(db).await?;
        Author::find().select(Author::NAME.string_agg(",").order_by(Author::ID)).all(db).await?;
        Author::find().select((Author::NAME.max(), Author::NAME.min())).group_by(Author::ID).all(db).await?;
        select().union(Book::find().select(Book::TITLE)).all(db).await?;
        select().union_all(select()).all(db).await?;
        select().except(select().filter(ada())).all(db).await?;
        Author::find().filter(Author::ID.in_query(Book::find().select(Book::AUTHOR_ID))).all(db).await?;
        Country::find().select(select().filter(ada()).scalar::<Country>()).all(db).await?.into_iter().flatten();
        Author::find().join(boss, of_boss()).select((Author::NAME, boss.col(Author::NAME))).all(db).await?;
        Author::find().left_join(boss, of_boss()).select(boss.maybe(Author::NAME)).all(db).await?.into_iter().flatten();
        Author::find().full_join(boss, of_boss()).select(boss.maybe(Author::NAME)).all(db).await?.into_iter().flatten();
        Country::find().join(boss, boss.col(Author::COUNTRY_ID).eq(Country::ID)).select(boss.col(Author::NAME)).all(db).await?;
        Author::find().of(Author::find().limit(2)).all(db).await?;
        Author::find().given(rows, Author::find()).join(rows, rows.col(Author::ID).eq(Author::ID)).select((Author::NAME, rows.col(Author::NAME))).all(db).await?;
        Author::find().given(rows, Author::find()).of_rows(rows).all(db).await?;
        Author::find().tree(Author::find().filter(ada()), Author::STAFF).all(db).await?;
        Author::find().tree(Author::find().filter(!ada()), Author::BOSS).all(db).await?;
    })
}

async fn questions_about_related_rows(db: &impl Executor) -> Result<Found> {
    // Each of them is true of the rows of one tenant, and of the other's none.
    let [mine, other] = tenants(db).await?;
    let book = Book::TITLE.eq(format!("Book 1 of {mine}"));
    let not_mine = || Book::TITLE.eq(format!("Book 1 of {other}"));
    let tag = || Tag::NAME.eq(format!("Tag 2 of {mine}"));
    Ok(found! {
        Author::find().filter(Author::BOOKS.any(book)).all(db).await?;
        Author::find().filter(Author::BOOKS.none(not_mine())).all(db).await?;
        Author::find().filter(Author::BOOKS.any(not_mine())).all(db).await?;
        Book::find().filter(Book::AUTHOR.is(Author::BOOKS.any(not_mine()))).all(db).await?;
        Book::find().filter(Book::AUTHOR.is(Author::TENANT.is(Tenant::NAME.contains("Tenant")))).all(db).await?;
        Book::find().filter(Book::TAGS.any(tag())).all(db).await?;
        Tag::find().filter(Tag::BOOKS.any(Book::TAGS.any(tag()))).all(db).await?;
        Author::find().filter(Author::PORTRAIT.exists() & Author::BOSS.missing()).all(db).await?;
        Book::find().select(Book::AUTHOR.get(Author::NAME)).all(db).await?.into_iter().flatten();
        Author::find().select(Author::BOOKS.aggregate(Book::TITLE.max())).all(db).await?.into_iter().flatten();
        Country::find().select(Country::AUTHORS.aggregate(Author::NAME.max())).all(db).await?.into_iter().flatten();
        Country::find().select(Country::MEMBERS.aggregate(Author::NAME.max())).all(db).await?.into_iter().flatten();
    })
}

async fn relations(db: &impl Executor) -> Result<Found> {
    let authors = Author::find()
        .with(Author::TENANT)
        .with(Author::BOSS)
        .with(Author::STAFF.order_by(Author::ID))
        .with(Author::PORTRAIT)
        .with(Author::BOOKS.with(Book::TAGS).with(Book::AUTHOR));
    let joined = Author::find()
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
    let some = Author::find().with(
        Author::BOOKS
            .order_by(Book::ID)
            .limit(1)
            .with(Book::TAGS.order_by(Tag::ID).limit(1)),
    );
    let some_joined = Author::find().with(
        Author::BOOKS
            .order_by(Book::ID)
            .limit(1)
            .joined()
            .with(Book::TAGS.limit(1).joined()),
    );
    let lateral = Author::find().limit(2).with(
        Author::BOOKS
            .order_by(Book::ID)
            .limit(1)
            .lateral()
            .with(Book::TAGS.limit(9).lateral()),
    );
    let mut found = Found::new();
    for (way, authors) in [
        ("select in", authors.all(db).await?),
        ("joined", joined.all(db).await?),
        ("some", some.all(db).await?),
        ("some, joined", some_joined.all(db).await?),
        ("lateral", lateral.all(db).await?),
        ("lazily", Author::find().all(db).await?),
        (
            "lazily, for all",
            Author::find().lazy(Lazy::Peers).all(db).await?,
        ),
    ] {
        found.push((way, names(&authors)));
        for author in &authors {
            found.push((way, names([author.tenant.load(db).await?])));
            found.push((way, names(author.boss.load(db).await?)));
            found.push((way, names(author.staff.load(db).await?)));
            found.push((way, names(author.portrait.load(db).await?)));
            for book in author.books.load(db).await? {
                found.push((way, names([book])));
                found.push((way, names([book.author.load(db).await?])));
                found.push((way, names(book.tags.load(db).await?)));
            }
        }
    }
    let countries = Country::find()
        .with(Country::AUTHORS)
        .with(Country::MEMBERS);
    let joined = Country::find().with(Country::AUTHORS.joined());
    let members = Country::find().with(Country::MEMBERS.joined());
    for (way, countries) in [
        ("of a country", countries.all(db).await?),
        ("of a country, joined", joined.all(db).await?),
        ("members, joined", members.all(db).await?),
        ("of a country, lazily", Country::find().all(db).await?),
    ] {
        for country in countries {
            found.push((way, names(country.authors.load(db).await?)));
            found.push((way, names(country.members.load(db).await?)));
        }
    }
    Ok(found)
}

/// The tenant that the handle speaks for, and the other.
async fn tenants(db: &impl Executor) -> Result<[i64; 2]> {
    let TenantId(mine) = Tenant::find().one(db).await?.id;
    Ok([mine, 3 - mine])
}

async fn counts(db: &impl Executor) -> Result<Vec<u64>> {
    let select = || Author::find().select(Author::ID);
    let counted: Vec<i64> = Author::find().select(count()).all(db).await?;
    let of_country = Country::find().select(Country::AUTHORS.count());
    let of_tags = Tag::find().order_by(Tag::ID).select(Tag::BOOKS.count());
    Ok(vec![
        Author::find().count(db).await?,
        Author::find().with_deleted().count(db).await?,
        select().count(db).await?,
        select().union(select()).count(db).await?,
        counted[0].cast_unsigned(),
        of_country.one(db).await?.cast_unsigned(),
        Author::find().numbered_page(1, 9, db).await?.total,
        of_tags.first(db).await?.unwrap_or(9).cast_unsigned(),
    ])
}

fn is_all_of(tenant: i64, found: &Found) {
    for (way, names) in found {
        for name in names {
            assert!(
                name.split(',')
                    .all(|name| name.ends_with(&tenant.to_string())),
                "of tenant {tenant}: {way}: {name}"
            );
        }
    }
}

async fn read_all(tenant: i64, db: &impl Executor) {
    let found = questions(db).await.expect("questions");
    is_all_of(tenant, &found);
    let empty = |(way, names): &(&'static str, Vec<String>)| names.is_empty().then_some(*way);
    let empty: Vec<_> = found.iter().filter_map(empty).collect();
    assert_eq!(empty, Vec::<&str>::new(), "found nothing");
    let found = questions_about_related_rows(db).await.expect("questions");
    is_all_of(tenant, &found);
    let sizes: Vec<usize> = found.iter().map(|(_, names)| names.len()).collect();
    let tagged = if tenant == 1 { 1 } else { 2 };
    assert_eq!(sizes, [1, 2, 0, 0, 3, tagged, tagged.min(1), 1, 3, 2, 1, 1]);
    let found = relations(db).await.expect("relations");
    is_all_of(tenant, &found);
    assert!(found.len() > 80, "{}", found.len());
    let books_of_tag_1 = if tenant == 1 { 1 } else { 0 };
    let counts = counts(db).await.expect("counts");
    assert_eq!(counts, [2, 2, 2, 2, 2, 2, 2, books_of_tag_1]);
}

#[tokio::test]
async fn no_way_to_read_leads_to_another_tenant() {
    let library = library().await;
    for tenant in [1, 2] {
        let db = library.db.scope(TenantId(tenant));
        read_all(tenant, &db).await;
        let of_one_moment = Author::find().with(Author::BOOKS.with(Book::TAGS));
        for author in of_one_moment.consistent().all(&db).await.unwrap() {
            let books = names(author.books.get().unwrap());
            is_all_of(
                tenant,
                &vec![("of one moment", books), ("too", vec![author.name])],
            );
        }
        let mut tx = db.begin().await.unwrap();
        read_all(tenant, &tx).await;
        let part = tx.savepoint().await.unwrap();
        read_all(tenant, &part).await;
        part.release().await.unwrap();
        tx.commit().await.unwrap();
        let read = db.transaction(async |tx| questions(tx).await).await;
        is_all_of(tenant, &read.unwrap());
        let again = db.begin().retry(1).run(async |tx| questions(tx).await);
        is_all_of(tenant, &again.await.unwrap());
    }
}

#[tokio::test]
async fn a_row_that_only_the_other_tenant_has_is_not_there() {
    let library = library().await;
    let both = library.db.all_scopes();
    Portrait::delete()
        .key(2)
        .scope(TenantId(1))
        .execute(&both)
        .await
        .unwrap();
    let (one, two) = (library.db.scope(TenantId(1)), library.db.scope(TenantId(2)));
    assert!(Portrait::get(2).one(&one).await.unwrap_err().is_not_found());
    assert!(Portrait::get(2).maybe(&one).await.unwrap().is_none());
    assert!(
        !Portrait::find()
            .filter(Portrait::ID.eq(2))
            .exists(&one)
            .await
            .unwrap()
    );
    assert!(Portrait::get(2).one(&two).await.is_ok());
}
