//! Rows that are given: an array for each column, taken apart by `unnest`.

use super::ColumnInfo;
use super::token::{Scope, Sink, Token};
use crate::value::{ColumnValues, Param, SqlType};

/// The values of many rows, and the columns they are for.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) columns: &'a [&'static ColumnInfo],
    pub(super) arrays: &'a [ColumnValues],
}

/// How the position of a row is named; no column of ours can be called so.
pub(super) const POSITION: &str = "\"ormcore position\"";

/// The type of what counts rows.
const POSITIONS: SqlType = SqlType::named("bigint").array();

impl<'a> Given<'a> {
    /// Whether some column is one of arrays: then each row needs its position.
    pub(super) fn has_lists(self) -> bool {
        let lists = |values: &ColumnValues| matches!(values, ColumnValues::Lists { .. });
        self.arrays.iter().any(lists)
    }

    /// The values of a row; those that are left to the database are the columns' defaults, if that is wanted.
    pub(super) fn write_values<S: Sink<'a>>(self, defaults: bool, sink: &mut S) {
        let mut lists = 0;
        sink.list(", ", self.pairs(), |sink, (column, values)| {
            let default = column.default.filter(|_| defaults);
            write_value(column, values, default, &mut lists, sink);
        });
    }

    /// The rows; numbered, where somebody needs their positions.
    pub(super) fn write_source<S: Sink<'a>>(self, numbered: bool, sink: &mut S) {
        sink.word("unnest(");
        sink.list(", ", self.pairs(), |sink, (column, values)| match values {
            ColumnValues::Plain(values) => write_elements(values, column.ty.array(), sink),
            ColumnValues::Lists { lengths, .. } => write_cast(lengths, POSITIONS, sink),
        });
        sink.word(if numbered {
            ") WITH ORDINALITY AS "
        } else {
            ") AS "
        });
        sink.put(Token::Alias(0));
        sink.word(" (");
        sink.list(", ", self.columns, |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        if numbered {
            sink.word(", ");
            sink.word(POSITION);
        }
        sink.word(")");
        let mut lists = 0;
        for (column, values) in self.pairs() {
            if let ColumnValues::Lists { items, rows, .. } = values {
                lists += 1;
                let ty = column.ty.unchecked_array();
                sink.word(" LEFT JOIN (SELECT position, array_agg(item ORDER BY place)");
                write_whole(ty, sink);
                sink.word(" AS items FROM unnest(");
                write_elements(items, ty, sink);
                sink.word(", ");
                write_cast(rows, POSITIONS, sink);
                sink.word(
                    ") WITH ORDINALITY AS item (item, position, place) GROUP BY position) AS ",
                );
                sink.put(Token::Alias(lists));
                sink.word(" ON ");
                sink.put(Token::Alias(lists));
                sink.word(".position = ");
                sink.word(POSITION);
            }
        }
    }

    fn pairs(self) -> impl Iterator<Item = (&'static ColumnInfo, &'a ColumnValues)> {
        self.columns.iter().copied().zip(self.arrays)
    }
}

fn write_cast<'a>(param: &'a Param, ty: SqlType, sink: &mut impl Sink<'a>) {
    sink.put(Token::Bind(param));
    sink.word("::");
    sink.put(Token::Cast(ty));
}

/// An array for `unnest`, which would take composite values apart: they go through it as text.
fn write_elements<'a>(param: &'a Param, ty: SqlType, sink: &mut impl Sink<'a>) {
    write_cast(param, ty, sink);
    if ty.is_composite() {
        sink.word("::text[]");
    }
}

/// What was text on its way through `unnest` is whole again.
fn write_whole<'a>(ty: SqlType, sink: &mut impl Sink<'a>) {
    if ty.is_composite() {
        sink.word("::");
        sink.put(Token::Cast(ty));
    }
}

/// The value given for a row, or the default.
fn write_value<'a>(
    column: &'static ColumnInfo,
    values: &ColumnValues,
    default: Option<&'static str>,
    lists: &mut u16,
    sink: &mut impl Sink<'a>,
) {
    if default.is_some() {
        sink.word("COALESCE(");
    }
    match values {
        ColumnValues::Plain(_) => {
            sink.put(Token::Column(Scope::Alias(0), column));
            write_whole(column.ty, sink);
        }
        // An array without elements left no trace but its length.
        ColumnValues::Lists { .. } => {
            *lists += 1;
            sink.word("CASE WHEN ");
            sink.put(Token::Column(Scope::Alias(0), column));
            sink.word(" IS NOT NULL THEN COALESCE(");
            sink.put(Token::Alias(*lists));
            sink.word(".items, '{}') END");
        }
    }
    if let Some(default) = default {
        sink.word(", ");
        sink.word(default);
        sink.word(")");
    }
    let lists = matches!(values, ColumnValues::Lists { .. });
    if default.is_some() || lists || column.ty.is_composite() {
        sink.word(" AS ");
        sink.put(Token::Column(Scope::Only, column));
    }
}
