//! Whether a row of an upsert was inserted.

use super::{Entity, Projection, Selection};
use crate::db::{Reader, Row};
use crate::error::Result;
use crate::sql::Expr;

/// Whether the row was inserted: [`inserted`].
#[derive(Clone, Copy, Debug)]
pub struct Inserted;

/// Whether a row of an upsert was inserted, and not changed because it was in the way; something to return.
///
/// It is `xmax = 0`, which PostgreSQL says of rows that no transaction has replaced or locked: one in the way is locked before
/// it is changed. Of a partitioned table PostgreSQL does not say it, and refuses the statement (SQLSTATE 0A000). Anywhere but in
/// the `returning` of an upsert it does not compile.
///
/// After `do_nothing()` only rows come back that were inserted: those that do not had another in their way, which stayed as it
/// was.
///
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewPage))]
/// # struct Page { #[orm(primary_key, generated)] id: i64, #[orm(unique)] path: String, title: String }
/// # async fn run(db: &Db, pages: Vec<NewPage>) -> Result<()> {
/// use ormcore::{inserted, row};
///
/// let pages = Page::upsert_many(pages).on_conflict(Page::PATH).update(Page::TITLE);
/// let pages: Vec<(Page, bool)> = pages.returning((row(), inserted())).all(db).await?;
/// let new = pages.iter().filter(|(_, inserted)| *inserted).count();
/// # Ok(()) }
/// ```
///
/// ```compile_fail
/// # use ormcore::{Entity, inserted};
/// # #[derive(Entity)]
/// # struct Page { #[orm(primary_key, generated)] id: i64 }
/// let pages = Page::find().select((Page::ID, inserted()));
/// ```
#[must_use]
pub fn inserted() -> Inserted {
    Inserted
}

impl<E: Entity> Projection<E> for Inserted {
    type Output = bool;

    const OF_UPSERTS: bool = true;

    fn terms(self, terms: &mut Selection) {
        terms.terms.push(Expr::Inserted);
        terms.readers.push(Reader::of::<bool>());
    }

    fn read(row: &Row<'_>, next: &mut usize) -> Result<bool> {
        let column = *next;
        *next += 1;
        row.get(column)
    }
}
