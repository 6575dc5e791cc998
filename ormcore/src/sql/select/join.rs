//! Related tables in the same statement.

use super::super::expr::At;
use super::super::token::{Scope, Sink, Token};
use super::ranked::{Ranked, write_leads, write_reached, write_visible};
use super::write::{Sorting, write_order, write_page};
use super::{Expr, Order};
use crate::sql::guard::{write_guard, write_meeting};
use crate::sql::{ColumnInfo, Deleted, Kind, Table, Through};
use crate::value::Param;

/// A related table, read in the same statement.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) table: &'static Table,
    /// The alias of the owners' table: 0 is the base, n the n-th join.
    pub(crate) owner: u16,
    pub(crate) owner_table: &'static Table,
    /// Pairs of the owners' columns and those that match them, here or in what leads here.
    pub(crate) owner_columns: &'static [&'static ColumnInfo],
    pub(crate) columns: &'static [&'static ColumnInfo],
    /// Which of the owners are meant, where those of other kinds have nothing here.
    pub(crate) owner_kind: Option<&'static Kind>,
    pub(crate) filter: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    /// Whether one owner may have several rows here.
    pub(crate) many: bool,
    /// Whether owners without a row here are left out.
    pub(crate) required: bool,
    /// The table that leads here.
    pub(crate) through: Option<&'static Through>,
    pub(crate) part: Option<Part>,
}

/// Some of each owner's rows.
#[derive(Debug)]
pub(crate) enum Part {
    /// By their places among the owner's rows. It has the filter and the order.
    Ranked(Box<Ranked>),
    /// Owner by owner, by a sub-select that has the filter, the order and these.
    Lateral {
        limit: Option<Param>,
        offset: Option<Param>,
    },
}

impl Join {
    pub(super) fn write<'a, S: Sink<'a>>(&'a self, alias: u16, sink: &mut S) {
        let own = At::alias(alias, self.table);
        sink.word(if self.required {
            " JOIN "
        } else {
            " LEFT JOIN "
        });
        let ranked = match &self.part {
            Some(Part::Lateral { limit, offset }) => {
                return self.write_lateral(own, limit.as_ref(), offset.as_ref(), sink);
            }
            Some(Part::Ranked(ranked)) => Some(ranked),
            None => None,
        };
        match (ranked, self.through) {
            (None, None) => own.write_table(sink),
            (Some(ranked), None) => {
                ranked.write_rows(sink);
                sink.word(" AS ");
                sink.put(Token::Name(own.scope));
            }
            (None, Some(_)) => {
                sink.word("(");
                write_reached(self.through, own, alias, sink);
                sink.word(")");
            }
            (Some(ranked), Some(through)) => {
                sink.word("(");
                ranked.write_rows(sink);
                sink.word(" AS ");
                sink.put(Token::Name(Scope::Link(alias)));
                sink.word(" JOIN ");
                own.write_table(sink);
                write_leads(through, own, alias, sink);
                // They are found by their keys, which others may have in scopes of theirs.
                write_guard(Deleted::Shown, " AND ", own, sink);
                sink.word(")");
            }
        }
        sink.word(" ON ");
        let matching = self.through.map_or(own.scope, |_| Scope::Link(alias));
        self.write_match(matching, sink);
        if let Some(ranked) = ranked {
            sink.word(" AND ");
            ranked.write_cut(matching, sink);
        }
        for expr in &self.filter {
            sink.word(" AND ");
            expr.write(own, sink);
        }
        if ranked.is_none() {
            write_visible(self.through, own, alias, " AND ", sink);
        }
    }

    fn write_lateral<'a, S: Sink<'a>>(
        &'a self,
        own: At,
        limit: Option<&'a Param>,
        offset: Option<&'a Param>,
        sink: &mut S,
    ) {
        let inner = At::inside_of(self.table);
        sink.word("LATERAL (SELECT ");
        sink.put(Token::Columns(inner.scope, self.table));
        sink.word(" FROM ");
        write_reached(self.through, inner, 0, sink);
        sink.word(" WHERE ");
        self.write_match(self.through.map_or(inner.scope, |_| Scope::Link(0)), sink);
        for expr in &self.filter {
            sink.word(" AND ");
            expr.write(inner, sink);
        }
        write_visible(self.through, inner, 0, " AND ", sink);
        write_order(
            self.order.iter().map(|order| Sorting::By(inner, order)),
            sink,
        );
        write_page(limit, offset, sink);
        sink.word(") AS ");
        sink.put(Token::Name(own.scope));
        sink.word(" ON TRUE");
    }

    /// `t1.author_id = t0.id`
    fn write_match<'a, S: Sink<'a>>(&'a self, matching: Scope, sink: &mut S) {
        let owner = Scope::Alias(self.owner);
        sink.list(
            " AND ",
            self.owner_columns.iter().zip(self.columns),
            |sink, (theirs, ours)| {
                sink.put(Token::Column(matching, ours));
                sink.word(" = ");
                sink.put(Token::Column(owner, theirs));
            },
        );
        if let Some(kind) = self.owner_kind {
            sink.word(" AND ");
            sink.put(Token::Column(owner, kind.column));
            sink.word(" = ");
            sink.put(Token::Literal(kind.value));
        }
        let ours = At {
            scope: matching,
            table: self.through.map_or(self.table, |through| through.table),
        };
        write_meeting(ours, At::alias(self.owner, self.owner_table), sink);
    }

    /// What one owner's rows are ordered by.
    pub(super) fn sorting(&self, alias: u16) -> impl Iterator<Item = Sorting<'_>> {
        let own = At::alias(alias, self.table);
        let ranked = matches!(self.part, Some(Part::Ranked(_)));
        let scope = self.through.map_or(own.scope, |_| Scope::Link(alias));
        let place = ranked.then_some(Sorting::Place(scope));
        place
            .into_iter()
            .chain(self.order.iter().map(move |order| Sorting::By(own, order)))
    }
}
