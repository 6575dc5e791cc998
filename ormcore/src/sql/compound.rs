//! Several SELECTs as one: UNION, INTERSECT, EXCEPT.

use super::expr::At;
use super::token::{Sink, Token};
use super::{Operation, Select, Statement, Table};
use crate::value::Param;

/// Rows of several questions that select alike.
#[derive(Debug)]
pub(crate) struct Compound {
    pub(crate) first: Select,
    /// ` UNION `, ` EXCEPT ALL ` …, and what follows.
    pub(crate) rest: Vec<(&'static str, Select)>,
    /// Positions in what is selected, from 0, and whether they descend.
    pub(crate) order: Vec<(usize, bool)>,
    pub(crate) limit: Option<Param>,
    pub(crate) offset: Option<Param>,
}

/// As many as a tuple can have.
const POSITIONS: [&str; 12] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
];

impl Compound {
    /// The rows of one question.
    pub(crate) fn of(first: Select) -> Self {
        Self {
            first,
            rest: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: None,
        }
    }

    fn selects(&self) -> impl Iterator<Item = &Select> {
        std::iter::once(&self.first).chain(self.rest.iter().map(|(_, select)| select))
    }
}

impl Compound {
    /// Writes it; `at` says by which name a statement's table goes.
    pub(super) fn write_at<'a, S: Sink<'a>>(
        &'a self,
        at: impl Fn(&'static Table) -> At,
        sink: &mut S,
    ) {
        sink.word("(");
        self.first.write_single(at(self.first.base.table), sink);
        sink.word(")");
        for (words, select) in &self.rest {
            sink.word(words);
            sink.word("(");
            select.write_single(at(select.base.table), sink);
            sink.word(")");
        }
        for (number, (position, descending)) in self.order.iter().enumerate() {
            sink.word(if number == 0 { " ORDER BY " } else { ", " });
            sink.word(POSITIONS.get(*position).copied().unwrap_or("1"));
            if *descending {
                sink.word(" DESC");
            }
        }
        if let Some(limit) = &self.limit {
            sink.word(" LIMIT ");
            sink.put(Token::Bind(limit));
        }
        if let Some(offset) = &self.offset {
            sink.word(" OFFSET ");
            sink.put(Token::Bind(offset));
        }
    }
}

impl Statement for Compound {
    fn operation(&self) -> Operation {
        Operation::Find
    }

    fn summary(&self) -> String {
        self.selects().fold("SELECT".to_owned(), |summary, select| {
            summary + " " + select.base.table.name
        })
    }

    fn table(&self) -> Option<&'static Table> {
        None
    }

    fn filters(&self) -> usize {
        self.selects().map(|select| select.base.filter.len()).sum()
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        self.write_at(At::only, sink);
    }
}
