//! The text of a statement; the only place that makes SQL.

use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Said, ScopeColumn, Table, Within};
use crate::value::{Param, SqlType};
use std::fmt::Write as _;

/// SQL as it is sent, with `$1`, `$2` … where values go.
#[derive(Default)]
pub(crate) struct Text {
    sql: String,
    binds: usize,
    within: Within,
}

impl Text {
    /// The text of a statement about whose scope this is said, unless it says something itself.
    pub(crate) fn within(within: Within) -> Self {
        Self {
            within,
            ..Self::default()
        }
    }

    pub(crate) fn into_sql(self) -> String {
        self.sql
    }

    fn identifier(&mut self, name: &str) {
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

    /// With a backslash it has the form in which that is doubled: in the other one a setting decides what it means.
    fn literal(&mut self, text: &str) {
        let escapes = if text.contains('\\') { "E" } else { "" };
        let text = text.replace('\'', "''").replace('\\', "\\\\");
        let _ = write!(self.sql, "{escapes}'{text}'");
    }

    fn brackets(&mut self, ty: SqlType) {
        if ty.is_array() {
            self.sql.push_str("[]");
        }
    }

    fn column(&mut self, scope: Scope, column: &ColumnInfo) {
        self.qualifier(scope, ".");
        self.identifier(column.name);
    }

    fn qualifier(&mut self, scope: Scope, dot: &str) {
        match scope {
            Scope::Only => return,
            Scope::Alias(alias) => self.alias(alias),
            Scope::Inside(depth) => {
                let _ = write!(self.sql, "s{depth}");
            }
            Scope::Table(table) => self.identifier(table.name),
            Scope::Named(name) => self.identifier(name),
            Scope::Source => self.sql.push_str("source"),
            Scope::Link(number) => {
                let _ = write!(self.sql, "l{number}");
            }
        }
        self.sql.push_str(dot);
    }

    fn table(&mut self, table: &Table) {
        if let Some(schema) = table.schema {
            self.identifier(schema);
            self.sql.push('.');
        }
        self.identifier(table.name);
    }
}

/// A quoted name, for statements that are not made of tokens.
pub(crate) fn identifier(name: &str) -> String {
    let mut text = Text::default();
    text.identifier(name);
    text.into_sql()
}

/// A string constant, for statements that are not made of tokens.
pub(crate) fn literal(word: &str) -> String {
    let mut text = Text::default();
    text.literal(word);
    text.into_sql()
}

/// A type's name as SQL has it, to cast to: without what stands in parentheses.
pub(crate) fn bare_type(ty: SqlType) -> String {
    let mut text = Text::default();
    text.put(Token::Cast(ty));
    text.into_sql()
}

/// A table's quoted name, for statements that are not made of tokens.
pub(crate) fn quoted(table: &Table) -> String {
    let mut text = Text::default();
    text.table(table);
    text.into_sql()
}

/// A type's name without what stands in parentheses: for any length and precision.
fn unmodified(name: &str) -> String {
    let mut bare = String::with_capacity(name.len());
    let mut quoted = false;
    let mut in_parentheses = false;
    for part in name.chars() {
        match part {
            '"' => quoted = !quoted,
            '(' if !quoted => in_parentheses = true,
            _ => {}
        }
        if !in_parentheses {
            bare.push(part);
        } else if part == ')' {
            in_parentheses = false;
        }
    }
    // Without a length these have the length 1.
    match bare.trim().to_ascii_lowercase().as_str() {
        "char" | "character" | "nchar" => "bpchar".to_owned(),
        "bit" => "varbit".to_owned(),
        // These are no types but ways to declare a column.
        "smallserial" | "serial2" => "smallint".to_owned(),
        "serial" | "serial4" => "integer".to_owned(),
        "bigserial" | "serial8" => "bigint".to_owned(),
        _ => bare,
    }
}

impl<'a> Sink<'a> for Text {
    fn bound(&mut self, _: &'a Param) {}

    fn saying(&mut self, said: Option<&'a Said>, words: impl FnOnce(&mut Self)) {
        if said.is_none() {
            return words(self);
        }
        let before = std::mem::replace(&mut self.within, said.into());
        words(self);
        self.within = before;
    }

    fn within(&self) -> Within {
        self.within
    }

    fn scope(&mut self, _: &'static Table, _: &'static ScopeColumn) {
        let place = match self.within {
            Within::One(Some(place)) => place,
            _ => {
                self.binds += 1;
                self.within = Within::One(Some(self.binds - 1));
                self.binds - 1
            }
        };
        let _ = write!(self.sql, "${}", place + 1);
    }

    fn put(&mut self, token: Token<'a>) {
        match token {
            Token::Word(word) => self.sql.push_str(word),
            Token::Table(table) => self.table(table),
            Token::QuotedTable(table) => self.literal(&quoted(table)),
            Token::Alias(alias) => self.alias(alias),
            Token::Name(scope) => self.qualifier(scope, ""),
            Token::Column(scope, column) => self.column(scope, column),
            Token::Columns(scope, table) => {
                self.list(", ", table.columns, |text, column| {
                    text.column(scope, column);
                });
            }
            Token::Type(ty) => {
                self.sql.push_str(ty.name());
                self.brackets(ty);
            }
            Token::Cast(ty) => {
                self.sql.push_str(&unmodified(ty.name()));
                self.brackets(ty);
            }
            Token::Bind(_) => {
                self.binds += 1;
                let _ = write!(self.sql, "${}", self.binds);
            }
            Token::Literal(text) => self.literal(text),
            Token::Raw(text) => self.sql.push_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Text, unmodified};

    fn quoted(name: &str) -> String {
        let mut text = Text::default();
        text.identifier(name);
        text.into_sql()
    }

    #[test]
    fn identifiers_are_quoted_and_their_quotes_doubled() {
        assert_eq!(quoted("users"), r#""users""#);
        assert_eq!(quoted("select"), r#""select""#);
        assert_eq!(quoted(r#"a"b"#), r#""a""b""#);
        assert_eq!(
            quoted(r#""; DROP TABLE x; --"#),
            r#""""; DROP TABLE x; --""#
        );
        assert_eq!(quoted(""), r#""""#);
    }

    #[test]
    fn literals_are_quoted_and_their_quotes_doubled() {
        let mut text = Text::default();
        text.literal("it's ''");
        assert_eq!(text.into_sql(), "'it''s '''''");
        let mut text = Text::default();
        text.literal(r"\'; --");
        assert_eq!(text.into_sql(), r"E'\\''; --'");
    }

    #[test]
    fn a_type_to_cast_to_has_no_limits() {
        for (declared, cast) in [
            ("text", "text"),
            ("varchar(3)", "varchar"),
            ("numeric(10, 2)", "numeric"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("character varying(7)", "character varying"),
            ("char(4)", "bpchar"),
            ("CHARACTER (4)", "bpchar"),
            ("char", "bpchar"),
            ("bit(3)", "varbit"),
            ("bigserial", "bigint"),
            ("\"char\"", "\"char\""),
            ("\"Mood (new)\"", "\"Mood (new)\""),
        ] {
            assert_eq!(unmodified(declared), cast);
        }
    }
}
