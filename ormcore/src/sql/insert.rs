//! INSERT.

use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Operation, Shape, Statement, Table};
use crate::value::{ColumnValues, Param, SqlType};

/// New rows.
#[derive(Debug)]
pub(crate) struct Insert {
    pub(crate) table: &'static Table,
    pub(crate) columns: Vec<&'static ColumnInfo>,
    pub(crate) rows: Rows,
    pub(crate) returning: Returning,
}

/// Where the values are.
#[derive(Debug)]
pub(crate) enum Rows {
    /// One row, a value per column.
    One(Vec<Param>),
    /// Many rows, an array per column: one text and one plan however many rows.
    Many(Vec<ColumnValues>),
}

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returning {
    /// Only how many rows there were.
    Nothing,
    /// The rows as they were stored, in the order given.
    Rows,
    /// Only their primary keys, in the order given: one row, with an array for each column of the key.
    Keys,
}

/// How `input` names the position of a row; no column of ours can be called so.
const POSITION: &str = "\"ormcore position\"";

impl Insert {
    fn write_one<'a, S: Sink<'a>>(&'a self, values: &'a [Param], sink: &mut S) {
        sink.word("INSERT INTO ");
        sink.put(Token::Table(self.table));
        if values.is_empty() {
            sink.word(" DEFAULT VALUES");
        } else {
            sink.word(" (");
            sink.list(", ", &self.columns, |sink, column| {
                sink.put(Token::Column(Scope::Only, column));
            });
            sink.word(") VALUES (");
            sink.list(", ", values, |sink, value| sink.put(Token::Bind(value)));
            sink.word(")");
        }
        if self.returning != Returning::Nothing {
            self.write_returning(sink);
        }
    }

    fn write_returning<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        sink.word(" RETURNING ");
        if self.returning == Returning::Rows {
            sink.put(Token::Columns(Scope::Only, self.table));
        } else {
            sink.list(", ", self.returned(), |sink, column| {
                sink.put(Token::Column(Scope::Only, column));
            });
        }
    }

    /// Without anything to return the order is nobody's concern.
    fn write_many<'a, S: Sink<'a>>(&'a self, arrays: &'a [ColumnValues], sink: &mut S) {
        self.write_target(&[], sink);
        sink.word(" SELECT ");
        self.write_given(arrays, sink);
        sink.word(" FROM ");
        let lists = |values: &ColumnValues| matches!(values, ColumnValues::Lists { .. });
        self.write_source(arrays, arrays.iter().any(lists), sink);
    }

    /// The columns that come back.
    fn returned(&self) -> &'static [&'static ColumnInfo] {
        match self.returning {
            Returning::Nothing => &[],
            Returning::Rows => self.table.columns,
            Returning::Keys => self.table.key,
        }
    }

    /// RETURNING promises no order, so rows come back by their keys: those that the database would make are made
    /// in `input`, where each also has its position.
    fn write_many_returning<'a, S: Sink<'a>>(&'a self, arrays: &'a [ColumnValues], sink: &mut S) {
        let given = |key: &&ColumnInfo| {
            self.columns
                .iter()
                .any(|column| std::ptr::eq(*column, *key))
        };
        let keys = self.table.key.iter().copied();
        let made: Vec<&'static ColumnInfo> = keys.filter(|key| !given(key)).collect();

        sink.word("WITH input AS MATERIALIZED (SELECT ");
        for key in &made {
            self.write_made(key, sink);
            sink.word(" AS ");
            sink.put(Token::Column(Scope::Only, key));
            sink.word(", ");
        }
        self.write_given(arrays, sink);
        sink.word(", ");
        sink.word(POSITION);
        sink.word(" FROM ");
        self.write_source(arrays, true, sink);
        sink.word("), stored AS (");
        self.write_target(&made, sink);
        // Keys come from the column's own sequence, so GENERATED ALWAYS has nothing to object to.
        sink.word(if made.is_empty() {
            " SELECT "
        } else {
            " OVERRIDING SYSTEM VALUE SELECT "
        });
        sink.list(", ", made.iter().chain(&self.columns), |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        sink.word(" FROM input ORDER BY ");
        sink.word(POSITION);
        self.write_returning(sink);
        sink.word(") SELECT ");
        let folded = self.returning == Returning::Keys;
        sink.list(", ", self.returned(), |sink, column| {
            sink.word(if folded {
                "array_agg(stored."
            } else {
                "stored."
            });
            sink.put(Token::Column(Scope::Only, column));
            if folded {
                // Nobody looks at the types of what is no whole row: they are made sure of here.
                sink.word("::");
                sink.put(Token::Cast(column.ty));
                sink.word(" ORDER BY input.");
                sink.word(POSITION);
                sink.word(")");
            }
        });
        sink.word(" FROM stored JOIN input ON ");
        sink.list(" AND ", self.table.key, |sink, key| {
            sink.word("stored.");
            sink.put(Token::Column(Scope::Only, key));
            sink.word(" = input.");
            sink.put(Token::Column(Scope::Only, key));
        });
        if !folded {
            sink.word(" ORDER BY input.");
            sink.word(POSITION);
        }
    }

    fn write_target<'a, S: Sink<'a>>(&'a self, made: &[&'static ColumnInfo], sink: &mut S) {
        sink.word("INSERT INTO ");
        sink.put(Token::Table(self.table));
        sink.word(" (");
        sink.list(", ", made.iter().chain(&self.columns), |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        sink.word(")");
    }

    fn write_given<'a, S: Sink<'a>>(&'a self, arrays: &'a [ColumnValues], sink: &mut S) {
        let mut lists = 0;
        let columns = self.columns.iter().zip(arrays);
        sink.list(", ", columns, |sink, (column, values)| {
            write_given(column, values, &mut lists, sink);
        });
    }

    /// The value the database would have made: the column's default, or the next one of its sequence.
    fn write_made<'a, S: Sink<'a>>(&'a self, key: &'static ColumnInfo, sink: &mut S) {
        if let Some(default) = key.default {
            sink.word(default);
        } else if key.ty.base() == "uuid" {
            sink.word("gen_random_uuid()");
        } else {
            // In a sub-select, so that the sequence is looked up once and not for every row.
            sink.word("nextval((SELECT pg_get_serial_sequence(");
            sink.put(Token::QuotedTable(self.table));
            sink.word(", ");
            sink.put(Token::Literal(key.name));
            sink.word(")::regclass))");
        }
    }

    /// The rows that are given; numbered, where somebody needs their positions.
    fn write_source<'a, S: Sink<'a>>(
        &'a self,
        arrays: &'a [ColumnValues],
        numbered: bool,
        sink: &mut S,
    ) {
        sink.word("unnest(");
        let columns = || self.columns.iter().zip(arrays);
        sink.list(", ", columns(), |sink, (column, values)| match values {
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
        sink.list(", ", &self.columns, |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        if numbered {
            sink.word(", ");
            sink.word(POSITION);
        }
        sink.word(")");
        let mut lists = 0;
        for (column, values) in columns() {
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
}

/// The type of what counts rows.
const POSITIONS: SqlType = SqlType::named("bigint").array();

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

/// The value given for a row, or the column's default.
fn write_given<'a>(
    column: &'static ColumnInfo,
    values: &ColumnValues,
    lists: &mut u16,
    sink: &mut impl Sink<'a>,
) {
    if column.default.is_some() {
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
    if let Some(default) = column.default {
        sink.word(", ");
        sink.word(default);
        sink.word(")");
    }
    let lists = matches!(values, ColumnValues::Lists { .. });
    if column.default.is_some() || lists || column.ty.is_composite() {
        sink.word(" AS ");
        sink.put(Token::Column(Scope::Only, column));
    }
}

impl Statement for Insert {
    fn operation(&self) -> Operation {
        Operation::Insert
    }

    fn summary(&self) -> String {
        format!("INSERT {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn shape<'a>(&'a self, shape: &mut Shape<'a>) {
        // Whatever else a statement may have one day belongs to its shape too.
        let Self {
            table,
            columns,
            rows,
            returning,
        } = self;
        match rows {
            Rows::One(values) => shape.row(table, *returning, columns, values),
            Rows::Many(_) => self.write(shape),
        }
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        match &self.rows {
            Rows::One(values) => self.write_one(values, sink),
            Rows::Many(arrays) => match self.returning {
                Returning::Nothing => self.write_many(arrays, sink),
                Returning::Rows | Returning::Keys => self.write_many_returning(arrays, sink),
            },
        }
    }
}
