//! A row has one: that one's foreign key, which is unique, leads to it.

use super::{Groups, Link, Loaded, One, Pairs, Relation, RelationInfo};
use crate::entity::Entity;
use std::fmt;

/// The relation from `O` to the only `T` that refers to it, if there is one: `User::PROFILE`.
///
/// The column that refers is `unique`, or it does not compile; where the database holds two rows all the same, that is an
/// error of the kind [`TooManyRows`](crate::ErrorKind::TooManyRows).
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, One, Result};
/// #[derive(Entity)]
/// struct User {
///     #[orm(primary_key, generated)] id: i64,
///     #[orm(has_one(Profile, key = user_id))] profile: One<Option<Profile>>,
/// }
///
/// #[derive(Entity)]
/// struct Profile {
///     #[orm(primary_key, generated)] id: i64,
///     #[orm(unique, references(User))] user_id: i64,
///     motto: String,
/// }
///
/// # async fn run(db: &Db) -> Result<()> {
/// for user in User::find().with(User::PROFILE).all(db).await? {
///     let motto = user.profile.get()?.map(|profile| profile.motto.as_str());
///     println!("{}: {}", user.id, motto.unwrap_or("-"));
/// }
/// let silent = User::find().filter(User::PROFILE.missing()).count(db).await?;
/// # Ok(()) }
/// ```
pub struct HasOne<O, T: Entity> {
    info: &'static RelationInfo,
    field: fn(&O) -> &One<Option<T>>,
    field_mut: fn(&mut O) -> &mut One<Option<T>>,
}

impl<O, T: Entity> HasOne<O, T> {
    /// A relation by its description and its field; called by generated code.
    #[must_use]
    pub const fn new(
        info: &'static RelationInfo,
        field: fn(&O) -> &One<Option<T>>,
        field_mut: fn(&mut O) -> &mut One<Option<T>>,
    ) -> Self {
        Self {
            info,
            field,
            field_mut,
        }
    }
}

impl<O, T: Entity> Clone for HasOne<O, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, T: Entity> Copy for HasOne<O, T> {}

impl<O, T: Entity> fmt::Debug for HasOne<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info.fmt(f)
    }
}

impl<O: Entity, T: Entity> Relation for HasOne<O, T> {
    type Owner = O;
    type Target = T;
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
        found: Vec<T>,
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
