//! The field of a relation to one row: not loaded, or loaded.

use super::{Link, Loaded, Shared};
use crate::db::Row;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use serde::{Serialize, Serializer};
use std::fmt;
use std::panic::Location;

/// The row a foreign key leads to: `One<User>`, or `One<Option<User>>` where the key may be NULL.
///
/// It is loaded with its owner (`.with(Post::AUTHOR)`), or when it is asked for (`post.author.load(&db)`). Reading one that
/// is not loaded is an error, never an absent row: nothing is loaded by itself.
///
/// In JSON it is the row, and left out while it is not loaded if the entity says `#[orm(serialize)]`. With
/// `#[derive(serde::Serialize)]` it is null then, unless `#[serde(skip_serializing_if = "One::is_unloaded")]` is on the field.
///
/// Owners that lead to the same row share it, and rows that were loaded together are kept together: whoever keeps one of
/// them keeps up to 63 others in memory.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Many, One, Result};
/// # #[derive(Entity)]
/// # struct User {
/// #     #[orm(primary_key, generated)] id: i64,
/// #     name: String,
/// #     #[orm(has_many(Post, key = author_id))] posts: Many<Post>,
/// # }
/// # #[derive(Entity)]
/// # struct Post {
/// #     #[orm(primary_key, generated)] id: i64,
/// #     author_id: i64,
/// #     title: String,
/// #     published: bool,
/// #     #[orm(belongs_to(key = author_id))] author: One<User>,
/// # }
/// # async fn run(db: &Db) -> Result<()> {
/// let post = Post::get(1).one(db).await?;
/// println!("{}", post.author.load(db).await?.name);
///
/// for post in Post::find().with(Post::AUTHOR).all(db).await? {
///     println!("{} by {}", post.title, post.author.get()?.name);
/// }
/// # Ok(()) }
/// ```
pub struct One<T: ToOne> {
    pub(super) link: Option<Link>,
    /// Shared by all owners that lead to the same row.
    pub(super) loaded: Loaded<Option<Shared<T::Target>>>,
}

/// What a [`One`] may lead to: an entity, or an `Option` of one.
pub trait ToOne: Send + Sync + 'static {
    /// The entity.
    type Target: Entity;
    /// What is read: a reference, or an `Option` of one.
    type Loaded<'a>;

    /// What a look-up means; nothing, where a row that is not there is an error.
    #[doc(hidden)]
    fn loaded(found: Option<&Self::Target>) -> Option<Self::Loaded<'_>>;
}

impl<E: Entity> ToOne for E {
    type Target = E;
    type Loaded<'a> = &'a E;

    fn loaded(found: Option<&E>) -> Option<&E> {
        found
    }
}

impl<E: Entity> ToOne for Option<E> {
    type Target = E;
    type Loaded<'a> = Option<&'a E>;

    fn loaded(found: Option<&E>) -> Option<Option<&E>> {
        Some(found)
    }
}

impl<T: ToOne> One<T> {
    /// The field of a row that was just read; called by generated code.
    #[must_use]
    pub fn linked(link: Link, row: &Row<'_>) -> Self {
        Self {
            loaded: Loaded::of_row(&link, row),
            link: Some(link),
        }
    }

    /// A field that leads nowhere, for a row that you make yourself.
    #[must_use]
    pub fn unloaded() -> Self {
        Self {
            link: None,
            loaded: Loaded::nothing(),
        }
    }

    /// Whether it has not been loaded.
    #[must_use]
    pub fn is_unloaded(&self) -> bool {
        self.loaded.get().is_none()
    }

    /// The row, without asking the database.
    ///
    /// # Errors
    /// [`ErrorKind::NotLoaded`] when it has not been loaded; [`ErrorKind::NotFound`] when it was, and is not there.
    #[track_caller]
    pub fn get(&self) -> Result<T::Loaded<'_>> {
        self.read(Location::caller())
    }

    pub(super) fn read(&self, caller: &'static Location<'static>) -> Result<T::Loaded<'_>> {
        let read = match self.loaded.get() {
            Some(found) => T::loaded(found.as_ref().and_then(Shared::row)),
            None => return Err(self.loaded.missing(self.name()).at(caller)),
        };
        read.ok_or_else(|| self.absent(caller))
    }

    #[cold]
    fn absent(&self, caller: &'static Location<'static>) -> Error {
        let name = self.name();
        let message = format!("{name} leads to a row that is not there, or not visible");
        Error::new(ErrorKind::NotFound, message).at(caller)
    }

    pub(super) fn name(&self) -> &'static str {
        self.link
            .as_ref()
            .map_or("this relation", |link| link.relation.constant)
    }
}

impl<T: ToOne> Default for One<T> {
    fn default() -> Self {
        Self::unloaded()
    }
}

impl<T: ToOne> Clone for One<T> {
    fn clone(&self) -> Self {
        Self {
            link: self.link.clone(),
            loaded: self.loaded.clone(),
        }
    }
}

impl<T: ToOne> fmt::Debug for One<T>
where
    T::Target: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.loaded.get() {
            Some(found) => match found.as_ref().and_then(Shared::row) {
                Some(target) => target.fmt(f),
                None => f.write_str("None"),
            },
            None => f.write_str("(not loaded)"),
        }
    }
}

impl<T: ToOne> Serialize for One<T>
where
    T::Target: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.loaded
            .get()
            .and_then(|found| found.as_ref().and_then(Shared::row))
            .serialize(serializer)
    }
}
