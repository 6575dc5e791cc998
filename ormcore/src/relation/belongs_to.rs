//! A row belongs to one: its foreign key leads there.

use super::{Link, One, Relation, RelationInfo, ToOne, unclaimed};
use crate::entity::Entity;
use crate::error::Result;
use crate::value::{KeyMap, Keys};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The relation from `O` to the `T` it refers to: `Post::AUTHOR`. `T` is an `Option` where the key may be NULL.
pub struct BelongsTo<O, T: ToOne> {
    info: &'static RelationInfo,
    field: fn(&O) -> &One<T>,
    field_mut: fn(&mut O) -> &mut One<T>,
}

impl<O, T: ToOne> BelongsTo<O, T> {
    /// A relation by its description and its field; called by generated code.
    #[must_use]
    pub const fn new(
        info: &'static RelationInfo,
        field: fn(&O) -> &One<T>,
        field_mut: fn(&mut O) -> &mut One<T>,
    ) -> Self {
        Self {
            info,
            field,
            field_mut,
        }
    }
}

impl<O, T: ToOne> Clone for BelongsTo<O, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, T: ToOne> Copy for BelongsTo<O, T> {}

impl<O, T: ToOne> fmt::Debug for BelongsTo<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info.fmt(f)
    }
}

impl<O: Entity, T: ToOne> Relation for BelongsTo<O, T> {
    type Owner = O;
    type Target = T::Target;
    const MANY: bool = false;

    fn info(self) -> &'static RelationInfo {
        self.info
    }

    fn link(self, owner: &O) -> Option<&Link> {
        (self.field)(owner).link.as_ref()
    }

    fn fill(self, owners: &mut [O], leads: Vec<Keys>, found: Vec<T::Target>) -> Result<()> {
        let found: KeyMap<Arc<T::Target>> = leads
            .into_iter()
            .zip(found.into_iter().map(Arc::new))
            .collect();
        for owner in owners {
            let field = (self.field_mut)(owner);
            let target = field
                .link
                .as_ref()
                .and_then(|link| found.get(&link.key))
                .cloned();
            field.loaded = OnceLock::from(target);
        }
        if found.values().all(|target| Arc::strong_count(target) > 1) {
            Ok(())
        } else {
            Err(unclaimed(self.info))
        }
    }
}
