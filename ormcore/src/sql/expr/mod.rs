//! Expressions: conditions and values.

mod aggregate;
mod write;

pub(crate) use aggregate::{Aggregate, Edge, Frame, Window};
pub(super) use write::At;

use super::{ColumnInfo, Compound, Order, Select, Table};
use crate::value::{Param, SqlType};
use std::borrow::Cow;

/// Anything that has a value for each row: a column, a parameter, a condition, and what is made of them.
#[derive(Debug)]
pub(crate) enum Expr {
    /// A column of the table asked.
    Column(&'static ColumnInfo),
    /// A column of a table that is joined by this name.
    Of(&'static str, &'static ColumnInfo),
    /// `$n`, whose type the server takes from what stands beside it.
    Value(Param),
    /// `$n::type`: nothing beside it may tell the type.
    Typed(Param, SqlType),
    /// `column op $n`: by far the commonest condition.
    Compare {
        column: &'static ColumnInfo,
        op: &'static str,
        value: Param,
    },
    /// `column = ANY($n)`: one text however long the list.
    AnyOf {
        column: &'static ColumnInfo,
        list: Param,
    },
    /// `(a, b) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))`: composite keys.
    Keys {
        columns: Vec<&'static ColumnInfo>,
        lists: Vec<Param>,
    },
    /// Words with an expression in each gap between them: `["lower(", ")"]`, `["(", " + ", ")"]`.
    Words(&'static [&'static str], Vec<Expr>),
    /// `name(expression, …)`
    Call(&'static str, Vec<Expr>),
    /// Whether the row of an upsert was inserted.
    Inserted,
    /// A string constant.
    Literal(&'static str),
    /// `CAST(expression AS type)`
    Cast(Box<Expr>, SqlType),
    /// `CASE WHEN condition THEN value … ELSE value END`. PostgreSQL's other form, `CASE x WHEN`, is never written: what
    /// distributes PostgreSQL cannot read it everywhere.
    Case {
        when: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    /// A function over several rows.
    Aggregate(Box<Aggregate>),
    /// The caller's own SQL, with expressions in it.
    Fragment(Vec<Piece>),
    /// `(SELECT …)`
    Query(Box<Select>),
    /// `((SELECT …) UNION (SELECT …))`
    Compound(Box<Compound>),
    /// A question about the rows that belong to this one.
    Related(Box<Related>),
    /// All of them; true when there is none.
    All(Vec<Expr>),
    /// Any of them; false when there is none.
    Any(Vec<Expr>),
    /// Not so.
    Not(Box<Expr>),
}

/// A part of the caller's own SQL.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(Cow<'static, str>),
    Expr(Expr),
}

/// What is asked about related rows.
#[derive(Debug)]
pub(crate) struct Related {
    pub(crate) asks: Asks,
    /// The way there, table by table.
    pub(crate) hops: Vec<Hop>,
    /// What holds for the rows of the last table.
    pub(crate) filter: Vec<Expr>,
    /// Which of them count, if not all do.
    pub(crate) cut: Option<RelatedCut>,
}

/// So many rows, in some order.
#[derive(Debug)]
pub(crate) struct RelatedCut {
    pub(crate) order: Vec<Order>,
    pub(crate) limit: Option<Param>,
    pub(crate) offset: Option<Param>,
}

/// One table further.
#[derive(Debug)]
pub(crate) struct Hop {
    pub(crate) table: &'static Table,
    /// Pairs of columns that are equal here and there.
    pub(crate) here: &'static [&'static ColumnInfo],
    pub(crate) there: &'static [&'static ColumnInfo],
}

#[derive(Debug)]
pub(crate) enum Asks {
    /// Whether there is one.
    Exists,
    /// An expression on the rows there, usually an aggregate.
    Value(Expr),
}

impl Expr {
    /// A comparison; the words are those around its two sides.
    pub(crate) fn compare(
        left: Self,
        op: &'static str,
        words: &'static [&'static str; 3],
        right: Self,
    ) -> Self {
        match (left, right) {
            (Self::Column(column), Self::Typed(value, _)) if column.tells_type() => {
                Self::Compare { column, op, value }
            }
            (left, right) => Self::Words(words, vec![left, right]),
        }
    }

    /// A value beside a column is read by the server as the column's own type, whatever that is: `citext`, an enum, a domain.
    pub(crate) fn beside(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Typed(value, _), Self::Column(column)) if column.tells_type() => {
                Self::Value(value)
            }
            (value, _) => value,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(first), Self::All(second)) => Self::All(joined(first, second)),
            (Self::All(first), second) => Self::All(joined(first, vec![second])),
            (first, Self::All(second)) => Self::All(joined(vec![first], second)),
            (first, second) => Self::All(vec![first, second]),
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any(first), Self::Any(second)) => Self::Any(joined(first, second)),
            (Self::Any(first), second) => Self::Any(joined(first, vec![second])),
            (first, Self::Any(second)) => Self::Any(joined(vec![first], second)),
            (first, second) => Self::Any(vec![first, second]),
        }
    }

    /// Whether it speaks of groups of rows.
    pub(crate) fn is_aggregate(&self) -> bool {
        let mut found = false;
        self.aggregates(&mut |_| found = true);
        found
    }

    /// The names of the aggregates in it, those of windows apart.
    pub(crate) fn aggregates(&self, each: &mut dyn FnMut(&'static str)) {
        match self {
            Self::Aggregate(aggregate) if aggregate.over.is_none() => each(aggregate.name),
            Self::Words(_, parts) | Self::Call(_, parts) => {
                parts.iter().for_each(|part| part.aggregates(each));
            }
            Self::Cast(inner, _) => inner.aggregates(each),
            Self::Case { when, otherwise } => {
                for (when, then) in when {
                    when.aggregates(each);
                    then.aggregates(each);
                }
                if let Some(value) = otherwise {
                    value.aggregates(each);
                }
            }
            Self::Fragment(pieces) => {
                for piece in pieces {
                    if let Piece::Expr(expr) = piece {
                        expr.aggregates(each);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Conditions are kept flat, so that a chain of thousands is no tower of calls when it is written.
fn joined(mut first: Vec<Expr>, second: Vec<Expr>) -> Vec<Expr> {
    first.extend(second);
    first
}

/// Makes text match itself in a LIKE pattern, where `%` and `_` mean anything and `\` escapes them.
pub(crate) fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for part in text.chars() {
        if matches!(part, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(part);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{Expr, escape_like};

    #[test]
    fn what_means_something_in_a_pattern_is_escaped() {
        assert_eq!(escape_like("50%"), "50\\%");
        assert_eq!(escape_like("a_b"), "a\\_b");
        assert_eq!(escape_like("\\"), "\\\\");
        assert_eq!(escape_like("Ada ü 🦀 '*?[]"), "Ada ü 🦀 '*?[]");
    }

    #[test]
    fn chains_are_flat_and_keep_their_order() {
        let leaf = || Expr::Not(Box::new(Expr::All(Vec::new())));
        let all = |parts| Expr::All(std::iter::repeat_with(leaf).take(parts).collect());
        for (first, second) in [(1, 1), (2, 1), (1, 3), (2, 3)] {
            let part = |parts| if parts == 1 { leaf() } else { all(parts) };
            let Expr::All(parts) = part(first).and(part(second)) else {
                panic!("not all of them");
            };
            assert_eq!(parts.len(), first + second);
        }
        let Expr::Any(parts) = leaf().or(leaf()).or(leaf().or(leaf())) else {
            panic!("not any of them");
        };
        assert_eq!(parts.len(), 4);
        let mixed = leaf().or(leaf()).and(leaf());
        assert!(matches!(mixed, Expr::All(parts) if parts.len() == 2));
    }
}
