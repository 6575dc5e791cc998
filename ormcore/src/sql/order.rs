//! What to order by.

use super::Expr;
use super::expr::At;
use super::token::Sink;
use std::fmt;

/// One expression to order by.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) by: Expr,
    pub(crate) descending: bool,
    pub(crate) nulls: Option<Nulls>,
}

/// Where rows without a value go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    First,
    Last,
}

impl Order {
    pub(in crate::sql) fn write<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        self.by.write(at, sink);
        if self.descending {
            sink.word(" DESC");
        }
        match self.nulls {
            Some(Nulls::First) => sink.word(" NULLS FIRST"),
            Some(Nulls::Last) => sink.word(" NULLS LAST"),
            None => {}
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            Expr::Column(column) => f.write_str(column.name)?,
            _ => f.write_str("(expression)")?,
        }
        if self.descending {
            f.write_str(" DESC")?;
        }
        Ok(())
    }
}
