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

/// The type of what says yes or no about them.
const FLAGS: SqlType = SqlType::named("boolean").array();

impl<'a> Given<'a> {
    /// Whether something is joined to the values of a row: then each row needs its position.
    pub(super) fn has_joins(self) -> bool {
        let plain = |values: &ColumnValues| matches!(values, ColumnValues::Plain(_));
        !self.arrays.iter().all(plain)
    }

    /// The values of a row; those that are left to the database are the columns' defaults, if that is wanted.
    pub(super) fn write_values<S: Sink<'a>>(self, defaults: bool, sink: &mut S) {
        let mut joined = 0;
        sink.list(", ", self.pairs(), |sink, (column, values)| {
            let default = column.default.filter(|_| defaults);
            write_value(column, values, default, &mut joined, sink);
        });
    }

    /// The rows; numbered, where somebody needs their positions.
    pub(super) fn write_source<S: Sink<'a>>(self, numbered: bool, sink: &mut S) {
        self.write_rows(numbered, None, sink);
    }

    /// The rows, each with a value more: an array of them goes by this name.
    pub(super) fn write_source_beside<S: Sink<'a>>(
        self,
        scope: Scope,
        column: &'static ColumnInfo,
        sink: &mut S,
    ) {
        self.write_rows(self.has_joins(), Some((scope, column)), sink);
    }

    fn write_rows<S: Sink<'a>>(
        self,
        numbered: bool,
        beside: Option<(Scope, &'static ColumnInfo)>,
        sink: &mut S,
    ) {
        sink.word("unnest(");
        if let Some((scope, column)) = beside {
            sink.put(Token::Column(scope, column));
            if !self.columns.is_empty() {
                sink.word(", ");
            }
        }
        sink.list(", ", self.pairs(), |sink, (column, values)| {
            match only(values) {
                ColumnValues::Lists { lengths, .. } => write_cast(lengths, POSITIONS, sink),
                ColumnValues::Plain(values) => write_elements(values, column.ty.array(), sink),
                ColumnValues::Chosen { .. } => {}
            }
        });
        sink.word(if numbered {
            ") WITH ORDINALITY AS "
        } else {
            ") AS "
        });
        sink.put(Token::Alias(0));
        sink.word(" (");
        let beside = beside.map(|(_, column)| column);
        sink.list(", ", beside.iter().chain(self.columns), |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        if numbered {
            sink.word(", ");
            sink.word(POSITION);
        }
        sink.word(")");
        let mut joined = 0;
        for (column, values) in self.pairs() {
            if let ColumnValues::Lists { items, rows, .. } = only(values) {
                let ty = column.ty.unchecked_array();
                sink.word(" LEFT JOIN (SELECT position, array_agg(item ORDER BY place)");
                write_whole(ty, sink);
                sink.word(" AS items FROM unnest(");
                write_elements(items, ty, sink);
                sink.word(", ");
                write_cast(rows, POSITIONS, sink);
                sink.word(") WITH ORDINALITY AS item (item, position, place) GROUP BY position)");
                write_joined(None, &mut joined, sink);
            }
            if let ColumnValues::Chosen { given, .. } = values {
                sink.word(" LEFT JOIN unnest(");
                write_cast(given, FLAGS, sink);
                sink.word(") WITH ORDINALITY");
                write_joined(Some(" (given, position)"), &mut joined, sink);
            }
        }
    }

    fn pairs(self) -> impl Iterator<Item = (&'static ColumnInfo, &'a ColumnValues)> {
        self.columns.iter().copied().zip(self.arrays)
    }
}

/// What is joined to the rows by their positions.
fn write_joined<'a>(columns: Option<&'static str>, joined: &mut u16, sink: &mut impl Sink<'a>) {
    *joined += 1;
    sink.word(" AS ");
    sink.put(Token::Alias(*joined));
    if let Some(columns) = columns {
        sink.word(columns);
    }
    sink.word(" ON ");
    sink.put(Token::Alias(*joined));
    sink.word(".position = ");
    sink.word(POSITION);
}

/// The values, whichever of them are given.
fn only(values: &ColumnValues) -> &ColumnValues {
    match values {
        ColumnValues::Chosen { values, .. } => values,
        values => values,
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
    joined: &mut u16,
    sink: &mut impl Sink<'a>,
) {
    let given = only(values);
    let is_list = matches!(given, ColumnValues::Lists { .. });
    let list = *joined + u16::from(is_list);
    *joined = list;
    match (values, default) {
        (ColumnValues::Chosen { .. }, _) => {
            *joined += 1;
            sink.word("CASE WHEN ");
            sink.put(Token::Alias(*joined));
            sink.word(".given THEN ");
            write_given(column, given, list, sink);
            sink.word(" ELSE ");
            sink.word(default.unwrap_or("NULL"));
            sink.word(" END");
        }
        (_, Some(default)) => {
            sink.word("COALESCE(");
            write_given(column, given, list, sink);
            sink.word(", ");
            sink.word(default);
            sink.word(")");
        }
        (_, None) => write_given(column, given, list, sink),
    }
    let chosen = matches!(values, ColumnValues::Chosen { .. });
    if default.is_some() || chosen || is_list || column.ty.is_composite() {
        sink.word(" AS ");
        sink.put(Token::Column(Scope::Only, column));
    }
}

/// The value given; NULL where there is none. Arrays are put together by what is joined as `list`.
fn write_given<'a>(
    column: &'static ColumnInfo,
    values: &ColumnValues,
    list: u16,
    sink: &mut impl Sink<'a>,
) {
    if !matches!(values, ColumnValues::Lists { .. }) {
        sink.put(Token::Column(Scope::Alias(0), column));
        return write_whole(column.ty, sink);
    }
    // An array without elements left no trace but its length.
    sink.word("CASE WHEN ");
    sink.put(Token::Column(Scope::Alias(0), column));
    sink.word(" IS NOT NULL THEN COALESCE(");
    sink.put(Token::Alias(list));
    sink.word(".items, '{}') END");
}
