//! Conditions.

use super::ColumnInfo;
use super::token::{Scope, Sink, Token};
use crate::value::Param;

/// A condition on the columns of one table.
#[derive(Debug)]
pub(crate) enum Expr {
    /// `column op $n`
    Compare {
        column: &'static ColumnInfo,
        op: &'static str,
        value: Param,
    },
    /// `column op column`
    Columns {
        left: &'static ColumnInfo,
        op: &'static str,
        right: &'static ColumnInfo,
    },
    /// `column = ANY($n)`: one text however long the list.
    AnyOf {
        column: &'static ColumnInfo,
        list: Param,
    },
    /// `column <> ALL($n)`
    NoneOf {
        column: &'static ColumnInfo,
        list: Param,
    },
    /// `column BETWEEN $n AND $m`, both ends included.
    Between {
        column: &'static ColumnInfo,
        low: Param,
        high: Param,
    },
    /// `column IS NULL`
    Null { column: &'static ColumnInfo },
    /// `column IS NOT NULL`
    NotNull { column: &'static ColumnInfo },
    /// `(a, b) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))`: composite keys.
    Keys {
        columns: &'static [&'static ColumnInfo],
        lists: Vec<Param>,
    },
    /// All of them; true when there is none.
    All(Vec<Expr>),
    /// Any of them; false when there is none.
    Any(Vec<Expr>),
    /// Not so.
    Not(Box<Expr>),
}

impl Expr {
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

    /// Writes the condition so that it can stand anywhere without parentheses of its own.
    pub(crate) fn write<'a, S: Sink<'a>>(&'a self, scope: Scope, sink: &mut S) {
        match self {
            Self::Compare { column, op, value } => {
                sink.put(Token::Column(scope, column));
                sink.word(op);
                sink.put(Token::Bind(value));
            }
            Self::Columns { left, op, right } => {
                sink.put(Token::Column(scope, left));
                sink.word(op);
                sink.put(Token::Column(scope, right));
            }
            Self::AnyOf { column, list } => {
                sink.put(Token::Column(scope, column));
                sink.word(" = ANY(");
                sink.put(Token::Bind(list));
                sink.word(")");
            }
            Self::NoneOf { column, list } => {
                sink.put(Token::Column(scope, column));
                sink.word(" <> ALL(");
                sink.put(Token::Bind(list));
                sink.word(")");
            }
            Self::Between { column, low, high } => {
                sink.put(Token::Column(scope, column));
                sink.word(" BETWEEN ");
                sink.put(Token::Bind(low));
                sink.word(" AND ");
                sink.put(Token::Bind(high));
            }
            Self::Null { column } => {
                sink.put(Token::Column(scope, column));
                sink.word(" IS NULL");
            }
            Self::NotNull { column } => {
                sink.put(Token::Column(scope, column));
                sink.word(" IS NOT NULL");
            }
            Self::Keys { columns, lists } => write_keys(columns, lists, scope, sink),
            Self::All(parts) => write_parts(parts, " AND ", "TRUE", scope, sink),
            Self::Any(parts) => write_parts(parts, " OR ", "FALSE", scope, sink),
            Self::Not(inner) => {
                sink.word("NOT (");
                inner.write(scope, sink);
                sink.word(")");
            }
        }
    }
}

/// Conditions are kept flat, so that a chain of thousands is no tower of calls when it is written.
fn joined(mut first: Vec<Expr>, second: Vec<Expr>) -> Vec<Expr> {
    first.extend(second);
    first
}

fn write_parts<'a, S: Sink<'a>>(
    parts: &'a [Expr],
    separator: &'static str,
    none: &'static str,
    scope: Scope,
    sink: &mut S,
) {
    match parts {
        [] => sink.word(none),
        [only] => only.write(scope, sink),
        parts => {
            sink.word("(");
            sink.list(separator, parts, |sink, part| part.write(scope, sink));
            sink.word(")");
        }
    }
}

fn write_keys<'a, S: Sink<'a>>(
    columns: &'static [&'static ColumnInfo],
    lists: &'a [Param],
    scope: Scope,
    sink: &mut S,
) {
    sink.word("(");
    sink.list(", ", columns, |sink, column| {
        sink.put(Token::Column(scope, column));
    });
    sink.word(") IN (SELECT * FROM unnest(");
    sink.list(", ", columns.iter().zip(lists), |sink, (column, list)| {
        sink.put(Token::Bind(list));
        sink.word("::");
        sink.put(Token::Cast(column.ty.array()));
    });
    sink.word("))");
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
