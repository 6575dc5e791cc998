//! Rows of each owner, with their place among that owner's: what a limit per owner is made of.

use super::super::expr::At;
use super::super::token::{Scope, Sink, Token};
use super::write::{Sorting, write_order};
use super::{Expr, Order};
use crate::sql::guard::{write_guard, write_meeting};
use crate::sql::{ColumnInfo, Deleted, Table, Through};
use crate::value::Param;

/// `SELECT …, row_number() OVER (PARTITION BY author_id ORDER BY id DESC) AS place FROM posts WHERE …`, and which places count.
///
/// PostgreSQL can do the same with LATERAL and LIMIT; what distributes PostgreSQL often cannot.
#[derive(Debug)]
pub(crate) struct Ranked {
    pub(crate) table: &'static Table,
    /// The table that leads to the owners, where it is not the table itself.
    pub(crate) through: Option<&'static Through>,
    /// The columns that hold the owner's key.
    pub(crate) owner: &'static [&'static ColumnInfo],
    /// Which owners, if not all: a condition on those columns.
    pub(crate) owners: Option<Expr>,
    pub(crate) filter: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    pub(crate) cut: Cut,
}

/// The places that count, from the first, which is 1.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) after: Option<Param>,
    pub(crate) up_to: Option<Param>,
}

/// No column of ours can be called so.
const PLACE: &str = "\"ormcore place\"";

impl Ranked {
    /// How many conditions it has.
    pub(super) fn filters(&self) -> usize {
        self.filter.len() + usize::from(self.owners.is_some())
    }

    /// The rows, in parentheses: all columns of the table, or those of what leads to the owners.
    pub(super) fn write_rows<'a, S: Sink<'a>>(&'a self, sink: &mut S) {
        let own = At::inside_of(self.table);
        let owner = self.through.map_or(own.scope, |_| Scope::Link(0));
        sink.word("(SELECT ");
        match self.through {
            None => sink.put(Token::Columns(own.scope, self.table)),
            Some(through) => {
                sink.put(Token::Columns(owner, through.owners));
                sink.word(", ");
                sink.list(", ", through.there, |sink, there| {
                    sink.put(Token::Column(owner, there));
                });
            }
        }
        sink.word(", row_number() OVER (PARTITION BY ");
        // Owners of several scopes may have keys that are equal.
        let scope = self
            .through
            .map_or(self.table, |through| through.table)
            .scope;
        let is_in = |scope: &&ColumnInfo| self.owner.iter().any(|part| std::ptr::eq(*part, *scope));
        let scope = scope
            .map(|scope| scope.column)
            .filter(|scope| !is_in(scope));
        let owners = self.owner.iter().copied().chain(scope);
        sink.list(", ", owners, |sink, column| {
            sink.put(Token::Column(owner, column));
        });
        write_order(self.order.iter().map(|order| Sorting::By(own, order)), sink);
        sink.word(") AS ");
        sink.word(PLACE);
        sink.word(" FROM ");
        write_reached(self.through, own, 0, sink);
        let at_owner = At {
            scope: owner,
            table: self.table,
        };
        let conditions = self.owners.iter().map(|owners| (at_owner, owners));
        let conditions = conditions.chain(self.filter.iter().map(|expr| (own, expr)));
        let mut before = " WHERE ";
        for (at, expr) in conditions {
            sink.word(before);
            expr.write(at, sink);
            before = " AND ";
        }
        write_visible(self.through, own, 0, before, sink);
        sink.word(")");
    }

    /// The condition that a row's place counts.
    pub(super) fn write_cut<'a, S: Sink<'a>>(&'a self, scope: Scope, sink: &mut S) {
        let Cut { after, up_to } = &self.cut;
        let bounds = [(" > ", after), (" <= ", up_to)];
        let bounds = bounds
            .into_iter()
            .filter_map(|(op, bound)| Some((op, bound.as_ref()?)));
        sink.list(" AND ", bounds, |sink, (op, bound)| {
            write_place(scope, sink);
            sink.word(op);
            sink.put(Token::Bind(bound));
        });
    }
}

/// The place of a row that was read from a rank.
pub(super) fn write_place<'a, S: Sink<'a>>(scope: Scope, sink: &mut S) {
    if scope != Scope::Only {
        sink.put(Token::Name(scope));
        sink.word(".");
    }
    sink.word(PLACE);
}

/// A table, and what leads from its rows to their owners: `post_tags AS l0 JOIN tags AS s1 ON s1.id = l0.tag_id`.
pub(super) fn write_reached<'a, S: Sink<'a>>(
    through: Option<&'static Through>,
    own: At,
    link: u16,
    sink: &mut S,
) {
    if let Some(through) = through {
        sink.put(Token::Table(through.table));
        sink.word(" AS ");
        sink.put(Token::Name(Scope::Link(link)));
        sink.word(" JOIN ");
    }
    own.write_table(sink);
    if let Some(through) = through {
        write_leads(through, own, link, sink);
    }
}

/// ` ON s1.id = l0.tag_id`
pub(super) fn write_leads<'a, S: Sink<'a>>(
    through: &'static Through,
    own: At,
    link: u16,
    sink: &mut S,
) {
    sink.word(" ON ");
    sink.list(
        " AND ",
        own.table.key.iter().zip(through.there),
        |sink, (key, there)| {
            sink.put(Token::Column(own.scope, key));
            sink.word(" = ");
            sink.put(Token::Column(Scope::Link(link), there));
        },
    );
    let link = At {
        scope: Scope::Link(link),
        table: through.table,
    };
    write_meeting(own, link, sink);
}

/// What leaves out rows of the table, and of the one that leads to it.
pub(super) fn write_visible<'a, S: Sink<'a>>(
    through: Option<&'static Through>,
    own: At,
    link: u16,
    mut before: &'static str,
    sink: &mut S,
) {
    let link = through.map(|through| At {
        scope: Scope::Link(link),
        table: through.table,
    });
    for at in [Some(own), link].into_iter().flatten() {
        if write_guard(Deleted::Hidden, before, at, sink) {
            before = " AND ";
        }
    }
}
