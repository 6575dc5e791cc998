//! UPDATE with values of its own for each row.

use super::expr::At;
use super::given::{Given, POSITION};
use super::guard::write_guard;
use super::returning::STORED;
use super::token::{Scope, Sink, Token};
use super::update::write_touched;
use super::{ColumnInfo, Deleted, Expr, Operation, Returning, Said, Statement, Table};
use crate::value::ColumnValues;

/// Rows and their new values: an array for each column of the key, and for each column that changes.
#[derive(Debug)]
pub(crate) struct UpdateEach {
    pub(crate) table: &'static Table,
    /// Those of the key first.
    pub(crate) columns: Vec<&'static ColumnInfo>,
    pub(crate) arrays: Vec<ColumnValues>,
    pub(crate) filter: Vec<Expr>,
    pub(crate) returning: Returning,
    /// What is said about the scope, if not what whoever sends it says.
    pub(crate) said: Option<Said>,
}

/// What the rows that are given go by; no table of ours can be called so.
const ROWS: Scope = Scope::Named("ormcore rows");

impl UpdateEach {
    fn write_update<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let at = At {
            scope: Scope::Table(self.table),
            table: self.table,
        };
        let (key, set) = self.columns.split_at(self.table.key.len());
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
        let columns = &self.columns;
        let arrays = &self.arrays;
        let given = Given { columns, arrays };
        sink.word(" FROM (SELECT ");
        given.write_values(false, sink);
        let returns = !self.returning.is_nothing();
        if returns {
            sink.word(", ");
            sink.word(POSITION);
        }
        sink.word(" FROM ");
        given.write_source(returns || given.has_joins(), sink);
        sink.word(") AS ");
        sink.put(Token::Name(ROWS));
        sink.word(" WHERE ");
        sink.list(" AND ", key, |sink, column| {
            sink.put(Token::Column(at.scope, column));
            sink.word(" = ");
            sink.put(Token::Column(ROWS, column));
        });
        for expr in &self.filter {
            sink.word(" AND ");
            expr.write(at, sink);
        }
        write_guard(Deleted::Hidden, " AND ", at, sink);
        if returns {
            sink.word(" RETURNING ");
            sink.put(Token::Columns(at.scope, self.table));
            sink.word(", ");
            sink.word(POSITION);
        }
    }
}

impl Statement for UpdateEach {
    fn operation(&self) -> Operation {
        Operation::Update
    }

    fn summary(&self) -> String {
        format!("UPDATE {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn filters(&self) -> usize {
        self.filter.len()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.saying(self.said.as_ref(), |sink| self.write_words(sink));
    }
}

impl UpdateEach {
    fn write_words<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        if self.returning.is_nothing() {
            return self.write_update(sink);
        }
        sink.word("WITH stored AS (");
        self.write_update(sink);
        sink.word(") SELECT ");
        match &self.returning {
            Returning::Terms(terms) => {
                let (scope, table) = (STORED, self.table);
                sink.list(", ", terms, |sink, term| {
                    term.write(At { scope, table }, sink);
                });
            }
            _ => sink.put(Token::Columns(Scope::Only, self.table)),
        }
        sink.word(" FROM stored ORDER BY ");
        sink.word(POSITION);
    }
}
