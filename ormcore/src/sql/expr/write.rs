//! Writing expressions.

use super::super::token::{Scope, Sink, Token};
use super::{Asks, ColumnInfo, Expr, Hop, Piece, Related, Table};
use crate::sql::Deleted;
use crate::sql::guard::{write_guard, write_meeting};
use crate::sql::returning::write_inserted;
use crate::sql::select::write_page;
use crate::value::Param;

/// Where an expression stands: whose columns it names, and how.
#[derive(Clone, Copy, Debug)]
pub(in crate::sql) struct At {
    pub(in crate::sql) scope: Scope,
    pub(in crate::sql) table: &'static Table,
}

impl At {
    /// In a statement about this one table.
    pub(in crate::sql) fn only(table: &'static Table) -> Self {
        Self {
            scope: Scope::Only,
            table,
        }
    }

    /// In a statement about several tables, one of which goes by this alias.
    pub(in crate::sql) fn alias(alias: u16, table: &'static Table) -> Self {
        Self {
            scope: Scope::Alias(alias),
            table,
        }
    }

    /// In a part of a statement that has the table for itself.
    pub(in crate::sql) fn inside_of(table: &'static Table) -> Self {
        Self::only(table).inside(table)
    }

    /// How a statement inside this one names our columns, whose names it may have too.
    fn seen_from_inside(self) -> Self {
        let scope = match self.scope {
            Scope::Only => Scope::Table(self.table),
            scope => scope,
        };
        Self { scope, ..self }
    }

    /// In a statement inside this one.
    fn inside(self, table: &'static Table) -> Self {
        let depth = match self.scope {
            Scope::Inside(depth) => depth.saturating_add(1),
            _ => 1,
        };
        Self {
            scope: Scope::Inside(depth),
            table,
        }
    }
}

impl Expr {
    /// Writes it so that it can stand anywhere without parentheses of its own.
    pub(in crate::sql) fn write<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        match self {
            Self::Column(column) => sink.put(Token::Column(at.scope, column)),
            Self::Of(name, column) => sink.put(Token::Column(Scope::Named(name), column)),
            Self::Value(value) => sink.put(Token::Bind(value)),
            Self::Typed(value, ty) => {
                sink.put(Token::Bind(value));
                sink.word("::");
                sink.put(Token::Cast(*ty));
            }
            Self::Compare { column, op, value } => {
                sink.put(Token::Column(at.scope, column));
                sink.word(op);
                sink.put(Token::Bind(value));
            }
            Self::AnyOf { column, list } => {
                sink.put(Token::Column(at.scope, column));
                sink.word(" = ANY(");
                sink.put(Token::Bind(list));
                sink.word(")");
            }
            Self::Keys { columns, lists } => write_keys(columns, lists, at, sink),
            Self::Words(words, parts) => {
                let mut parts = parts.iter();
                for word in *words {
                    sink.word(word);
                    if let Some(part) = parts.next() {
                        part.write(at, sink);
                    }
                }
            }
            Self::Call(name, parts) => {
                sink.put(Token::Raw(name));
                sink.word("(");
                sink.list(", ", parts, |sink, part| part.write(at, sink));
                sink.word(")");
            }
            Self::Inserted => write_inserted(at.scope, sink),
            Self::Literal(text) => sink.put(Token::Literal(text)),
            Self::Cast(inner, ty) => {
                sink.word("CAST(");
                inner.write(at, sink);
                sink.word(" AS ");
                sink.put(Token::Cast(*ty));
                sink.word(")");
            }
            Self::Case { when, otherwise } => {
                sink.word("CASE");
                for (when, then) in when {
                    sink.word(" WHEN ");
                    when.write(at, sink);
                    sink.word(" THEN ");
                    then.write(at, sink);
                }
                if let Some(otherwise) = otherwise {
                    sink.word(" ELSE ");
                    otherwise.write(at, sink);
                }
                sink.word(" END");
            }
            Self::Aggregate(aggregate) => aggregate.write(at, sink),
            Self::Fragment(_) => {
                sink.word("(");
                self.write_item(at, sink);
                sink.word(")");
            }
            Self::Query(select) => {
                sink.word("(");
                select.write_single(at.inside(select.base.table), sink);
                sink.word(")");
            }
            Self::Compound(compound) => {
                sink.word("(");
                compound.write_at(|table| at.inside(table), sink);
                sink.word(")");
            }
            Self::Related(related) => related.write(at, sink),
            Self::All(parts) => write_parts(parts, " AND ", "TRUE", at, sink),
            Self::Any(parts) => write_parts(parts, " OR ", "FALSE", at, sink),
            Self::Not(inner) => {
                sink.word("NOT (");
                inner.write(at, sink);
                sink.word(")");
            }
        }
    }
}

impl Expr {
    /// Writes it where commas stand around it: the caller's own SQL may be no expression there, such as `ROLLUP (…)`.
    pub(in crate::sql) fn write_item<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        let Self::Fragment(pieces) = self else {
            return self.write(at, sink);
        };
        for piece in pieces {
            match piece {
                Piece::Text(text) => sink.put(Token::Raw(text)),
                Piece::Expr(expr) => expr.write(at, sink),
            }
        }
    }
}

impl Related {
    /// `EXISTS (SELECT FROM posts AS s1 WHERE s1.author_id = users.id AND …)`; further tables are joined to the first.
    fn write<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        let Some((first, further)) = self.hops.split_first() else {
            return sink.word("TRUE");
        };
        let mut last = at.inside(first.table);
        let mut ends = Vec::with_capacity(further.len());
        for hop in further {
            ends.push((last, hop));
            last = last.inside(hop.table);
        }
        match &self.asks {
            Asks::Exists => sink.word("EXISTS (SELECT"),
            Asks::Value(value) => {
                sink.word("(SELECT ");
                value.write(last, sink);
                if self.cut.is_some() {
                    sink.word(" FROM (SELECT ");
                    sink.put(Token::Columns(last.scope, last.table));
                }
            }
        }
        sink.word(" FROM ");
        let start = at.inside(first.table);
        start.write_table(sink);
        for (from, hop) in ends {
            let to = from.inside(hop.table);
            sink.word(" JOIN ");
            to.write_table(sink);
            sink.word(" ON ");
            hop.write(from, to, sink);
            write_guard(Deleted::Hidden, " AND ", to, sink);
        }
        sink.word(" WHERE ");
        first.write(at.seen_from_inside(), start, sink);
        write_guard(Deleted::Hidden, " AND ", start, sink);
        for expr in &self.filter {
            sink.word(" AND ");
            expr.write(last, sink);
        }
        if let Some(cut) = &self.cut {
            for (position, order) in cut.order.iter().enumerate() {
                sink.word(if position == 0 { " ORDER BY " } else { ", " });
                order.write(last, sink);
            }
            write_page(cut.limit.as_ref(), cut.offset.as_ref(), sink);
            if let Asks::Value(_) = self.asks {
                sink.word(") AS ");
                sink.put(Token::Name(last.scope));
            }
        }
        sink.word(")");
    }
}

impl Hop {
    pub(in crate::sql) fn write<'a, S: Sink<'a>>(&'a self, from: At, to: At, sink: &mut S) {
        sink.list(
            " AND ",
            self.there.iter().zip(self.here),
            |sink, (there, here)| {
                sink.put(Token::Column(to.scope, there));
                sink.word(" = ");
                sink.put(Token::Column(from.scope, here));
            },
        );
        write_meeting(to, from, sink);
    }
}

impl At {
    /// The table and the name it goes by.
    pub(in crate::sql) fn write_table<'a, S: Sink<'a>>(self, sink: &mut S) {
        sink.put(Token::Table(self.table));
        if !matches!(self.scope, Scope::Only | Scope::Table(_)) {
            sink.word(" AS ");
            sink.put(Token::Name(self.scope));
        }
    }
}

fn write_parts<'a, S: Sink<'a>>(
    parts: &'a [Expr],
    separator: &'static str,
    none: &'static str,
    at: At,
    sink: &mut S,
) {
    match parts {
        [] => sink.word(none),
        [only] => only.write(at, sink),
        parts => {
            sink.word("(");
            sink.list(separator, parts, |sink, part| part.write(at, sink));
            sink.word(")");
        }
    }
}

fn write_keys<'a, S: Sink<'a>>(
    columns: &'a [&'static ColumnInfo],
    lists: &'a [Param],
    at: At,
    sink: &mut S,
) {
    sink.word("(");
    sink.list(", ", columns, |sink, column| {
        sink.put(Token::Column(at.scope, column));
    });
    sink.word(") IN (SELECT * FROM unnest(");
    sink.list(", ", columns.iter().zip(lists), |sink, (column, list)| {
        sink.put(Token::Bind(list));
        sink.word("::");
        sink.put(Token::Cast(column.ty.array()));
    });
    sink.word("))");
}
