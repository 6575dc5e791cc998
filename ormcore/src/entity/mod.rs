//! What an entity is: a struct that is a row of a table.

mod aggregate;
mod alias;
mod assign;
mod case;
mod check;
mod column;
mod columns;
mod condition;
mod excluded;
mod expression;
mod fragment;
mod inserted;
mod key;
mod kinds;
mod marks;
mod operators;
mod order;
mod projection;
mod ranking;
mod rules;
mod violation;
mod window;
mod write;

pub use aggregate::{Aggregate, count};
pub use alias::Alias;
pub use assign::Assignment;
pub use case::{Case, case};
pub use check::Check;
pub(crate) use check::rules_of;
pub use column::Column;
pub use columns::Columns;
pub use condition::{Condition, IntoCondition};
pub use excluded::excluded;
pub use expression::{Argument, Expression, Term};
pub use fragment::{Fragment, Part, fragment};
pub use inserted::{Inserted, inserted};
pub use key::{Key, leads_to, same_key};
pub(crate) use kinds::told_by;
pub use kinds::{
    Holds, SameKey, check_kind, is_kind, kind_column, kind_name, read_kind, same_type, unknown_kind,
};
pub use marks::{Counter, Scoped, SoftDelete, Versioned, is_moment};
pub use operators::{Now, Unit, now, random};
pub use order::{IntoOrder, Order};
pub use projection::{Projection, Selection, SubSelect, Subquery, Whole, row};
pub use ranking::{Ranking, cume_dist, dense_rank, ntile, percent_rank, rank, row_number};
pub use rules::{Length, is_at_least, is_at_most, is_email, is_long, is_url, ruled};
pub use window::{Edge, Window};
pub(crate) use write::not_computed;
pub use write::{Arrays, Changes, CopyRow, Insertable, NewRow, Patch};

use crate::db::Row;
use crate::error::Result;
use crate::sql::Table;
use crate::value::KeyValue;

/// A struct that is a row of a table. Derive it: `#[derive(ormcore::Entity)]`.
///
/// A table may hold rows of several kinds, and a column tells them apart. Then a struct is the rows of one kind: it sees no
/// others, and new rows are of its kind. An enum of such structs is all of them, read in one statement; a row that is of none of
/// them is an error. It is found, changed and deleted by the columns that all kinds have, and relations lead to it; what is
/// inserted is of one kind.
///
/// - Marks that the kinds have (`soft_delete`, `scope`, `version`) the enum has too: `.with_deleted()`, `.scope(…)`.
/// - A filter may be a condition on one kind, `Payment::find().filter(Card::NUMBER.eq("4000"))`. Rows of other kinds do not
///   match, also where they have a column of that name; [`Condition::among_kinds`] puts conditions of several kinds together.
///   Because of that the compiler may ask whose an expression is that names no column of the enum: `alias.col::<Payment, _>(…)`.
/// - `.with(…)` loads what one kind leads to (`Card::ORDER`) for the rows of that kind, as it does for the kind alone. A
///   `belongs_to` that all kinds have can be the enum's, `#[orm(belongs_to(order: One<Order>))]`: `Payment::ORDER` loads it for
///   all of them at once, and is asked about. A question of a [`Session`](crate::Session) takes the
///   enum's own relations only, and refuses those of one kind.
///
/// Kinds of rows are all the inheritance there is. A table for each class, joined to those of its parents or apart from them, is
/// not: write an entity for each table, one that `belongs_to` the other or `has_one`, and share columns in a composite type
/// (`#[derive(Value)]` on a struct).
///
/// # Examples
/// ```no_run
/// use ormcore::{Db, Entity, Many, One};
///
/// #[derive(Entity)]
/// #[orm(table = "payments", kind(column = "method", value = "card"), insert(NewCard))]
/// struct Card {
///     #[orm(primary_key, generated)] id: i64,
///     order_id: i64,
///     cents: i64,
///     number: String,
///     #[orm(belongs_to(key = order_id))] order: One<Order>,
/// }
///
/// #[derive(Entity)]
/// #[orm(table = "payments", kind(column = "method", value = "transfer"))]
/// struct Transfer {
///     #[orm(primary_key, generated)] id: i64,
///     order_id: i64,
///     cents: i64,
///     iban: String,
///     #[orm(belongs_to(key = order_id))] order: One<Order>,
/// }
///
/// #[derive(Entity)]
/// #[orm(columns(id: i64, order_id: i64, cents: i64), belongs_to(order: One<Order>))]
/// enum Payment {
///     Card(Card),
///     Transfer(Transfer),
/// }
///
/// #[derive(Entity)]
/// struct Order {
///     #[orm(primary_key, generated)] id: i64,
///     #[orm(has_many(Payment, key = order_id))] payments: Many<Payment>,
///     #[orm(has_many(Card, key = order_id))] cards: Many<Card>,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/shop").await?;
///     Card::insert(NewCard { order_id: 1, cents: 500, number: "4000".into() }).one(&db).await?;
///     for payment in Payment::find().filter(Payment::CENTS.gt(100)).all(&db).await? {
///         match payment {
///             Payment::Card(card) => println!("{} by card {}", card.cents, card.number),
///             Payment::Transfer(transfer) => println!("{} from {}", transfer.cents, transfer.iban),
///         }
///     }
///     let orders = Order::find().with(Order::PAYMENTS).with(Order::CARDS).all(&db).await?;
///     let visa = Payment::find().filter(Card::NUMBER.starts_with("4")).with(Payment::ORDER);
///     println!("{} of {}", visa.all(&db).await?.len(), Payment::find().count(&db).await?);
///     Ok(())
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "not a row of a table",
    note = "derive it: `#[derive(ormcore::Entity)]`"
)]
pub trait Entity: Sized + Send + Sync + 'static {
    /// The type of the primary key; a tuple when it has several columns.
    type Key: Key;

    /// The table.
    const TABLE: &'static Table;

    /// The row's primary key.
    fn key(&self) -> Self::Key;

    /// The row's scope, if it has one.
    #[doc(hidden)]
    fn scope_key(&self) -> Option<KeyValue> {
        None
    }

    /// Whether some column has rules for its values.
    #[doc(hidden)]
    const CHECKED: bool = false;

    /// Looks at the value of the column in this place.
    #[doc(hidden)]
    fn check(&self, column: usize, check: &mut Check) {
        let _ = (column, check);
    }

    /// Reads a row.
    ///
    /// # Errors
    /// When a column cannot be read as its field.
    fn from_row(row: &Row<'_>) -> Result<Self>;
}
