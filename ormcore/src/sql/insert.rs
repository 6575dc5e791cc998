//! INSERT.

use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Operation, Statement, Table};
use crate::value::Param;

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
    Unnest(Vec<Param>),
    /// Many rows, each value on its own: for columns that are arrays themselves, which unnest would flatten.
    Values(Vec<Vec<Param>>),
}

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returning {
    /// Only how many rows there were.
    Nothing,
    /// The rows as they were stored, in the order given.
    Rows,
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
                sink.put(Token::Column(Scope::Only, column))
            });
            sink.word(") VALUES (");
            sink.list(", ", values, |sink, value| sink.put(Token::Bind(value)));
            sink.word(")");
        }
        if self.returning == Returning::Rows {
            sink.word(" RETURNING ");
            sink.put(Token::Columns(Scope::Only, self.table));
        }
    }

    /// RETURNING promises no order, so rows come back by their keys: those that the database would make are made
    /// in `input`, where each also has its position.
    fn write_many<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let made: Vec<&'static ColumnInfo> = match self.returning {
            Returning::Nothing => Vec::new(),
            Returning::Rows => {
                let given = |key: &&ColumnInfo| {
                    self.columns
                        .iter()
                        .any(|column| std::ptr::eq(*column, *key))
                };
                self.table
                    .key
                    .iter()
                    .copied()
                    .filter(|key| !given(key))
                    .collect()
            }
        };
        sink.word("WITH input AS MATERIALIZED (SELECT ");
        for key in &made {
            self.write_made(key, sink);
            sink.word(" AS ");
            sink.put(Token::Column(Scope::Only, key));
            sink.word(", ");
        }
        sink.list(", ", &self.columns, |sink, column| match column.default {
            Some(default) => {
                sink.word("COALESCE(");
                sink.put(Token::Column(Scope::Alias(0), column));
                sink.word(", ");
                sink.word(default);
                sink.word(") AS ");
                sink.put(Token::Column(Scope::Only, column));
            }
            None => sink.put(Token::Column(Scope::Alias(0), column)),
        });
        sink.word(", ");
        sink.word(POSITION);
        sink.word(" FROM ");
        self.write_source(sink);
        sink.word(")");
        if self.returning == Returning::Rows {
            sink.word(", stored AS (");
        } else {
            sink.word(" ");
        }
        self.write_insert_from_input(&made, sink);
        if self.returning == Returning::Rows {
            sink.word(" RETURNING ");
            sink.put(Token::Columns(Scope::Only, self.table));
            sink.word(") SELECT ");
            sink.list(", ", self.table.columns, |sink, column| {
                sink.word("stored.");
                sink.put(Token::Column(Scope::Only, column));
            });
            sink.word(" FROM stored JOIN input ON ");
            sink.list(" AND ", self.table.key, |sink, key| {
                sink.word("stored.");
                sink.put(Token::Column(Scope::Only, key));
                sink.word(" = input.");
                sink.put(Token::Column(Scope::Only, key));
            });
            sink.word(" ORDER BY input.");
            sink.word(POSITION);
        }
    }

    fn write_insert_from_input<'a, S: Sink<'a>>(
        &'a self,
        made: &[&'static ColumnInfo],
        sink: &mut S,
    ) {
        sink.word("INSERT INTO ");
        sink.put(Token::Table(self.table));
        sink.word(" (");
        let columns = || made.iter().chain(&self.columns);
        sink.list(", ", columns(), |sink, column| {
            sink.put(Token::Column(Scope::Only, column))
        });
        // Keys come from the column's own sequence, so GENERATED ALWAYS has nothing to object to.
        sink.word(if made.is_empty() {
            ") SELECT "
        } else {
            ") OVERRIDING SYSTEM VALUE SELECT "
        });
        sink.list(", ", columns(), |sink, column| {
            sink.put(Token::Column(Scope::Only, column))
        });
        sink.word(" FROM input ORDER BY ");
        sink.word(POSITION);
    }

    /// The value the database would have made: the column's default, or the next one of its sequence.
    fn write_made<'a, S: Sink<'a>>(&'a self, key: &'static ColumnInfo, sink: &mut S) {
        if let Some(default) = key.default {
            sink.word(default);
        } else if key.ty.name() == "uuid" {
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

    fn write_source<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let cast = |sink: &mut S, param: &'a Param, ty| {
            sink.put(Token::Bind(param));
            sink.word("::");
            sink.put(Token::Type(ty));
        };
        match &self.rows {
            Rows::One(_) => {}
            Rows::Unnest(arrays) => {
                sink.word("unnest(");
                sink.list(
                    ", ",
                    self.columns.iter().zip(arrays),
                    |sink, (column, array)| {
                        cast(sink, array, column.ty.array());
                    },
                );
                sink.word(") WITH ORDINALITY");
            }
            Rows::Values(rows) => {
                sink.word("(VALUES ");
                sink.list(", ", rows.iter().enumerate(), |sink, (position, row)| {
                    sink.word("(");
                    for (column, value) in self.columns.iter().zip(row) {
                        cast(sink, value, column.ty);
                        sink.word(", ");
                    }
                    sink.put(Token::Number(position));
                    sink.word(")");
                });
                sink.word(")");
            }
        }
        sink.word(" AS ");
        sink.put(Token::Alias(0));
        sink.word(" (");
        for column in &self.columns {
            sink.put(Token::Column(Scope::Only, column));
            sink.word(", ");
        }
        sink.word(POSITION);
        sink.word(")");
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

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        match &self.rows {
            Rows::One(values) => self.write_one(values, sink),
            Rows::Unnest(_) | Rows::Values(_) => self.write_many(sink),
        }
    }
}
