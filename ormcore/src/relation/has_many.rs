//! One row has many: their foreign keys lead to it.

use super::{Link, Loaded, Many, Pairs, Relation, RelationInfo, ToMany};
use crate::entity::Entity;
use std::fmt;

/// The relation from `O` to the many `T` that refer to it: `User::POSTS`.
///
/// With `when` it leads only to the rows for which a condition holds, however it is loaded or asked about. So one table can
/// belong to several, as its rows say:
///
/// # Examples
/// ```no_run
/// use ormcore::{Condition, Db, Entity, Many, Result, Value};
///
/// #[derive(Value, Clone, Copy, Debug)]
/// #[orm(text)]
/// enum About {
///     Post,
///     User,
/// }
///
/// #[derive(Entity)]
/// struct Note {
///     #[orm(primary_key, generated)] id: i64,
///     about: About,
///     about_id: i64,
///     text: String,
/// }
///
/// impl Note {
///     fn about_posts() -> Condition<Note> {
///         Note::ABOUT.eq(About::Post)
///     }
/// }
///
/// #[derive(Entity)]
/// struct Post {
///     #[orm(primary_key, generated)] id: i64,
///     #[orm(has_many(Note, key = about_id, when = Note::about_posts))] notes: Many<Note>,
/// }
///
/// # async fn run(db: &Db) -> Result<()> {
/// let posts = Post::find().with(Post::NOTES.order_by(Note::ID)).all(db).await?;
/// # Ok(()) }
/// ```
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

impl<O: Entity, T: Entity> ToMany for HasMany<O, T> {}

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

    fn fill<'o>(
        self,
        owners: impl Iterator<Item = Option<&'o mut O>>,
        pairs: Pairs,
        found: Vec<T>,
    ) {
        let mut lists = pairs.lists(found);
        for (number, owner) in owners.enumerate() {
            let list = lists.get_mut(pairs.owners.of(number));
            let list = list.map(std::mem::take).unwrap_or_default();
            if let Some(owner) = owner {
                (self.field_mut)(owner).loaded = Loaded::Given(list);
            }
        }
    }
}
