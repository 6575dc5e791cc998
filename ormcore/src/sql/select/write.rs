//! Writing SELECT.

use super::super::expr::At;
use super::super::token::{Scope, Sink, Token};
use super::ranked::write_place;
use super::{Base, Distinct, Expr, Order, Output, Select, Source, Terms};
use crate::sql::Deleted;
use crate::sql::guard::write_guard;
use crate::value::Param;

const BASE: u16 = 0;

impl Select {
    /// The statement about one table, which goes by the name that `at` says.
    pub(in crate::sql) fn write_single<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        sink.saying(self.base.said(), |sink| self.write_alone(at, sink));
    }

    fn write_alone<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        let at = self.base.at(at);
        self.base.write_with(sink);
        match &self.output {
            Output::Columns => {
                sink.word("SELECT ");
                sink.put(Token::Columns(at.scope, at.table));
                sink.word(" FROM ");
            }
            Output::Count => sink.word("SELECT count(*) FROM "),
            Output::Exists => sink.word("SELECT EXISTS (SELECT FROM "),
            Output::Terms(terms) => {
                terms.write_select(at, sink);
                sink.word(" FROM ");
            }
        }
        self.base.write_from(at, sink);
        self.base.write_filter(at, sink);
        match &self.output {
            Output::Columns => self.base.write_end(at, sink),
            Output::Count => {}
            Output::Exists => sink.word(")"),
            Output::Terms(terms) => {
                terms.write_group(at, sink);
                self.base.write_end(at, sink);
            }
        }
    }

    pub(super) fn write_joined<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let base = At::alias(BASE, self.base.table);
        // A page counts owners, not the rows a to-many join makes of them: it is cut before the join.
        let paged = self.base.limit.is_some() || self.base.offset.is_some();
        let cut_first = paged && self.joins.iter().any(|join| join.many);

        self.base.write_with(sink);
        sink.word("SELECT ");
        sink.put(Token::Columns(base.scope, base.table));
        for (position, join) in self.joins.iter().enumerate() {
            let at = At::alias(alias_of(position), join.table);
            sink.word(", ");
            sink.put(Token::Columns(at.scope, at.table));
        }
        sink.word(" FROM ");
        if cut_first {
            self.base.write_cut(sink);
            sink.word(" AS ");
            sink.put(Token::Name(base.scope));
        } else {
            self.base.write_from(base, sink);
        }
        for (position, join) in self.joins.iter().enumerate() {
            join.write(alias_of(position), sink);
        }
        if !cut_first {
            self.base.write_filter(base, sink);
        }
        let of_joins = self.joins.iter().enumerate();
        let of_joins = of_joins.flat_map(|(position, join)| join.sorting(alias_of(position)));
        if cut_first && self.base.is_ordered_by_expressions() {
            sink.word(" ORDER BY ");
            sink.put(Token::Name(base.scope));
            sink.word(".place");
            for sorting in of_joins {
                sink.word(", ");
                sorting.write(sink);
            }
        } else {
            write_order(self.base.sorting(base).chain(of_joins), sink);
        }
        if !cut_first {
            self.base.write_page(sink);
        }
        if let Some(lock) = self.base.lock() {
            // Rows on the other side of an outer join cannot be locked; those asked for can.
            sink.word(lock.strength);
            sink.word(" OF ");
            sink.put(Token::Name(base.scope));
            sink.word(lock.wait);
        }
    }
}

impl Base {
    /// The page of owners, in parentheses. What they are ordered by may be known in there alone: then each has its place.
    fn write_cut<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let at = self.at(At::only(self.table));
        let placed = self.is_ordered_by_expressions();
        let order = || self.sorting(at);
        sink.word("(SELECT ");
        sink.put(Token::Columns(at.scope, at.table));
        if placed {
            sink.word(", row_number() OVER (");
            write_order(order(), sink);
            sink.word(") AS place");
        }
        sink.word(" FROM ");
        self.write_from(at, sink);
        self.write_filter(at, sink);
        if placed {
            sink.word(" ORDER BY place");
        } else {
            write_order(order(), sink);
        }
        self.write_page(sink);
        sink.word(")");
    }

    fn is_ordered_by_expressions(&self) -> bool {
        let column = |order: &Order| matches!(order.by, Expr::Column(_));
        !self.order.iter().all(column)
    }

    fn write_filter<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        match self.source() {
            // It has the filter already.
            Some(Source::Ranked(ranked)) => {
                sink.word(" WHERE ");
                ranked.write_cut(at.scope, sink);
            }
            source => {
                // What is left out of the table already need not be left out again.
                let guarded = !self.named().is_empty() && source.is_none();
                let deleted = (!guarded).then_some(self.deleted);
                write_where(&self.filter, deleted, at, sink);
            }
        }
    }

    fn sorting(&self, at: At) -> impl Iterator<Item = Sorting<'_>> {
        let ranked = matches!(self.source(), Some(Source::Ranked(_)));
        let place = ranked.then_some(Sorting::Place(at.scope));
        place
            .into_iter()
            .chain(self.order.iter().map(move |order| Sorting::By(at, order)))
    }

    fn write_end<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        write_order(self.sorting(at), sink);
        self.write_page(sink);
        if let Some(lock) = self.lock() {
            sink.word(lock.strength);
            sink.word(lock.wait);
        }
    }

    fn write_page<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        write_page(self.limit.as_ref(), self.offset.as_ref(), sink);
    }
}

impl Terms {
    fn write_select<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        sink.word("SELECT ");
        match &self.distinct {
            Some(Distinct::All) => sink.word("DISTINCT "),
            Some(Distinct::On(on)) => {
                sink.word("DISTINCT ON (");
                sink.list(", ", on, |sink, expr| expr.write(at, sink));
                sink.word(") ");
            }
            None => {}
        }
        sink.list(", ", &self.terms, |sink, term| term.write(at, sink));
    }

    fn write_group<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        if !self.group.is_empty() {
            sink.word(" GROUP BY ");
            sink.list(", ", &self.group, |sink, expr| expr.write_item(at, sink));
        }
        if !self.having.is_empty() {
            sink.word(" HAVING ");
            sink.list(" AND ", &self.having, |sink, expr| expr.write(at, sink));
        }
    }
}

/// The filter; and, where the table is not guarded already, what leaves out rows of it.
pub(in crate::sql) fn write_where<'a, S: Sink<'a>>(
    filter: &'a [Expr],
    deleted: Option<Deleted>,
    at: At,
    sink: &mut S,
) {
    let mut before = " WHERE ";
    if !filter.is_empty() {
        sink.word(before);
        sink.list(" AND ", filter, |sink, expr| expr.write(at, sink));
        before = " AND ";
    }
    if let Some(deleted) = deleted {
        write_guard(deleted, before, at, sink);
    }
}

/// What rows are ordered by.
pub(super) enum Sorting<'a> {
    By(At, &'a Order),
    /// Their places among those of one owner.
    Place(Scope),
}

impl<'a> Sorting<'a> {
    fn write<S: Sink<'a>>(self, sink: &mut S) {
        match self {
            Self::By(at, order) => order.write(at, sink),
            Self::Place(scope) => write_place(scope, sink),
        }
    }
}

pub(super) fn write_order<'a, S: Sink<'a>>(
    sortings: impl Iterator<Item = Sorting<'a>>,
    sink: &mut S,
) {
    for (position, sorting) in sortings.enumerate() {
        sink.word(if position == 0 { " ORDER BY " } else { ", " });
        sorting.write(sink);
    }
}

pub(in crate::sql) fn write_page<'a, S: Sink<'a>>(
    limit: Option<&'a Param>,
    offset: Option<&'a Param>,
    sink: &mut S,
) {
    if let Some(limit) = limit {
        sink.word(" LIMIT ");
        sink.put(Token::Bind(limit));
    }
    if let Some(offset) = offset {
        sink.word(" OFFSET ");
        sink.put(Token::Bind(offset));
    }
}

fn alias_of(join: usize) -> u16 {
    // A statement has far fewer joins: PostgreSQL allows 1664 columns.
    u16::try_from(join + 1).unwrap_or(u16::MAX)
}
