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
        match self {
            Self::All(mut parts) => {
                parts.push(other);
                Self::All(parts)
            }
            first => Self::All(vec![first, other]),
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut parts) => {
                parts.push(other);
                Self::Any(parts)
            }
            first => Self::Any(vec![first, other]),
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
        sink.put(Token::Column(scope, column))
    });
    sink.word(") IN (SELECT * FROM unnest(");
    sink.list(", ", columns.iter().zip(lists), |sink, (column, list)| {
        sink.put(Token::Bind(list));
        sink.word("::");
        sink.put(Token::Type(column.ty.array()));
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
