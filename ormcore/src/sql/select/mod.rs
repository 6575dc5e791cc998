//! SELECT.

mod join;
mod ranked;
mod source;
mod write;

pub(crate) use join::{Join, Part};
pub(crate) use ranked::{Cut, Ranked};
pub(crate) use source::{Given, GivenRows, NamedJoin, Source};
pub(super) use write::{write_page, write_where};

use super::expr::At;
use super::token::Sink;
use super::{Deleted, Expr, Operation, Order, Said, Shape, Statement, Table};
use crate::value::Param;
use smallvec::SmallVec;
use std::sync::Arc;

/// A question to one table, and to what is joined to it.
#[derive(Debug)]
pub(crate) struct Select {
    pub(crate) operation: Operation,
    pub(crate) output: Output,
    pub(crate) base: Base,
    pub(crate) joins: Vec<Join>,
}

/// The table asked, which of its rows, and in which order.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) table: &'static Table,
    pub(crate) filter: SmallVec<[Expr; 1]>,
    pub(crate) order: Vec<Order>,
    pub(crate) limit: Option<Param>,
    pub(crate) offset: Option<Param>,
    /// What most questions have nothing of; apart, so that they are small.
    more: Option<Box<More>>,
    /// Whether rows are asked for that are marked as deleted.
    pub(crate) deleted: Deleted,
    /// Whether the filter is the primary key, and nothing else is said.
    pub(crate) by_key: bool,
}

/// What is seldom said of a table asked.
#[derive(Debug, Default)]
pub(crate) struct More {
    pub(crate) lock: Option<Lock>,
    /// What goes by a name of its own, to be asked and joined.
    pub(crate) given: Vec<Given>,
    /// What is asked instead of the whole table.
    pub(crate) source: Option<Source>,
    /// What is joined by a name of its own.
    pub(crate) named: Vec<NamedJoin>,
    /// What is said about the scope, if not what the statement around it says, or whoever sends it.
    pub(crate) said: Option<Arc<Said>>,
}

/// What comes back.
#[derive(Debug)]
pub(crate) enum Output {
    /// All columns of the base table, then those of each join.
    Columns,
    /// The number of rows.
    Count,
    /// Whether there is a row.
    Exists,
    /// These expressions.
    Terms(Box<Terms>),
}

/// Expressions that come back, and how rows are put together for them.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    pub(crate) terms: Vec<Expr>,
    pub(crate) distinct: Option<Distinct>,
    pub(crate) group: Vec<Expr>,
    pub(crate) having: Vec<Expr>,
}

/// Which rows are told apart.
#[derive(Debug)]
pub(crate) enum Distinct {
    /// Those that differ in anything.
    All,
    /// Those that differ in these; of the others the first in order comes back.
    On(Vec<Expr>),
}

/// Rows that nobody else may change until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    /// ` FOR UPDATE`, ` FOR SHARE` …
    pub(crate) strength: &'static str,
    /// ` SKIP LOCKED`, ` NOWAIT`, or nothing: wait.
    pub(crate) wait: &'static str,
}

impl Base {
    pub(crate) fn new(table: &'static Table) -> Self {
        Self {
            table,
            filter: SmallVec::new(),
            order: Vec::new(),
            limit: None,
            offset: None,
            more: None,
            deleted: Deleted::Hidden,
            by_key: false,
        }
    }

    /// The place for what is seldom said.
    pub(crate) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(crate) fn lock(&self) -> Option<Lock> {
        self.more.as_ref()?.lock
    }

    /// What it says about its scope.
    pub(crate) fn said(&self) -> Option<&Said> {
        self.more.as_ref()?.said.as_deref()
    }

    /// The same, to be said again.
    pub(crate) fn said_again(&self) -> Option<Arc<Said>> {
        self.more.as_ref()?.said.clone()
    }

    fn source(&self) -> Option<&Source> {
        self.more.as_ref()?.source.as_ref()
    }

    fn given(&self) -> &[Given] {
        self.more.as_ref().map_or(&[], |more| &more.given)
    }

    fn named(&self) -> &[NamedJoin] {
        self.more.as_ref().map_or(&[], |more| &more.named)
    }
}

impl Select {
    pub(crate) fn new(operation: Operation, output: Output, base: Base) -> Self {
        Self {
            operation,
            output,
            base,
            joins: Vec::new(),
        }
    }
}

impl Statement for Select {
    fn operation(&self) -> Operation {
        self.operation
    }

    fn summary(&self) -> String {
        let named = self.base.named().iter().map(|join| join.table.name);
        let tables = self.joins.iter().map(|join| join.table.name);
        std::iter::once(self.base.table.name)
            .chain(named)
            .chain(tables)
            .fold("SELECT".to_owned(), |summary, table| summary + " " + table)
    }

    fn table(&self) -> Option<&'static Table> {
        (self.joins.is_empty() && self.base.named().is_empty()).then_some(self.base.table)
    }

    fn filters(&self) -> usize {
        match self.base.source() {
            Some(Source::Ranked(ranked)) => ranked.filters(),
            _ => self.base.filter.len(),
        }
    }

    fn order_by(&self) -> Option<String> {
        let order = match self.base.source() {
            Some(Source::Ranked(ranked)) => &ranked.order,
            _ => &self.base.order,
        };
        let orders: Vec<String> = order.iter().map(Order::to_string).collect();
        (!orders.is_empty()).then(|| orders.join(", "))
    }

    fn aggregates(&self) -> Option<String> {
        let Output::Terms(terms) = &self.output else {
            return None;
        };
        let mut names: Vec<&str> = Vec::new();
        for term in &terms.terms {
            term.aggregates(&mut |name| names.push(name));
        }
        (!names.is_empty()).then(|| names.join(","))
    }

    fn groups(&self) -> usize {
        match &self.output {
            Output::Terms(terms) => terms.group.len(),
            _ => 0,
        }
    }

    fn shape<'a>(&'a self, shape: &mut Shape<'a>) {
        let plain = self.base.more.is_none() && self.base.deleted == Deleted::Hidden;
        let unscoped = self.base.table.scope.is_none();
        if self.base.by_key && plain && unscoped && self.joins.is_empty() {
            let key = self.base.filter.iter().filter_map(|part| match part {
                Expr::Compare { value, .. } => Some(value),
                _ => None,
            });
            shape.by_key(self.base.table, key);
        } else {
            self.write(shape);
        }
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        if self.joins.is_empty() {
            self.write_single(At::only(self.base.table), sink);
        } else {
            sink.saying(self.base.said(), |sink| self.write_joined(sink));
        }
    }
}
