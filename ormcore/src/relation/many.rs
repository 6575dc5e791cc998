//! The field of a relation to many rows: not loaded, or loaded.

use super::{Link, Loaded};
use crate::db::Row;
use crate::entity::Entity;
use crate::error::Result;
use serde::{Serialize, Serializer};
use std::fmt;
use std::panic::Location;

/// The rows whose foreign key leads here, or that a table between leads to: `Many<Post>`.
///
/// They are loaded with their owner (`.with(User::POSTS)`), or when they are asked for (`user.posts.load(&db)`). Reading
/// them before is an error, never an empty list: nothing is loaded by itself, and nothing stands for what is not loaded.
///
/// In JSON they are a list, and left out while they are not loaded if the entity says `#[orm(serialize)]`. With
/// `#[derive(serde::Serialize)]` they are null then, unless `#[serde(skip_serializing_if = "Many::is_unloaded")]` is on the field.
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
/// let user = User::get(1).one(db).await?;
/// println!("{} posts", user.posts.load(db).await?.len());
///
/// for user in User::find().with(User::POSTS).all(db).await? {
///     println!("{} wrote {} posts", user.name, user.posts.get()?.len());
/// }
/// # Ok(()) }
/// ```
pub struct Many<T> {
    pub(super) link: Option<Link>,
    pub(super) loaded: Loaded<Vec<T>>,
}

impl<T: Entity> Many<T> {
    /// The field of a row that was just read; called by generated code.
    #[must_use]
    pub fn linked(link: Link, row: &Row<'_>) -> Self {
        Self {
            loaded: Loaded::of_row(&link, row),
            link: Some(link),
        }
    }

    /// The rows, without asking the database. `user.posts.get().unwrap_or_default()` takes none for not loaded.
    ///
    /// # Errors
    /// [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) when they have not been loaded.
    #[track_caller]
    pub fn get(&self) -> Result<&[T]> {
        let caller = Location::caller();
        match self.loaded.get() {
            Some(rows) => Ok(rows),
            None => Err(self.loaded.missing(self.name()).at(caller)),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.link
            .as_ref()
            .map_or("this relation", |link| link.relation.constant)
    }
}

impl<T> Many<T> {
    /// A field that leads nowhere, for a row that you make yourself.
    #[must_use]
    pub fn unloaded() -> Self {
        Self {
            link: None,
            loaded: Loaded::nothing(),
        }
    }

    /// Whether they have not been loaded.
    #[must_use]
    pub fn is_unloaded(&self) -> bool {
        self.loaded.get().is_none()
    }
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self::unloaded()
    }
}

impl<T: Clone> Clone for Many<T> {
    fn clone(&self) -> Self {
        Self {
            link: self.link.clone(),
            loaded: self.loaded.clone(),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Many<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.loaded.get() {
            Some(rows) => rows.fmt(f),
            None => f.write_str("(not loaded)"),
        }
    }
}

impl<T: Serialize> Serialize for Many<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.loaded.get().serialize(serializer)
    }
}
