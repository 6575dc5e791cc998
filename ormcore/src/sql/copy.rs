//! COPY … FROM STDIN, and what has to be known before its rows can be encoded.

use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Insert, Operation, Returning, Rows, Statement, Table};
use crate::value::Param;

/// Many new rows, sent as they are: values for these columns, in this order.
#[derive(Debug)]
pub(crate) struct CopyIn {
    pub(crate) table: &'static Table,
    pub(crate) columns: Vec<&'static ColumnInfo>,
}

/// The types of the columns as they are now, as numbers. Everybody may ask for them.
pub(crate) struct CopyCheck<'a>(pub(crate) &'a CopyIn);

impl CopyIn {
    /// Prepared, it tells the types of the columns, as those of its parameters. It is never run; whoever may copy may insert,
    /// and need not be allowed to read.
    pub(crate) fn as_insert(&self) -> Insert {
        let columns = self.columns.clone();
        Insert {
            table: self.table,
            rows: Rows::One(columns.iter().map(|_| Param::null()).collect()),
            columns,
            returning: Returning::Nothing,
            conflict: None,
            said: None,
        }
    }

    fn write_columns<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.list(", ", &self.columns, |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
    }

    fn write_names<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("ARRAY[");
        sink.list(", ", &self.columns, |sink, column| {
            sink.put(Token::Literal(column.name));
        });
        sink.word("]::name[]");
    }
}

impl Statement for CopyIn {
    fn operation(&self) -> Operation {
        Operation::CopyIn
    }

    fn summary(&self) -> String {
        format!("COPY {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("COPY ");
        sink.put(Token::Table(self.table));
        sink.word(" (");
        self.write_columns(sink);
        sink.word(") FROM STDIN (FORMAT binary)");
    }
}

impl Statement for CopyCheck<'_> {
    fn operation(&self) -> Operation {
        self.0.operation()
    }

    fn summary(&self) -> String {
        self.0.summary()
    }

    fn table(&self) -> Option<&'static Table> {
        self.0.table()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("SELECT atttypid FROM pg_catalog.pg_attribute WHERE attrelid = ");
        sink.put(Token::QuotedTable(self.0.table));
        sink.word("::pg_catalog.regclass AND NOT attisdropped AND attname = ANY (");
        self.0.write_names(sink);
        sink.word(") ORDER BY array_position(");
        self.0.write_names(sink);
        sink.word(", attname)");
    }
}
