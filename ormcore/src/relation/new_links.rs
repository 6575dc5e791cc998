//! Links to come whose rows say more than who is linked.

use super::{Links, Relation};
use crate::db::Executor;
use crate::entity::{Assignment, Changes, Column, Entity};
use crate::error::{Error, Result};
use crate::sql::{Change, ColumnInfo};
use crate::value::Value;
use std::fmt;
use std::panic::Location;

/// Links to come, whose rows say more than who belongs to whom: [`Links::with_value`].
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Many, Result};
/// #[derive(Entity)]
/// struct Post {
///     #[orm(primary_key, generated)] id: i64,
///     #[orm(many_to_many(Tag, through = PostTag))] tags: Many<Tag>,
/// }
///
/// #[derive(Entity)]
/// struct Tag { #[orm(primary_key, generated)] id: i64, name: String }
///
/// #[derive(Entity)]
/// struct PostTag {
///     #[orm(primary_key, references(Post))] post_id: i64,
///     #[orm(primary_key, references(Tag))] tag_id: i64,
///     weight: i32,
/// }
///
/// # async fn run(db: &Db, post: Post) -> Result<()> {
/// Post::TAGS.of(&post).with_value(PostTag::WEIGHT, 3).add(db, [1, 2]).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing changes until `add` or `set` is awaited"]
pub struct NewLinks<O, T> {
    pub(super) links: Links<O, T>,
    pub(super) more: Changes,
    /// A column whose value is not to be said here.
    pub(super) refused: Option<&'static ColumnInfo>,
}

impl<O: Entity, T: Entity> NewLinks<O, T> {
    /// Of which nothing is said yet.
    pub(super) fn plain(links: Links<O, T>) -> Self {
        Self {
            links,
            more: Changes::default(),
            refused: None,
        }
    }

    /// One value more; of several for one column the last counts.
    pub fn with_value<L: Entity, V: Value>(
        mut self,
        column: Column<L, V>,
        value: impl Assignment<L, V>,
    ) -> Self {
        let column = column.info();
        let through = self.links.relation.info().through();
        if !through.is_some_and(|through| through.says_more(column)) {
            self.refused = Some(column);
        }
        self.more.put(column, value.into_assignment().0);
        self
    }

    /// Links the row to those with these keys, as [`Links::add`] does. A link that is there already stays as it was, and says
    /// what it said.
    ///
    /// # Errors
    /// As [`Links::add`], and [`ErrorKind::Usage`](crate::ErrorKind::Usage) when a column is none of the table between, or holds
    /// a key.
    #[track_caller]
    pub fn add<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Add, keys, Location::caller())
    }

    /// Links the row to those with these keys and to no others, as [`Links::set`] does. A link that is there already says what
    /// it said.
    ///
    /// # Errors
    /// As [`Links::set`], and [`ErrorKind::Usage`](crate::ErrorKind::Usage) when a column is none of the table between, or holds
    /// a key.
    #[track_caller]
    pub fn set<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Set, keys, Location::caller())
    }
}

impl<O: Entity, T: Entity> Links<O, T> {
    #[cold]
    pub(super) fn does_not_say(&self, column: &'static ColumnInfo) -> Error {
        let (relation, column) = (self.relation, column.name);
        let table = relation
            .info()
            .through()
            .map_or("", |through| through.table.name);
        Error::usage(format!(
            "{relation:?} leads through the table `{table}`, of which `{column}` is no column, or one that says who is linked: \
             with a link its other columns are written, and they are those of an entity that is named by `through = …`"
        ))
    }
}

impl<O, T> fmt::Debug for NewLinks<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NewLinks")
            .field(&self.links.relation)
            .finish()
    }
}
