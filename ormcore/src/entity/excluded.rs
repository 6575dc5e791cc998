//! The new row of an upsert, beside the one in its way.

use super::{Column, Entity, Expression};
use crate::sql::{EXCLUDED, Expr};
use crate::value::Value;

/// The value an upsert would have inserted: `.set(Page::VIEWS, Page::VIEWS + excluded(Page::VIEWS))` adds it to what is
/// there. It has a meaning in the `set` and `filter` of an [`Upsert`](crate::Upsert) only; the server refuses it elsewhere.
pub fn excluded<E: Entity, T: Value>(column: Column<E, T>) -> Expression<E, T> {
    Expression::new(Expr::Of(EXCLUDED, column.info()))
}
