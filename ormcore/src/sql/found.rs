//! Questions about what others find: how many rows, and whether there is one.

use super::token::Sink;
use super::{Compound, Operation, Statement, Table};

/// `SELECT count(*) FROM (…)`, `SELECT EXISTS (…)`.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) asks: Asked,
    pub(crate) rows: Compound,
}

/// What is asked about the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    HowMany,
    Any,
}

impl Statement for Found {
    fn operation(&self) -> Operation {
        match self.asks {
            Asked::HowMany => Operation::Count,
            Asked::Any => Operation::Exists,
        }
    }

    fn summary(&self) -> String {
        self.rows.summary()
    }

    fn table(&self) -> Option<&'static Table> {
        match self.rows.rest.as_slice() {
            [] => self.rows.first.table(),
            _ => None,
        }
    }

    fn filters(&self) -> usize {
        self.rows.filters()
    }

    fn groups(&self) -> usize {
        self.rows.first.groups()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        match self.asks {
            Asked::HowMany => {
                sink.word("SELECT count(*) FROM (");
                self.rows.write(sink);
                sink.word(") AS found");
            }
            Asked::Any => {
                sink.word("SELECT EXISTS (");
                self.rows.write(sink);
                sink.word(")");
            }
        }
    }
}
