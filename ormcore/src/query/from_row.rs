//! What a row of your own SQL can be read as.

use crate::db::{Reader, Reads, Row};
use crate::entity::Entity;
use crate::error::Result;
use crate::sql::Table;
use crate::value::Value;

/// What a row of [`sql`](super::sql) can be read as: an entity or a struct of your own, by the names of its columns, or a
/// tuple of values, in order.
///
/// # Examples
/// ```no_run
/// use ormcore::{Db, Entity, Row, count, sql};
///
/// #[derive(Entity)]
/// struct Post {
///     #[orm(primary_key, generated)]
///     id: i64,
///     author_id: i64,
/// }
///
/// #[derive(Row, Debug)]
/// struct Busy {
///     author_id: i64,
///     #[orm(rename = "count")]
///     posts: i64,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/blog").await?;
///     let busy: Vec<Busy> = sql!("SELECT author_id, count(*) FROM posts GROUP BY 1").all(&db).await?;
///     // What a query selects is read in order.
///     let groups = Post::find().select((Post::AUTHOR_ID, count())).group_by(Post::AUTHOR_ID);
///     let busy: Vec<Busy> = groups.rows().all(&db).await?;
///     Ok(())
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a row cannot be read as `{Self}`",
    label = "expected an entity, a struct with `#[derive(ormcore::Row)]`, or a tuple of values",
    note = "a single value is read by `.scalar(&db)`, `.scalars(&db)`, or as a tuple of one: `(i64,)`"
)]
pub trait FromRow: Sized + Send + 'static {
    /// How the result is read.
    #[doc(hidden)]
    fn reads() -> How;

    /// Reads a row.
    ///
    /// # Errors
    /// When a column cannot be read.
    #[doc(hidden)]
    fn read(row: &Row<'_>) -> Result<Self>;
}

/// How a result is read.
#[derive(Debug)]
pub struct How(pub(super) Reads);

impl How {
    /// By the names of columns; called by generated code.
    #[must_use]
    pub fn by_name(table: &'static Table) -> Self {
        Self(Reads::ByName(table))
    }
}

impl<E: Entity> FromRow for E {
    fn reads() -> How {
        How(Reads::ByName(E::TABLE))
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        E::from_row(row)
    }
}

macro_rules! tuples {
    ($($part:ident $position:tt),*) => {
        impl<$($part: Value),*> FromRow for ($($part,)*) {
            fn reads() -> How {
                How(Reads::Each(Box::new([$(Reader::of::<$part>()),*])))
            }

            fn read(row: &Row<'_>) -> Result<Self> {
                Ok(($(row.get::<$part>($position)?,)*))
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, F 4);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7);
