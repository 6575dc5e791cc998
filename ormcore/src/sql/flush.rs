//! What a session sends: changed columns of many rows, rows to remove, and keys before their rows.

use super::expr::At;
use super::given::Given;
use super::guard::write_scope;
use super::insert::write_made;
use super::token::{Scope, Sink, Token};
use super::update::write_touched;
use super::{ColumnInfo, Operation, Statement, Table};
use crate::value::{ColumnValues, Param};

/// Rows, and new values for some of their columns.
#[derive(Debug)]
pub(crate) struct WriteBack {
    pub(crate) table: &'static Table,
    /// First those that find the row, its key and the version it had; then those that change.
    pub(crate) columns: Vec<&'static ColumnInfo>,
    /// How many find the row.
    pub(crate) found_by: usize,
    /// An array for each of them.
    pub(crate) arrays: Vec<ColumnValues>,
    /// What comes back of each row.
    pub(crate) returned: Vec<&'static ColumnInfo>,
}

/// Rows to remove, or to mark as deleted.
#[derive(Debug)]
pub(crate) struct Remove {
    pub(crate) table: &'static Table,
    /// Those that find the row: its key, and the version it had.
    pub(crate) found_by: Vec<&'static ColumnInfo>,
    /// An array for each of them.
    pub(crate) lists: Vec<Param>,
}

/// Keys for new rows that other new rows refer to.
#[derive(Debug)]
pub(crate) struct NewKeys {
    pub(crate) table: &'static Table,
    /// The columns that the database makes the values of.
    pub(crate) columns: Vec<&'static ColumnInfo>,
    pub(crate) count: Param,
}

/// What the rows that are given go by; no table of ours can be called so.
const ROWS: Scope = Scope::Named("ormcore rows");

impl Statement for WriteBack {
    fn operation(&self) -> Operation {
        Operation::Update
    }

    fn summary(&self) -> String {
        format!("UPDATE {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        let at = At {
            scope: Scope::Table(self.table),
            table: self.table,
        };
        let (found_by, set) = self.columns.split_at(self.found_by);
        sink.word("UPDATE ");
        sink.put(Token::Table(self.table));
        sink.word(" SET ");
        sink.list(", ", set, |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
            sink.word(" = ");
            sink.put(Token::Column(ROWS, column));
        });
        let is_set = |column: &ColumnInfo| set.iter().any(|other| std::ptr::eq(*other, column));
        write_touched(at, is_set, sink);
        sink.word(" FROM (SELECT ");
        let given = Given {
            columns: &self.columns,
            arrays: &self.arrays,
        };
        given.write_values(false, sink);
        sink.word(" FROM ");
        given.write_source(given.has_joins(), sink);
        sink.word(") AS ");
        sink.put(Token::Name(ROWS));
        sink.word(" WHERE ");
        sink.list(" AND ", found_by, |sink, column| {
            sink.put(Token::Column(at.scope, column));
            sink.word(" = ");
            sink.put(Token::Column(ROWS, column));
        });
        write_scope(" AND ", at, sink);
        if !self.returned.is_empty() {
            sink.word(" RETURNING ");
            sink.list(", ", &self.returned, |sink, column| {
                sink.put(Token::Column(at.scope, column));
            });
        }
    }
}

impl Statement for Remove {
    fn operation(&self) -> Operation {
        Operation::Delete
    }

    fn summary(&self) -> String {
        let verb = self.table.deleted.map_or("DELETE", |_| "UPDATE");
        format!("{verb} {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        let at = At::only(self.table);
        match self.table.deleted {
            None => {
                sink.word("DELETE FROM ");
                sink.put(Token::Table(self.table));
            }
            Some(mark) => {
                sink.word("UPDATE ");
                sink.put(Token::Table(self.table));
                sink.word(" SET ");
                sink.put(Token::Column(Scope::Only, mark));
                sink.word(" = now()");
                write_touched(at, |_| false, sink);
            }
        }
        sink.word(" WHERE ");
        if let ([column], [list]) = (self.found_by.as_slice(), self.lists.as_slice()) {
            sink.put(Token::Column(Scope::Only, column));
            sink.word(" = ANY(");
            sink.put(Token::Bind(list));
            sink.word(")");
        } else {
            sink.word("(");
            sink.list(", ", &self.found_by, |sink, column| {
                sink.put(Token::Column(Scope::Only, column));
            });
            sink.word(") IN (SELECT * FROM unnest(");
            let pairs = self.found_by.iter().zip(&self.lists);
            sink.list(", ", pairs, |sink, (column, list)| {
                sink.put(Token::Bind(list));
                sink.word("::");
                sink.put(Token::Cast(column.ty.array()));
            });
            sink.word("))");
        }
        write_scope(" AND ", at, sink);
        if self.table.version.is_some() {
            sink.word(" RETURNING ");
            sink.list(", ", self.table.key, |sink, column| {
                sink.put(Token::Column(Scope::Only, column));
            });
        }
    }
}

impl Statement for NewKeys {
    /// A sequence does not go back, so that it is a statement that writes.
    fn operation(&self) -> Operation {
        Operation::Raw
    }

    fn summary(&self) -> String {
        format!("SELECT KEYS {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("SELECT ");
        sink.list(", ", &self.columns, |sink, column| {
            sink.word("(");
            write_made(self.table, column, sink);
            sink.word(")::");
            sink.put(Token::Cast(column.ty));
        });
        sink.word(" FROM generate_series(1, ");
        sink.put(Token::Bind(&self.count));
        sink.word("::bigint)");
    }
}
