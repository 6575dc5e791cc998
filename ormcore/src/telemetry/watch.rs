//! Sees when the rows of one result load a relation one by one.

use super::names::{N_PLUS_ONE_COUNT, N_PLUS_ONE_RELATION};
use super::span::{Scope, annotate_enclosing};
use super::{NPlusOne, Telemetry};
use crate::error::{Error, ErrorKind, Result};
use std::collections::HashMap;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The rows that one query returned. Rows that were asked for one at a time belong to none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ResultSet(u64);

impl ResultSet {
    /// No set: a row that was asked for by itself.
    pub(crate) const NONE: Self = Self(0);

    /// A set of its own.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Loads so far, by the result the owner came from, the relation and the caller's line.
#[derive(Default)]
pub(super) struct Watch(Mutex<HashMap<(ResultSet, &'static str, &'static Location<'static>), u32>>);

/// More results than this are not kept in mind: the counts are dropped and begin anew.
const CAPACITY: usize = 4096;

impl Watch {
    fn count(
        &self,
        set: ResultSet,
        relation: &'static str,
        caller: &'static Location<'static>,
    ) -> u32 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= CAPACITY && !counts.contains_key(&(set, relation, caller)) {
            counts.clear();
        }
        let count = counts.entry((set, relation, caller)).or_default();
        *count = count.saturating_add(1);
        *count
    }
}

impl Telemetry {
    /// Notes a lazy load. `relation` is the constant's name, such as `Post::AUTHOR`; `scope` is the transaction, if any.
    ///
    /// # Errors
    /// When it makes a pattern, and patterns are errors.
    pub(crate) fn lazy_load(
        &self,
        set: ResultSet,
        relation: &'static str,
        caller: &'static Location<'static>,
        scope: Option<&Scope>,
    ) -> Result<()> {
        if set == ResultSet::NONE || self.settings.n_plus_one == NPlusOne::Off {
            return Ok(());
        }
        let count = self.watch.count(set, relation, caller);
        if count != self.settings.n_plus_one_threshold {
            return Ok(());
        }
        annotate_enclosing(
            scope,
            [
                (N_PLUS_ONE_RELATION, relation.into()),
                (N_PLUS_ONE_COUNT, i64::from(count).into()),
            ],
        );
        self.metrics.n_plus_one(relation);
        tracing::warn!(
            name: "ormcore.n_plus_one",
            target: "ormcore",
            relation, count, file = caller.file(), line = caller.line(),
            "{count} rows of one result loaded {relation} one by one at {}:{}; add `.with({relation})` to the query",
            caller.file(), caller.line()
        );
        match self.settings.n_plus_one {
            NPlusOne::Error => Err(Error::new(
                ErrorKind::NPlusOne,
                format!("{count} rows of one result loaded {relation} one by one; add `.with({relation})` to the query"),
            )
            .at(caller)),
            NPlusOne::Warn | NPlusOne::Off => Ok(()),
        }
    }
}
