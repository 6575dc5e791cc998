//! Where a relation field leads: its relation, the owner's key, and the result the owner came from.

use super::RelationInfo;
use crate::db::Row;
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

    /// Whether it leads to nothing: a part of the key is NULL.
    pub(super) fn is_null(&self) -> bool {
        self.key.is_null()
    }
}
