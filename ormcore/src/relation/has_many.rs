//! One row has many: their foreign keys lead to it.

use super::{Link, Many, Relation, RelationInfo, by_key, unclaimed};
use crate::entity::Entity;
use crate::error::Result;
use crate::value::Keys;
use std::fmt;
use std::sync::OnceLock;

/// The relation from `O` to the many `T` that refer to it: `User::POSTS`.
pub struct HasMany<O, T> {
    info: &'static RelationInfo,
    field: fn(&O) -> &Many<T>,
    field_mut: fn(&mut O) -> &mut Many<T>,
}

impl<O, T> HasMany<O, T> {
    /// A relation by its description and its field; called by generated code.
    #[must_use]
    pub const fn new(
        info: &'static RelationInfo,
        field: fn(&O) -> &Many<T>,
        field_mut: fn(&mut O) -> &mut Many<T>,
    ) -> Self {
        Self {
            info,
            field,
            field_mut,
        }
    }
}

impl<O, T> Clone for HasMany<O, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, T> Copy for HasMany<O, T> {}

impl<O, T> fmt::Debug for HasMany<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info.fmt(f)
    }
}

impl<O: Entity, T: Entity> Relation for HasMany<O, T> {
    type Owner = O;
    type Target = T;
    const MANY: bool = true;

    fn info(self) -> &'static RelationInfo {
        self.info
    }

    fn link(self, owner: &O) -> Option<&Link> {
        (self.field)(owner).link.as_ref()
    }

    fn fill(self, owners: &mut [O], leads: Vec<Keys>, found: Vec<T>) -> Result<()> {
        let mut found = by_key(leads, found, owners.len());
        for owner in owners {
            let field = (self.field_mut)(owner);
            let rows = field.link.as_ref().and_then(|link| found.remove(&link.key));
            field.loaded = OnceLock::from(rows.unwrap_or_default());
        }
        if found.is_empty() {
            Ok(())
        } else {
            Err(unclaimed(self.info))
        }
    }
}
