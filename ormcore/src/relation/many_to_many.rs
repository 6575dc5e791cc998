//! Rows of two tables belong together as the rows of a table between them say.

use super::{Link, Loaded, Many, Pairs, Relation, RelationInfo, ToMany};
use crate::entity::Entity;
use std::fmt;

/// The relation from `O` to the many `T` that a table between them leads to: `Post::TAGS`.
///
/// Each owner has the rows for itself: a tag of two posts is in the lists of both.
///
/// The table between is no entity's (`through = "post_tags"`, with the columns `post_id` and `tag_id` unless `here` and `there`
/// say otherwise), or that of an entity, which may have more columns (`through = PostTag`, by the names of its fields). Those
/// are written by [`with_value`](crate::Links::with_value) when rows are linked, and read by a `has_many(PostTag, …)` beside it:
/// `Post::find().with(Post::POST_TAGS.with(PostTag::TAG))`.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Many, Result};
/// #[derive(Entity)]
/// struct Post {
///     #[orm(primary_key, generated)] id: i64,
///     title: String,
///     #[orm(many_to_many(Tag, through = "post_tags"))] tags: Many<Tag>,
/// }
///
/// #[derive(Entity)]
/// struct Tag {
///     #[orm(primary_key, generated)] id: i64,
///     name: String,
///     #[orm(many_to_many(Post, through = "post_tags"))] posts: Many<Post>,
/// }
///
/// # async fn run(db: &Db) -> Result<()> {
/// let first_three = Post::TAGS.order_by(Tag::NAME).limit(3);
/// let posts = Post::find().with(first_three).all(db).await?;
/// let about_rust = Post::find().filter(Post::TAGS.any(Tag::NAME.eq("rust"))).all(db).await?;
/// let used: Vec<(String, i64)> = Tag::find().select((Tag::NAME, Tag::POSTS.count())).all(db).await?;
/// Post::TAGS.of(&posts[0]).add(db, [1, 2]).await?;
/// # Ok(()) }
/// ```
pub struct ManyToMany<O, T> {
    info: &'static RelationInfo,
    field: fn(&O) -> &Many<T>,
    field_mut: fn(&mut O) -> &mut Many<T>,
}

impl<O, T> ManyToMany<O, T> {
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

impl<O, T> Clone for ManyToMany<O, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, T> Copy for ManyToMany<O, T> {}

impl<O, T> fmt::Debug for ManyToMany<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info.fmt(f)
    }
}

impl<O: Entity, T: Entity> ToMany for ManyToMany<O, T> {}

impl<O: Entity, T: Entity> Relation for ManyToMany<O, T> {
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
