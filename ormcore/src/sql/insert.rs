//! INSERT.

use super::expr::At;
use super::given::{Given, POSITION};
use super::returning::{INSERTED, STORED, write_inserted};
use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Conflict, Operation, Returning, Said, Shape, Statement, Table};
use crate::value::{ColumnValues, Param};

/// New rows.
#[derive(Debug)]
pub(crate) struct Insert {
    pub(crate) table: &'static Table,
    pub(crate) columns: Vec<&'static ColumnInfo>,
    pub(crate) rows: Rows,
    pub(crate) returning: Returning,
    /// What becomes of a row when another is in its way; without it, that is an error.
    pub(crate) conflict: Option<Conflict>,
    /// What is said about the scope, if not what whoever sends it says.
    pub(crate) said: Option<Said>,
}

/// Where the values are.
#[derive(Debug)]
pub(crate) enum Rows {
    /// One row, a value per column.
    One(Vec<Param>),
    /// Many rows, an array per column: one text and one plan however many rows.
    Many(Vec<ColumnValues>),
}

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
        self.write_conflict(sink);
        self.returning.write(At::only(self.table), sink);
    }

    fn write_conflict<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        if let Some(conflict) = &self.conflict {
            conflict.write(self, sink);
        }
    }

    /// What a part of the statement returns to the rest: all that may be asked for.
    pub(super) fn write_stored<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        sink.word(" RETURNING ");
        if let Returning::Keys(_) = self.returning {
            sink.list(", ", self.table.key, |sink, column| {
                sink.put(Token::Column(Scope::Only, column));
            });
        } else {
            sink.put(Token::Columns(Scope::Only, self.table));
        }
        if let (Returning::Terms(_), Some(_)) = (&self.returning, &self.conflict) {
            sink.word(", ");
            write_inserted(Scope::Only, sink);
            sink.word(" AS ");
            sink.word(INSERTED);
        }
    }

    /// What comes back of it.
    pub(super) fn write_returned<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let (scope, table) = (STORED, self.table);
        match &self.returning {
            Returning::Terms(terms) => {
                sink.list(", ", terms, |sink, term| {
                    term.write(At { scope, table }, sink);
                });
            }
            Returning::Keys(_) => sink.list(", ", table.key, |sink, column| {
                sink.word("array_agg(stored.");
                sink.put(Token::Column(Scope::Only, column));
                // Nobody looks at the types of what is no whole row: they are made sure of here.
                sink.word("::");
                sink.put(Token::Cast(column.ty));
                sink.word(" ORDER BY input.");
                sink.word(POSITION);
                sink.word(")");
            }),
            Returning::Rows | Returning::Nothing => {
                sink.list(", ", table.columns, |sink, column| {
                    sink.word("stored.");
                    sink.put(Token::Column(Scope::Only, column));
                });
            }
        }
    }

    /// Without anything to return the order is nobody's concern.
    fn write_many<'a, S: Sink<'a>>(&'a self, given: Given<'a>, sink: &mut S) {
        self.write_target(&[], sink);
        sink.word(" SELECT ");
        given.write_values(true, sink);
        sink.word(" FROM ");
        given.write_source(given.has_joins(), sink);
        self.write_conflict(sink);
    }

    /// RETURNING promises no order, so rows come back by their keys: those that the database would make are made
    /// in `input`, where each also has its position.
    fn write_many_returning<'a, S: Sink<'a>>(&'a self, given: Given<'a>, sink: &mut S) {
        if let Some((key, count)) = self.only_made_key() {
            return self.write_many_keys(key, count, given, sink);
        }
        let is_given = |key: &&ColumnInfo| {
            self.columns
                .iter()
                .any(|column| std::ptr::eq(*column, *key))
        };
        let keys = self.table.key.iter().copied();
        let made: Vec<&'static ColumnInfo> = keys.filter(|key| !is_given(key)).collect();

        sink.word("WITH input AS MATERIALIZED (SELECT ");
        for key in &made {
            write_made(self.table, key, sink);
            sink.word(" AS ");
            sink.put(Token::Column(Scope::Only, key));
            sink.word(", ");
        }
        given.write_values(true, sink);
        sink.word(", ");
        sink.word(POSITION);
        sink.word(" FROM ");
        given.write_source(true, sink);
        sink.word("), stored AS (");
        self.write_target(&made, sink);
        // Keys come from the column's own sequence, so GENERATED ALWAYS has nothing to object to. A session asks for some
        // of them beforehand.
        let made_before = self.columns.iter().any(|column| column.generated);
        sink.word(if made.is_empty() && !made_before {
            " SELECT "
        } else {
            " OVERRIDING SYSTEM VALUE SELECT "
        });
        sink.list(", ", made.iter().chain(&self.columns), |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        sink.word(" FROM input ORDER BY ");
        sink.word(POSITION);
        self.write_stored(sink);
        sink.word(") SELECT ");
        self.write_returned(sink);
        sink.word(" FROM stored JOIN input ON ");
        sink.list(" AND ", self.table.key, |sink, key| {
            sink.word("stored.");
            sink.put(Token::Column(Scope::Only, key));
            sink.word(" = input.");
            sink.put(Token::Column(Scope::Only, key));
        });
        if !matches!(self.returning, Returning::Keys(_)) {
            sink.word(" ORDER BY input.");
            sink.word(POSITION);
        }
    }

    pub(super) fn write_target<'a, S: Sink<'a>>(
        &'a self,
        made: &[&'static ColumnInfo],
        sink: &mut S,
    ) {
        sink.word("INSERT INTO ");
        sink.put(Token::Table(self.table));
        sink.word(" (");
        sink.list(", ", made.iter().chain(&self.columns), |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        sink.word(")");
    }
}

/// The value the database would have made: the column's default, or the next one of its sequence.
pub(super) fn write_made<'a, S: Sink<'a>>(
    table: &'static Table,
    key: &'static ColumnInfo,
    sink: &mut S,
) {
    if let Some(default) = key.default {
        sink.word(default);
    } else if key.ty.base() == "uuid" {
        sink.word("gen_random_uuid()");
    } else {
        // In a sub-select, so that the sequence is looked up once and not for every row.
        sink.word("nextval((SELECT pg_get_serial_sequence(");
        sink.put(Token::QuotedTable(table));
        sink.word(", ");
        sink.put(Token::Literal(key.name));
        sink.word(")::regclass))");
    }
}

impl Statement for Insert {
    fn operation(&self) -> Operation {
        match self.conflict {
            Some(_) => Operation::Upsert,
            None => Operation::Insert,
        }
    }

    fn summary(&self) -> String {
        format!("INSERT {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn shape<'a>(&'a self, shape: &mut Shape<'a>) {
        // Whatever else a statement may have one day belongs to its shape too. A scope matters to what is asked besides alone.
        let Self {
            table,
            columns,
            rows,
            returning,
            conflict,
            said: _,
        } = self;
        match (rows, conflict) {
            (Rows::One(values), None) if !matches!(returning, Returning::Terms(_)) => {
                shape.row(table, returning, columns, values);
            }
            _ => self.write(shape),
        }
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        let of_conflict = self
            .conflict
            .as_ref()
            .and_then(|conflict| conflict.said.as_ref());
        let said = self.said.as_ref().or(of_conflict);
        sink.saying(said, |sink| self.write_words(sink));
    }
}

impl Insert {
    fn write_words<'a>(&'a self, sink: &mut impl Sink<'a>) {
        match &self.rows {
            Rows::One(values) => self.write_one(values, sink),
            Rows::Many(arrays) => {
                let columns = &self.columns;
                let given = Given { columns, arrays };
                match (&self.returning, &self.conflict) {
                    (Returning::Nothing, _) => self.write_many(given, sink),
                    (_, Some(conflict)) => self.write_upsert(given, conflict, sink),
                    (_, None) => self.write_many_returning(given, sink),
                }
            }
        }
    }
}
