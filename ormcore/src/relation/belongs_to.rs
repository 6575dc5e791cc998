//! A row belongs to one: its foreign key leads there.

use super::{Groups, Link, Loaded, One, Pairs, Relation, RelationInfo, ToOne};
use crate::entity::Entity;
use std::fmt;

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

    /// Its description; called by generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn described(&self) -> &'static RelationInfo {
        self.info
    }
}

/// The relation of one kind that stands for one of all kinds; called by generated code.
#[diagnostic::on_unimplemented(
    message = "a relation that all kinds have leads to the same entity, from each of them",
    label = "that of a kind is a `{Self}`"
)]
pub trait OfAKind<T: ToOne> {
    /// The kind.
    type Row;

    /// Its field.
    fn field<'o>(&self, row: &'o Self::Row) -> &'o One<T>;

    /// The same, to be filled.
    fn field_mut<'o>(&self, row: &'o mut Self::Row) -> &'o mut One<T>;
}

#[diagnostic::do_not_recommend]
impl<O, T: ToOne> OfAKind<T> for BelongsTo<O, T> {
    type Row = O;

    fn field<'o>(&self, row: &'o O) -> &'o One<T> {
        (self.field)(row)
    }

    fn field_mut<'o>(&self, row: &'o mut O) -> &'o mut One<T> {
        (self.field_mut)(row)
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

    fn fill<'o>(
        self,
        owners: impl Iterator<Item = Option<&'o mut O>>,
        pairs: Pairs,
        found: Vec<T::Target>,
    ) {
        let (groups, at) = (Groups::of(found), pairs.targets.inverted(pairs.count));
        for (number, owner) in owners.enumerate() {
            let target = groups.row(at.of(pairs.owners.of(number)));
            if let Some(owner) = owner {
                (self.field_mut)(owner).loaded = Loaded::Given(target);
            }
        }
    }
}
