//! A question as somebody else asks it, who keeps the rows in his own way.

use super::find::Find;
use super::get::Get;
use super::with::{Level, With};
use crate::entity::{Entity, Key};
use crate::sql::{Base, Expr, Operation, Output, Select};
use crate::telemetry::Page;
use crate::value::Param;
use std::panic::Location;

/// What is asked, and what is to come with it.
pub(crate) struct Question<E> {
    pub(crate) select: Select,
    pub(crate) page: Page,
    pub(crate) withs: Vec<Box<dyn With<E>>>,
    pub(crate) level: Level,
}

impl<E: Entity> Find<E> {
    pub(crate) fn into_question(
        self,
        operation: Operation,
        caller: &'static Location<'static>,
    ) -> Question<E> {
        Question {
            select: Select::new(operation, Output::Columns, self.base),
            page: Page {
                limit: self.limit,
                offset: self.offset,
            },
            withs: self.withs,
            level: Level::top(caller)
                .lazily(self.lazy)
                .consistently(self.consistent),
        }
    }

    /// So many rows are enough to know that there are more; no limit that the caller set.
    pub(crate) fn at_most(mut self, rows: i64) -> Self {
        if self.limit.is_none() {
            self.base.limit = Some(Param::from_i64(rows));
        }
        self
    }
}

impl<E: Entity> Get<E> {
    /// The row with this key.
    pub(crate) fn by(key: &E::Key) -> Self {
        let mut base = Base::new(E::TABLE);
        let keys = key.keys();
        let parts = E::TABLE.key.iter().zip(keys.parts());
        let filter = parts.map(|(column, part)| Expr::Compare {
            column,
            op: " = ",
            value: Param::other(part.clone()),
        });
        base.filter.extend(filter);
        base.by_key = true;
        Self::of(Select::new(Operation::FindOne, Output::Columns, base))
    }

    pub(crate) fn into_question(self, caller: &'static Location<'static>) -> Question<E> {
        Question {
            select: self.select,
            page: Page::default(),
            withs: self.withs,
            level: Level::top(caller)
                .lazily(self.lazy)
                .consistently(self.consistent),
        }
    }
}
