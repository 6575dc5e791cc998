//! Two tenants whose rows have the same keys, and the same names but for the tenant's number at their end.

use crate::fresh::{Fresh, fresh};
use chrono::{DateTime, Utc};
use ormcore::{Db, Entity, Many, One, Value, entities};

#[derive(Value, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TenantId(pub i64);

#[derive(Entity, Debug, Clone)]
#[orm(table = "tenants", insert(NewTenant))]
pub(crate) struct Tenant {
    #[orm(primary_key, scope)]
    pub id: TenantId,
    pub name: String,
    #[orm(has_many(Author, key = tenant_id))]
    pub authors: Many<Author>,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "countries", insert(NewCountry))]
pub(crate) struct Country {
    #[orm(primary_key)]
    pub id: i64,
    pub name: String,
    #[orm(has_many(Author, key = country_id))]
    pub authors: Many<Author>,
    #[orm(many_to_many(Author, through = Membership, here = country_id, there = author_id))]
    pub members: Many<Author>,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "authors", insert(NewAuthor), patch(AuthorPatch))]
pub(crate) struct Author {
    #[orm(primary_key)]
    pub id: i64,
    #[orm(scope, references(Tenant))]
    pub tenant_id: TenantId,
    #[orm(unique)]
    pub name: String,
    #[orm(references(Country))]
    pub country_id: i64,
    #[orm(references(Author, on_delete = "set null"))]
    pub boss_id: Option<i64>,
    #[orm(soft_delete)]
    pub deleted_at: Option<DateTime<Utc>>,
    #[orm(belongs_to(key = tenant_id))]
    pub tenant: One<Tenant>,
    #[orm(belongs_to(key = country_id))]
    pub country: One<Country>,
    #[orm(belongs_to(key = boss_id))]
    pub boss: One<Option<Author>>,
    #[orm(has_many(Author, key = boss_id))]
    pub staff: Many<Author>,
    #[orm(has_many(Book, key = author_id))]
    pub books: Many<Book>,
    #[orm(has_one(Portrait, key = author_id))]
    pub portrait: One<Option<Portrait>>,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "portraits", insert(NewPortrait))]
pub(crate) struct Portrait {
    #[orm(primary_key)]
    pub id: i64,
    #[orm(scope)]
    pub tenant_id: TenantId,
    #[orm(unique, references(Author))]
    pub author_id: i64,
    pub text: String,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "books", insert(NewBook))]
pub(crate) struct Book {
    #[orm(scope)]
    pub tenant_id: TenantId,
    #[orm(primary_key)]
    pub id: i64,
    #[orm(references(Author))]
    pub author_id: i64,
    pub title: String,
    #[orm(version)]
    pub version: i32,
    #[orm(belongs_to(key = author_id))]
    pub author: One<Author>,
    #[orm(many_to_many(Tag, through = "book_tags"))]
    pub tags: Many<Tag>,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "tags", insert(NewTag))]
pub(crate) struct Tag {
    #[orm(primary_key)]
    pub id: i64,
    #[orm(scope)]
    pub tenant_id: TenantId,
    pub name: String,
    #[orm(many_to_many(Book, through = "book_tags"))]
    pub books: Many<Book>,
}

/// Who belongs to which country: a table between a table without scopes and one with.
#[derive(Entity, Debug, Clone)]
#[orm(table = "memberships", insert(NewMembership))]
pub(crate) struct Membership {
    #[orm(primary_key)]
    pub country_id: i64,
    #[orm(primary_key)]
    pub author_id: i64,
    #[orm(scope)]
    pub tenant_id: TenantId,
}

pub(crate) fn new_author(id: i64, tenant: i64) -> NewAuthor {
    let name = ["Ada", "Bob", "Cleo"].get(id as usize - 1);
    NewAuthor {
        id,
        name: format!("{} {tenant}", name.unwrap_or(&"Dora")),
        country_id: 1,
        boss_id: (id == 2).then_some(1),
    }
}

pub(crate) fn new_book(id: i64, tenant: i64) -> NewBook {
    NewBook {
        id,
        author_id: 1 + id / 3,
        title: format!("Book {id} of {tenant}"),
    }
}

/// Ada, and Bob of whom she is the boss; two books of hers and one of his, tagged; and a portrait of each.
async fn fill(db: &Db, tenant: i64) -> ormcore::Result<()> {
    let new = NewTenant {
        name: format!("Tenant {tenant}"),
    };
    Tenant::insert(new).execute(db).await?;
    let authors = [1, 2].map(|id| new_author(id, tenant));
    Author::insert_many(authors.into()).execute(db).await?;
    let books = [1, 2, 3].map(|id| new_book(id, tenant));
    Book::insert_many(books.into()).execute(db).await?;
    let tag = |id| NewTag {
        id,
        name: format!("Tag {id} of {tenant}"),
    };
    Tag::insert_many([1, 2].map(tag).into()).execute(db).await?;
    // The links of the one tenant are not those of the other.
    let tags = if tenant == 1 { [1, 2] } else { [2, 2] };
    for (book, tag) in [1, 2].into_iter().zip(tags) {
        Book::TAGS.of_key(&book).add(db, [tag]).await?;
    }
    let portrait = |author_id| NewPortrait {
        id: author_id,
        author_id,
        text: format!("Portrait {author_id} of {tenant}"),
    };
    let portraits = [1, 2].map(portrait);
    Portrait::insert_many(portraits.into()).execute(db).await?;
    let member = NewMembership {
        country_id: 1,
        author_id: tenant,
    };
    Membership::insert(member).execute(db).await?;
    Ok(())
}

pub(crate) async fn library() -> Fresh {
    let tables = entities![Tenant, Country, Author, Portrait, Book, Tag, Membership];
    let fresh = fresh(tables).await;
    let country = NewCountry {
        id: 1,
        name: "Here".into(),
    };
    let country = Country::insert(country).execute(&fresh.db).await;
    assert_eq!(country.expect("a library"), 1);
    for tenant in [1, 2] {
        let filled = fill(&fresh.db.scope(TenantId(tenant)), tenant).await;
        filled.expect("a library");
    }
    fresh.statements();
    fresh
}

/// What they are called.
pub(crate) trait Called {
    fn called(&self) -> String;
}

macro_rules! called {
    ($($entity:ident $field:ident;)*) => {$(
        impl Called for $entity {
            fn called(&self) -> String {
                self.$field.clone()
            }
        }
    )*};
}

called! {
    Tenant name;
    Author name;
    Portrait text;
    Book title;
    Tag name;
}

impl Called for String {
    fn called(&self) -> String {
        self.clone()
    }
}

impl<C: Called> Called for Option<C> {
    fn called(&self) -> String {
        self.as_ref().map_or("nobody".into(), Called::called)
    }
}

impl<C: Called> Called for &C {
    fn called(&self) -> String {
        (*self).called()
    }
}

impl<C: Called, D: Called> Called for (C, D) {
    fn called(&self) -> String {
        format!("{}, {}", self.0.called(), self.1.called())
    }
}

/// The names, sorted.
pub(crate) fn names<C: Called>(rows: impl IntoIterator<Item = C>) -> Vec<String> {
    let mut names: Vec<String> = rows.into_iter().map(|row| row.called()).collect();
    names.sort();
    names
}
