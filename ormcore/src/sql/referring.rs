//! Which rows refer to some others: asked before these are deleted.

use super::expr::At;
use super::guard::write_guard;
use super::layout::is_same;
use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Deleted, Operation, Reference, Select, Statement, Table};

/// `WITH source AS (SELECT id FROM users WHERE …) SELECT (SELECT count(*) FROM posts AS s1 WHERE s1.author_id IN …), …`
#[derive(Debug)]
pub(crate) struct Referring {
    /// It asks for the key.
    pub(crate) rows: Box<Select>,
    /// The key that is referred to.
    pub(crate) key: &'static ColumnInfo,
    /// The columns that refer to it.
    pub(crate) columns: Vec<(&'static Table, &'static ColumnInfo)>,
}

/// The columns of these tables that refer to this one. Those of a table that several entities name are told once, unless each
/// is a kind of its rows.
pub(crate) fn references(
    tables: &[&'static Table],
    to: &'static Table,
) -> Vec<(&'static Table, &'static ColumnInfo, &'static Reference)> {
    let mut found: Vec<(&'static Table, &'static ColumnInfo, &'static Reference)> = Vec::new();
    for table in tables {
        for column in table.columns {
            let reference = column.references.as_ref();
            let is_told = found.iter().any(|(other, same, _)| {
                other.kind.is_none() && is_same(other, table) && same.name == column.name
            });
            if let Some(reference) = reference
                && is_same((reference.table)(), to)
                && !is_told
            {
                found.push((table, column, reference));
            }
        }
    }
    found
}

impl Statement for Referring {
    fn operation(&self) -> Operation {
        Operation::Count
    }

    fn summary(&self) -> String {
        let tables = self.columns.iter().map(|(table, _)| table.name);
        tables.fold(self.rows.summary(), |summary, table| {
            match summary.split(' ').any(|known| known == table) {
                true => summary,
                false => summary + " " + table,
            }
        })
    }

    fn table(&self) -> Option<&'static Table> {
        None
    }

    fn filters(&self) -> usize {
        self.rows.filters()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("WITH source AS (");
        self.rows.write_single(At::only(self.rows.base.table), sink);
        sink.word(") SELECT ");
        sink.list(", ", &self.columns, |sink, (table, column)| {
            let at = At::inside_of(table);
            sink.word("(SELECT count(*) FROM ");
            at.write_table(sink);
            sink.word(" WHERE ");
            sink.put(Token::Column(at.scope, column));
            sink.word(" IN (SELECT ");
            sink.put(Token::Column(Scope::Only, self.key));
            sink.word(" FROM source)");
            // A foreign key knows no rows that only seem deleted.
            write_guard(Deleted::Shown, " AND ", at, sink);
            sink.word(")");
        });
    }
}
