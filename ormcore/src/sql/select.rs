//! SELECT.

use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Expr, Operation, Shape, Statement, Table};
use crate::value::Param;
use smallvec::SmallVec;
use std::fmt;

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
    /// Whether the filter is the primary key, and nothing else is said.
    pub(crate) by_key: bool,
}

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// All columns of the base table, then those of each join.
    Columns,
    /// The number of rows.
    Count,
    /// Whether there is a row.
    Exists,
}

/// A related table, read in the same statement.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) table: &'static Table,
    /// The alias of the owners' table: 0 is the base, n the n-th join.
    pub(crate) owner: u16,
    /// Pairs of the owners' and this table's columns.
    pub(crate) owner_columns: &'static [&'static ColumnInfo],
    pub(crate) columns: &'static [&'static ColumnInfo],
    pub(crate) filter: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    /// Whether one owner may have several rows here.
    pub(crate) many: bool,
}

/// One column to order by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) column: &'static ColumnInfo,
    pub(crate) descending: bool,
    pub(crate) nulls: Option<Nulls>,
}

/// Where rows without a value go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    First,
    Last,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.column.name)?;
        if self.descending {
            f.write_str(" DESC")?;
        }
        Ok(())
    }
}

const BASE: u16 = 0;

impl Base {
    pub(crate) fn new(table: &'static Table) -> Self {
        Self {
            table,
            filter: SmallVec::new(),
            order: Vec::new(),
            limit: None,
            offset: None,
            by_key: false,
        }
    }

    fn write_filter<'a, S: Sink<'a>>(&'a self, scope: Scope, sink: &mut S) {
        write_where(&self.filter, scope, sink);
    }

    fn write_page<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
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

pub(super) fn write_where<'a, S: Sink<'a>>(filter: &'a [Expr], scope: Scope, sink: &mut S) {
    if !filter.is_empty() {
        sink.word(" WHERE ");
        sink.list(" AND ", filter, |sink, expr| expr.write(scope, sink));
    }
}

fn write_order<'a, S: Sink<'a>>(orders: impl Iterator<Item = (Scope, &'a Order)>, sink: &mut S) {
    for (position, (scope, order)) in orders.enumerate() {
        sink.word(if position == 0 { " ORDER BY " } else { ", " });
        sink.put(Token::Column(scope, order.column));
        if order.descending {
            sink.word(" DESC");
        }
        match order.nulls {
            Some(Nulls::First) => sink.word(" NULLS FIRST"),
            Some(Nulls::Last) => sink.word(" NULLS LAST"),
            None => {}
        }
    }
}

fn alias_of(join: usize) -> u16 {
    // A statement has far fewer joins: PostgreSQL allows 1664 columns.
    u16::try_from(join + 1).unwrap_or(u16::MAX)
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

    fn write_single<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let Base { table, order, .. } = &self.base;
        sink.word(match self.output {
            Output::Columns => "SELECT ",
            Output::Count => "SELECT count(*)",
            Output::Exists => "SELECT EXISTS (SELECT FROM ",
        });
        match self.output {
            Output::Columns => {
                sink.put(Token::Columns(Scope::Only, table));
                sink.word(" FROM ");
            }
            Output::Count => sink.word(" FROM "),
            Output::Exists => {}
        }
        sink.put(Token::Table(table));
        self.base.write_filter(Scope::Only, sink);
        match self.output {
            Output::Columns => {
                write_order(order.iter().map(|order| (Scope::Only, order)), sink);
                self.base.write_page(sink);
            }
            Output::Count => {}
            Output::Exists => sink.word(")"),
        }
    }

    fn write_joined<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let base = Scope::Alias(BASE);
        // A page counts owners, not the rows a to-many join makes of them: it is cut before the join.
        let paged = self.base.limit.is_some() || self.base.offset.is_some();
        let cut_first = paged && self.joins.iter().any(|join| join.many);

        sink.word("SELECT ");
        sink.put(Token::Columns(base, self.base.table));
        for (position, join) in self.joins.iter().enumerate() {
            sink.word(", ");
            sink.put(Token::Columns(Scope::Alias(alias_of(position)), join.table));
        }
        sink.word(" FROM ");
        if cut_first {
            sink.word("(SELECT * FROM ");
            sink.put(Token::Table(self.base.table));
            self.base.write_filter(Scope::Only, sink);
            write_order(
                self.base.order.iter().map(|order| (Scope::Only, order)),
                sink,
            );
            self.base.write_page(sink);
            sink.word(")");
        } else {
            sink.put(Token::Table(self.base.table));
        }
        sink.word(" AS ");
        sink.put(Token::Alias(BASE));
        for (position, join) in self.joins.iter().enumerate() {
            join.write(alias_of(position), sink);
        }
        if !cut_first {
            self.base.write_filter(base, sink);
        }
        let of_base = self.base.order.iter().map(|order| (base, order));
        let of_joins = self.joins.iter().enumerate().flat_map(|(position, join)| {
            let scope = Scope::Alias(alias_of(position));
            join.order.iter().map(move |order| (scope, order))
        });
        write_order(of_base.chain(of_joins), sink);
        if !cut_first {
            self.base.write_page(sink);
        }
    }
}

impl Join {
    fn write<'a, S: Sink<'a>>(&'a self, alias: u16, sink: &mut S) {
        let (owner, own) = (Scope::Alias(self.owner), Scope::Alias(alias));
        sink.word(" LEFT JOIN ");
        sink.put(Token::Table(self.table));
        sink.word(" AS ");
        sink.put(Token::Alias(alias));
        sink.word(" ON ");
        sink.list(
            " AND ",
            self.owner_columns.iter().zip(self.columns),
            |sink, (theirs, ours)| {
                sink.put(Token::Column(own, ours));
                sink.word(" = ");
                sink.put(Token::Column(owner, theirs));
            },
        );
        for expr in &self.filter {
            sink.word(" AND ");
            expr.write(own, sink);
        }
    }
}

impl Statement for Select {
    fn operation(&self) -> Operation {
        self.operation
    }

    fn summary(&self) -> String {
        let tables = self.joins.iter().map(|join| join.table.name);
        std::iter::once(self.base.table.name)
            .chain(tables)
            .fold("SELECT".to_owned(), |summary, table| summary + " " + table)
    }

    fn table(&self) -> Option<&'static Table> {
        self.joins.is_empty().then_some(self.base.table)
    }

    fn filters(&self) -> usize {
        self.base.filter.len()
    }

    fn order_by(&self) -> Option<String> {
        let orders: Vec<String> = self.base.order.iter().map(Order::to_string).collect();
        (!orders.is_empty()).then(|| orders.join(", "))
    }

    fn shape<'a>(&'a self, shape: &mut Shape<'a>) {
        if self.base.by_key && self.joins.is_empty() {
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
            self.write_single(sink);
        } else {
            self.write_joined(sink);
        }
    }
}
