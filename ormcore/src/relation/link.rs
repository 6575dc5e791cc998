//! Where a relation field leads: its relation, the owner's key, and the result the owner came from.

use super::RelationInfo;
use crate::db::Row;
use crate::sql::{Said, ScopeValue};
use crate::telemetry::ResultSet;
use crate::value::{KeyValue, Keys};

/// What a relation field knows before anything is loaded; made by generated code.
#[derive(Clone, Debug)]
pub struct Link {
    pub(super) relation: &'static RelationInfo,
    pub(super) key: Keys,
    pub(super) set: ResultSet,
}

impl Link {
    /// The link of a row that was just read.
    #[inline]
    pub fn new<const N: usize>(
        relation: &'static RelationInfo,
        key: [KeyValue; N],
        row: &Row<'_>,
    ) -> Self {
        Self {
            relation,
            key: Keys::from(key),
            set: row.set(),
        }
    }

    /// The same with the row's scope, which is a part of the key where both sides have it.
    #[must_use]
    pub fn of_scope(mut self, scope: KeyValue) -> Self {
        if self.relation.common().is_some_and(|common| common.beside) {
            self.key = self.key.followed_by(&Keys::Single(scope));
        }
        self
    }

    /// What is said about the scope of what it leads to, if the row has that in common with it.
    pub(super) fn said(&self) -> Option<Said> {
        let common = self.relation.common()?;
        let scope = self.key.parts().get(common.place)?;
        Some(Said::One(ScopeValue::of(scope.clone(), common.theirs)))
    }

    /// Whether it leads to nothing: a part of the key is NULL.
    pub(super) fn is_null(&self) -> bool {
        self.key.is_null()
    }
}
