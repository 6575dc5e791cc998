//! COPY … TO STDOUT of what a question finds, and how its values come along.
//!
//! A COPY takes no parameters. Its values are not written into its text either: right before it they are bound, as those of
//! any statement, by one that keeps each in a setting of the transaction, and the COPY reads them there. So there is nothing
//! to be quoted, the text is the same whatever the values, and no log of the server shows them.

use super::token::{Sink, Token};
use super::{Operation, Said, ScopeColumn, Statement, Table, Within};
use crate::value::Param;

/// `COPY (SELECT …) TO STDOUT`.
pub(crate) struct CopyOut<'s, S> {
    pub(crate) rows: &'s S,
    /// What stands for each value: without these `$1`, `$2` …, which is how it is told.
    pub(crate) values: Option<&'s [String]>,
    pub(crate) format: CopyFormat,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyFormat {
    Binary,
    /// With a line of the columns' names first.
    Csv,
}

/// The same rows, none of which is wanted: prepared, it tells the types of the columns and of the values; sent in the same
/// transaction, it fails if they are others by now, and keeps them from changing before the COPY is over.
pub(crate) struct CopyColumns<'s, S>(pub(crate) &'s S);

/// Puts values where [`CopyOut`] reads them.
pub(crate) struct CopyValues<'s> {
    pub(crate) values: &'s [Param],
    /// Their types, as they stand in a cast.
    pub(crate) types: &'s [String],
    pub(crate) names: &'s [String],
}

/// What makes text of a value that says all of it, and is read alike under all settings: set before, and put back behind.
const LOSSLESS: [[&str; 3]; 3] = [
    [
        "pg_catalog.set_config('datestyle', 'ISO', true), ",
        ", pg_catalog.set_config('datestyle', given.datestyle, true)",
        "pg_catalog.current_setting('datestyle') AS datestyle",
    ],
    [
        "pg_catalog.set_config('intervalstyle', 'iso_8601', true), ",
        ", pg_catalog.set_config('intervalstyle', given.intervalstyle, true)",
        ", pg_catalog.current_setting('intervalstyle') AS intervalstyle",
    ],
    [
        "pg_catalog.set_config('extra_float_digits', '3', true), ",
        ", pg_catalog.set_config('extra_float_digits', given.digits, true)",
        ", pg_catalog.current_setting('extra_float_digits') AS digits",
    ],
];

/// What a value is called: the settings are `ormcore.p1`, `ormcore.p2` …
pub(crate) fn value_name(position: usize) -> String {
    format!("p{}", position + 1)
}

/// What stands in a COPY for a value. It is read once, not for each row, and an array stays one inside of `ANY (…)`.
pub(crate) fn value_read_back(name: &str, ty: &str) -> String {
    format!(
        "(SELECT pg_catalog.substr(nullif(pg_catalog.current_setting('ormcore.{name}'), ''), 2)::{ty})::{ty}"
    )
}

impl<S: Statement> Statement for CopyOut<'_, S> {
    fn operation(&self) -> Operation {
        Operation::CopyOut
    }

    fn summary(&self) -> String {
        self.rows.summary().replacen("SELECT", "COPY", 1)
    }

    fn table(&self) -> Option<&'static Table> {
        self.rows.table()
    }

    fn filters(&self) -> usize {
        self.rows.filters()
    }

    fn order_by(&self) -> Option<String> {
        self.rows.order_by()
    }

    fn aggregates(&self) -> Option<String> {
        self.rows.aggregates()
    }

    fn groups(&self) -> usize {
        self.rows.groups()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("COPY (");
        match self.values {
            None => self.rows.write(sink),
            Some(values) => self.rows.write(&mut ReadBack {
                within: sink.within(),
                scope: None,
                sink,
                values: values.iter(),
            }),
        }
        sink.word(match self.format {
            CopyFormat::Binary => ") TO STDOUT (FORMAT binary)",
            CopyFormat::Csv => ") TO STDOUT (FORMAT csv, HEADER)",
        });
    }
}

impl<S: Statement> Statement for CopyColumns<'_, S> {
    fn operation(&self) -> Operation {
        Operation::CopyOut
    }

    fn summary(&self) -> String {
        self.0.summary()
    }

    fn table(&self) -> Option<&'static Table> {
        self.0.table()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("SELECT * FROM (");
        self.0.write(sink);
        sink.word(") AS copied LIMIT 0");
    }
}

impl Statement for CopyValues<'_> {
    fn operation(&self) -> Operation {
        Operation::CopyOut
    }

    fn summary(&self) -> String {
        "SELECT set_config".to_owned()
    }

    fn table(&self) -> Option<&'static Table> {
        None
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("SELECT ");
        for [before, ..] in LOSSLESS {
            sink.word(before);
        }
        sink.list(", ", self.names, |sink, name| {
            // NULL is empty, and what is not NULL begins with a sign.
            sink.word("pg_catalog.set_config('ormcore.");
            sink.put(Token::Raw(name));
            sink.word("', CASE WHEN pg_catalog.num_nulls(given.");
            sink.put(Token::Raw(name));
            sink.word(") = 0 THEN pg_catalog.format('+%s', given.");
            sink.put(Token::Raw(name));
            sink.word(") ELSE '' END, true)");
        });
        for [_, after, _] in LOSSLESS {
            sink.word(after);
        }
        // Not to be folded into the rest: then what is put back would be read too late.
        sink.word(" FROM (SELECT ");
        for [.., kept] in LOSSLESS {
            sink.word(kept);
        }
        for ((value, ty), name) in self.values.iter().zip(self.types).zip(self.names) {
            sink.word(", ");
            sink.put(Token::Bind(value));
            sink.word("::");
            sink.put(Token::Raw(ty));
            sink.word(" AS ");
            sink.put(Token::Raw(name));
        }
        sink.word(" OFFSET 0) AS given");
    }
}

/// Writes what stands for each value instead of its placeholder.
struct ReadBack<'v, 's, K> {
    sink: &'v mut K,
    values: std::slice::Iter<'s, String>,
    /// What is said of the scope, and what stands for its value, which comes once.
    within: Within,
    scope: Option<&'s String>,
}

impl<'a, 's: 'a, K: Sink<'a>> Sink<'a> for ReadBack<'_, 's, K> {
    fn put(&mut self, token: Token<'a>) {
        match token {
            Token::Bind(_) => {
                if let Some(value) = self.values.next() {
                    self.sink.put(Token::Raw(value));
                }
            }
            token => self.sink.put(token),
        }
    }

    fn bound(&mut self, _: &'a Param) {}

    fn saying(&mut self, said: Option<&'a Said>, words: impl FnOnce(&mut Self)) {
        if said.is_none() {
            return words(self);
        }
        let before = (self.within, self.scope);
        (self.within, self.scope) = (said.into(), None);
        words(self);
        (self.within, self.scope) = before;
    }

    fn within(&self) -> Within {
        self.within
    }

    fn scope(&mut self, _: &'static Table, _: &'static ScopeColumn) {
        self.scope = self.scope.or_else(|| self.values.next());
        if let Some(value) = self.scope {
            self.sink.put(Token::Raw(value));
        }
    }

    fn unscoped(&mut self, table: &'static Table) {
        self.sink.unscoped(table);
    }
}
