//! The caller's own SQL.

use super::token::{Sink, Token};
use super::{Operation, Shape, Statement, Table};
use crate::value::Param;
use std::borrow::Cow;

/// SQL with `$1`, `$2` … and the values for them.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) params: Vec<Param>,
    /// What telemetry calls it, if the caller says so.
    pub(crate) summary: Option<Cow<'static, str>>,
    /// Whether it makes no difference if it is carried out twice: for the caller to say.
    pub(crate) repeatable: bool,
}

impl Statement for Raw {
    fn operation(&self) -> Operation {
        Operation::Raw
    }

    fn summary(&self) -> String {
        // The text is the caller's: its first word is all that is taken from it.
        match &self.summary {
            Some(summary) => summary.to_string(),
            None => self
                .sql
                .split_whitespace()
                .next()
                .unwrap_or("raw")
                .to_uppercase(),
        }
    }

    fn table(&self) -> Option<&'static Table> {
        None
    }

    fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    /// The name is part of it: one text under two names is two statements to whoever watches.
    fn shape<'a>(&'a self, shape: &mut Shape<'a>) {
        self.write(shape);
        if let Some(summary) = &self.summary {
            shape.put(Token::Raw(summary));
        }
        if self.repeatable {
            shape.put(Token::Raw("repeatable"));
        }
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.put(Token::Raw(&self.sql));
        // The placeholders are in the text already; only the values are left to hand over.
        for param in &self.params {
            sink.bound(param);
        }
    }
}
