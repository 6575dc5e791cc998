//! Functions over several rows: of a group, or of a window.

use super::super::Order;
use super::super::token::{Sink, Token};
use super::{At, Expr};
use crate::value::SqlType;

/// `name(DISTINCT arguments ORDER BY …) FILTER (WHERE …) OVER (…)`
#[derive(Debug)]
pub(crate) struct Aggregate {
    /// The function's name; `count` without arguments is `count(*)`.
    pub(crate) name: &'static str,
    pub(crate) distinct: bool,
    pub(crate) arguments: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    pub(crate) filter: Option<Expr>,
    pub(crate) over: Option<Window>,
    /// What the result is cast to, where PostgreSQL would give a wider type than anyone reads.
    pub(crate) cast: Option<SqlType>,
}

/// The rows that a window function looks at.
#[derive(Debug, Default)]
pub(crate) struct Window {
    pub(crate) partition: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    pub(crate) frame: Option<Frame>,
}

/// `ROWS BETWEEN … AND …`
#[derive(Debug)]
pub(crate) struct Frame {
    /// ` ROWS BETWEEN `, ` RANGE BETWEEN `, ` GROUPS BETWEEN `.
    pub(crate) words: &'static str,
    pub(crate) from: Edge,
    pub(crate) to: Edge,
}

/// Where a frame begins or ends: `CURRENT ROW`, or ` PRECEDING` with what stands before it.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) by: Option<Expr>,
    pub(crate) words: &'static str,
}

impl Aggregate {
    pub(crate) fn new(name: &'static str, arguments: Vec<Expr>) -> Self {
        Self {
            name,
            distinct: false,
            arguments,
            order: Vec::new(),
            filter: None,
            over: None,
            cast: None,
        }
    }

    pub(super) fn write<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        if self.cast.is_some() {
            sink.word("CAST(");
        }
        sink.word(self.name);
        sink.word(if self.distinct { "(DISTINCT " } else { "(" });
        if self.arguments.is_empty() && self.name == "count" {
            sink.word("*");
        }
        sink.list(", ", &self.arguments, |sink, argument| {
            argument.write(at, sink);
        });
        write_order(&self.order, at, sink);
        sink.word(")");
        if let Some(filter) = &self.filter {
            sink.word(" FILTER (WHERE ");
            filter.write(at, sink);
            sink.word(")");
        }
        if let Some(window) = &self.over {
            sink.word(" OVER (");
            window.write(at, sink);
            sink.word(")");
        }
        if let Some(ty) = self.cast {
            sink.word(" AS ");
            sink.put(Token::Cast(ty));
            sink.word(")");
        }
    }
}

impl Window {
    fn write<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        if !self.partition.is_empty() {
            sink.word("PARTITION BY ");
            sink.list(", ", &self.partition, |sink, expr| expr.write(at, sink));
        }
        write_order(&self.order, at, sink);
        if let Some(frame) = &self.frame {
            sink.word(frame.words);
            frame.from.write(at, sink);
            sink.word(" AND ");
            frame.to.write(at, sink);
        }
    }
}

impl Edge {
    fn write<'a, S: Sink<'a>>(&'a self, at: At, sink: &mut S) {
        if let Some(by) = &self.by {
            by.write(at, sink);
        }
        sink.word(self.words);
    }
}

fn write_order<'a, S: Sink<'a>>(order: &'a [Order], at: At, sink: &mut S) {
    for (position, order) in order.iter().enumerate() {
        sink.word(if position == 0 { " ORDER BY " } else { ", " });
        order.write(at, sink);
    }
}
