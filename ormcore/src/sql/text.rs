//! The text of a statement; the only place that makes SQL.

use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Table};
use crate::value::Param;
use std::fmt::Write as _;

/// SQL as it is sent, with `$1`, `$2` … where values go.
#[derive(Default)]
pub(crate) struct Text {
    sql: String,
    binds: usize,
}

impl Text {
    pub(crate) fn into_sql(self) -> String {
        self.sql
    }

    pub(super) fn identifier(&mut self, name: &str) {
        self.sql.push('"');
        for part in name.chars() {
            if part == '"' {
                self.sql.push('"');
            }
            self.sql.push(part);
        }
        self.sql.push('"');
    }

    fn alias(&mut self, alias: u16) {
        // Writing to a String cannot fail.
        let _ = write!(self.sql, "t{alias}");
    }

    fn literal(&mut self, text: &str) {
        let _ = write!(self.sql, "'{}'", text.replace('\'', "''"));
    }

    fn column(&mut self, scope: Scope, column: &ColumnInfo) {
        if let Scope::Alias(alias) = scope {
            self.alias(alias);
            self.sql.push('.');
        }
        self.identifier(column.name);
    }

    fn table(&mut self, table: &Table) {
        if let Some(schema) = table.schema {
            self.identifier(schema);
            self.sql.push('.');
        }
        self.identifier(table.name);
    }
}

/// A table's quoted name, for statements that are not made of tokens.
fn quoted(table: &'static Table) -> String {
    let mut text = Text::default();
    text.table(table);
    text.into_sql()
}

impl<'a> Sink<'a> for Text {
    fn bound(&mut self, _: &'a Param) {}

    fn put(&mut self, token: Token<'a>) {
        match token {
            Token::Word(word) => self.sql.push_str(word),
            Token::Table(table) => self.table(table),
            Token::QuotedTable(table) => self.literal(&quoted(table)),
            Token::Alias(alias) => self.alias(alias),
            Token::Column(scope, column) => self.column(scope, column),
            Token::Columns(scope, table) => {
                self.list(", ", table.columns, |text, column| {
                    text.column(scope, column)
                });
            }
            Token::Type(ty) => {
                self.sql.push_str(ty.name());
                if ty.is_array() {
                    self.sql.push_str("[]");
                }
            }
            Token::Bind(_) => {
                self.binds += 1;
                let _ = write!(self.sql, "${}", self.binds);
            }
            Token::Literal(text) => self.literal(text),
            Token::Number(number) => {
                let _ = write!(self.sql, "{number}");
            }
            Token::Raw(text) => self.sql.push_str(text),
        }
    }
}
