//! Entities of all sorts, and a database with their tables.

use crate::fresh::Fresh;
use chrono::{DateTime, NaiveDate, Utc};
use dev_postgres::Template;
use ormcore::schema::Table;
use ormcore::value::{Inet, Interval, Multirange, Range};
use ormcore::{Db, Entity, Many, One, Value, entities};
use rust_decimal::Decimal;

#[derive(Value, Clone, Debug, PartialEq)]
pub(crate) enum Mood {
    Fine,
    #[orm(rename = "so-so, 'well'")]
    Middling,
    Awful,
}

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(text)]
pub(crate) enum Stage {
    Draft,
    Done,
}

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "email", check = "VALUE LIKE '%@%'")]
pub(crate) struct Email(pub String);

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "postcode")]
pub(crate) struct Postcode(pub String);

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(type = "Postal \"Address\"")]
pub(crate) struct Address {
    #[orm(rename = "Street, (old)")]
    pub street: String,
    pub postcode: Option<Postcode>,
    pub moods: Vec<Mood>,
}

#[derive(Value, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TenantId(pub i64);

#[derive(Entity, Debug)]
#[orm(table = "users", insert(NewUser))]
pub(crate) struct User {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(unique)]
    pub email: Email,
    #[orm(type = "varchar(40)")]
    pub name: String,
    #[orm(default = "'fine'")]
    pub mood: Mood,
    pub moods: Vec<Option<Mood>>,
    pub home: Option<Address>,
    pub settings: Option<serde_json::Value>,
    #[orm(generated)]
    pub token: uuid::Uuid,
    #[orm(type = "numeric(10,2)", default = "0.5")]
    pub balance: Decimal,
    pub seen_from: Option<Inet>,
    pub seats: Option<Range<i32>>,
    pub away: Option<Multirange<i32>>,
    pub every: Option<Interval>,
    pub born: Option<NaiveDate>,
    #[orm(references(User, on_delete = "set null"))]
    pub boss_id: Option<i64>,
    #[orm(generated)]
    pub created_at: DateTime<Utc>,
    #[orm(soft_delete)]
    pub deleted_at: Option<DateTime<Utc>>,
    #[orm(updated)]
    pub updated_at: DateTime<Utc>,
    #[orm(version)]
    pub version: i32,
    #[orm(has_many(Post, key = author_id))]
    pub posts: Many<Post>,
}

#[derive(Entity, Debug)]
#[orm(table = "posts", insert(NewPost))]
pub(crate) struct Post {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    pub author_id: i64,
    pub title: String,
    #[orm(unique)]
    pub slug: String,
    pub stage: Stage,
    pub words: i32,
    #[orm(belongs_to(key = author_id))]
    pub author: One<User>,
    #[orm(many_to_many(Label, through = "post_labels"))]
    pub labels: Many<Label>,
}

#[derive(Entity, Debug)]
#[orm(table = "labels", insert(NewLabel))]
pub(crate) struct Label {
    #[orm(primary_key)]
    pub name: String,
    #[orm(many_to_many(Post, through = "post_labels"))]
    pub posts: Many<Post>,
}

#[derive(Entity, Debug)]
#[orm(table = "Odd \"seats\"", schema = "stage 1", insert(NewSeat))]
pub(crate) struct Seat {
    #[orm(primary_key, references(Post))]
    pub room: i64,
    #[orm(primary_key, rename = "it's")]
    pub place: String,
    pub taken: bool,
}

#[derive(Entity, Debug)]
#[orm(
    table = "payments",
    kind(column = "method", value = "card"),
    insert(NewCard)
)]
pub(crate) struct Card {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub cents: i64,
    pub holder: String,
}

#[derive(Entity, Debug)]
#[orm(table = "payments", kind(column = "method", value = "transfer"))]
pub(crate) struct Transfer {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub cents: i64,
    pub iban: String,
    #[orm(references(User))]
    pub from_id: i64,
}

#[derive(Entity, Debug)]
#[orm(columns(id: i64, cents: i64))]
pub(crate) enum Payment {
    Card(Card),
    Transfer(Transfer),
}

#[derive(Entity, Debug)]
#[orm(table = "tenants")]
pub(crate) struct Tenant {
    #[orm(primary_key, scope)]
    pub id: TenantId,
}

#[derive(Entity, Debug)]
#[orm(table = "invoices")]
pub(crate) struct Invoice {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(scope, references(Tenant))]
    pub tenant_id: TenantId,
    #[orm(unique)]
    pub number: String,
    #[orm(references(Invoice, on_delete = "set null"))]
    pub corrects: Option<i64>,
    #[orm(many_to_many(Mark, through = "invoice_marks"))]
    pub marks: Many<Mark>,
}

#[derive(Entity, Debug)]
#[orm(table = "marks")]
pub(crate) struct Mark {
    #[orm(primary_key)]
    pub id: uuid::Uuid,
    #[orm(scope)]
    pub tenant_id: TenantId,
}

/// All of them, not in the order of their references.
pub(crate) fn all() -> [&'static Table; 8] {
    entities![Post, Seat, User, Label, Payment, Mark, Invoice, Tenant]
}

static TABLES: Template = Template::new("schema", |url| {
    Box::pin(async move {
        let db = Db::connect(&url).await?;
        let schema = ormcore::sql("CREATE SCHEMA \"stage 1\"");
        schema.execute(&db).await?;
        ormcore::schema::create(&db, all()).await?;
        Ok(())
    })
});

/// A database with the tables of all of them.
pub(crate) async fn library() -> Fresh {
    let fresh = Fresh::on(TABLES.database().expect("a database")).await;
    fresh.statements();
    fresh
}
