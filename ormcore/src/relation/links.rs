//! What a row is linked to, and changing it.

use super::{ManyToMany, NewLinks};
use crate::db::Executor;
use crate::entity::{Assignment, Column, Entity, Key};
use crate::error::Result;
use crate::sql::{Change, ScopeValue};
use crate::value::{Keys, Value};
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

/// What one row is linked to by a table between two others: [`ManyToMany::of`].
///
/// Each change is one statement, and so is each question. A change is of what is stored: a field that was loaded before stays
/// as it was.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Many, Result};
/// # #[derive(Entity)]
/// # struct Post {
/// #     #[orm(primary_key, generated)] id: i64,
/// #     title: String,
/// #     #[orm(many_to_many(Tag, through = "post_tags"))] tags: Many<Tag>,
/// # }
/// # #[derive(Entity)]
/// # struct Tag { #[orm(primary_key, generated)] id: i64, name: String }
/// # async fn run(db: &Db, rust: Tag, orm: Tag) -> Result<()> {
/// let post = Post::get(1).one(db).await?;
/// Post::TAGS.of(&post).add(db, [rust.id, orm.id]).await?;
/// Post::TAGS.of(&post).remove(db, [orm.id]).await?;
/// Post::TAGS.of(&post).set(db, [rust.id]).await?;
/// let is_about_rust = Post::TAGS.of(&post).has(db, rust.id).await?;
/// let tags: Vec<i64> = Post::TAGS.of(&post).keys(db).await?;
/// let first_ten = Post::TAGS.of(&post).find().order_by(Tag::NAME).limit(10).all(db).await?;
/// Post::TAGS.of(&post).clear(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing changes until `add`, `remove`, `set` or `clear` is awaited"]
pub struct Links<O, T> {
    pub(super) relation: ManyToMany<O, T>,
    pub(super) owner: Keys,
    /// What the table between has as the scope of the row's links.
    pub(super) scope: Option<ScopeValue>,
    target: PhantomData<fn() -> T>,
}

impl<O: Entity, T: Entity> ManyToMany<O, T> {
    /// What this row is linked to, to change it.
    pub fn of(self, owner: &O) -> Links<O, T> {
        let scope = O::TABLE.scope.zip(owner.scope_key());
        Links {
            scope: scope.map(|(column, scope)| ScopeValue::of(scope, column)),
            ..self.of_key(&owner.key())
        }
    }

    /// The same for the row with this key, which need not be read for it.
    pub fn of_key(self, owner: &O::Key) -> Links<O, T> {
        Links {
            relation: self,
            owner: owner.keys(),
            scope: None,
            target: PhantomData,
        }
    }
}

impl<O: Entity, T: Entity> Links<O, T> {
    /// What the rows of new links say besides: `.with_value(PostTag::WEIGHT, 3).add(&db, [1])`. The table between is that of
    /// an entity, one of whose columns it is; those of which nothing is said get their defaults.
    ///
    /// Where each link says something of its own, insert the rows as what they are: `PostTag::insert_many(…)`.
    pub fn with_value<L: Entity, V: Value>(
        self,
        column: Column<L, V>,
        value: impl Assignment<L, V>,
    ) -> NewLinks<O, T> {
        NewLinks::plain(self).with_value(column, value)
    }

    /// Links the row to those with these keys, and returns how many it was not linked to before.
    ///
    /// Where the table between is of an entity whose rows are marked as deleted, a link that was is brought back, as it was.
    ///
    /// # Errors
    /// When the statement fails, such as for a key that no row has; [`ErrorKind::Usage`] when a key names another scope.
    ///
    /// [`ErrorKind::Usage`]: crate::ErrorKind::Usage
    #[track_caller]
    pub fn add<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Add, keys, Location::caller())
    }

    /// Ends the links to those with these keys, and returns how many there were. The rows themselves stay, and where the table
    /// between is of an entity whose rows are marked as deleted, so do its own.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn remove<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Remove, keys, Location::caller())
    }

    /// Links the row to those with these keys and to no others, and returns how many it was not linked to before.
    ///
    /// # Errors
    /// When the statement fails, such as for a key that no row has; then everything stays as it was.
    #[track_caller]
    pub fn set<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Set, keys, Location::caller())
    }

    /// Ends all the row's links, and returns how many there were.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn clear<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Clear, [], Location::caller())
    }

    fn change<'a>(
        self,
        executor: &'a impl Executor,
        change: Change,
        keys: impl IntoIterator<Item = T::Key>,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        NewLinks::plain(self).change(executor, change, keys, caller)
    }
}

impl<O, T> fmt::Debug for Links<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Links").field(&self.relation).finish()
    }
}
