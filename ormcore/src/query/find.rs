//! Finding rows: which, in what order, how many, and what comes with them.

use super::with::With;
use crate::db::Lazy;
use crate::entity::{Condition, Entity, IntoCondition, IntoOrder, SoftDelete};
use crate::sql::{Base, Deleted};
use crate::value::Param;
use std::fmt;
use std::marker::PhantomData;

/// A question for rows of an entity: `User::find()`.
///
/// It asks nothing until one of `all`, `one`, `maybe`, `first`, `for_each`, `count` or `exists` is awaited, or a `stream` is read.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let adults = User::find()
///     .filter(User::AGE.ge(18).and(User::NAME.ilike("a%")))
///     .order_by(User::NAME)
///     .limit(20)
///     .all(db)
///     .await?;
/// let how_many = User::find().filter(User::AGE.is_null()).count(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "a question does nothing until it is asked: call `.all(&db)` or another of its verbs"]
pub struct Find<E> {
    pub(super) base: Base,
    pub(super) withs: Vec<Box<dyn With<E>>>,
    /// The numbers in `base`, for telemetry.
    pub(super) limit: Option<i64>,
    pub(super) offset: Option<i64>,
    pub(super) lazy: Option<Lazy>,
    pub(super) consistent: bool,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Find<E> {
    /// All rows.
    pub fn new() -> Self {
        Self {
            base: Base::new(E::TABLE),
            withs: Vec::new(),
            limit: None,
            offset: None,
            lazy: None,
            consistent: false,
            entity: PhantomData,
        }
    }

    /// Only rows for which the condition holds, besides those before it.
    pub fn filter(mut self, condition: impl IntoCondition<E>) -> Self {
        let condition = condition.into_condition();
        self.base.filter.extend(condition.map(Condition::into_expr));
        self
    }

    /// In this order; a second call orders the rows that are equal so far.
    pub fn order_by(mut self, order: impl IntoOrder<E>) -> Self {
        self.base.order.push(order.into_order().into_sql());
        self
    }

    /// At most this many rows; of several limits the last counts.
    pub fn limit(mut self, rows: u32) -> Self {
        (self.limit, self.base.limit) = limit(rows);
        self
    }

    /// Without the first so many rows; of several offsets the last counts.
    pub fn offset(mut self, rows: u64) -> Self {
        (self.offset, self.base.offset) = offset(rows);
        self
    }

    /// With the rows that are marked as deleted. It is said of these rows alone: relations still leave theirs out.
    pub fn with_deleted(mut self) -> Self
    where
        E: SoftDelete,
    {
        self.base.deleted = Deleted::Shown;
        self
    }

    /// Only the rows that are marked as deleted. Of this and [`with_deleted`](Self::with_deleted) the last counts.
    pub fn only_deleted(mut self) -> Self
    where
        E: SoftDelete,
    {
        self.base.deleted = Deleted::Only;
        self
    }

    /// With a relation: `.with(Post::AUTHOR)` loads it for all rows in one statement more, `.with(Post::AUTHOR.joined())`
    /// in the same statement.
    ///
    /// A relation has one field, so all that is wished of it is said at once: the same relation twice with different wishes is
    /// an error of [`ErrorKind::Usage`](crate::ErrorKind::Usage).
    ///
    /// All relations of the same rows are asked for together, on one connection: however many they are, each level of
    /// relations takes one round trip.
    pub fn with(mut self, relation: impl With<E> + 'static) -> Self {
        self.withs.push(Box::new(relation));
        self
    }

    /// The rows, their relations, and their number where it is asked for, as they were at one moment: whatever others commit
    /// between the statements is seen by none of them.
    ///
    /// On a [`Db`](crate::Db) they run in a transaction of their own, `REPEATABLE READ READ ONLY`. It takes no round trip
    /// more: BEGIN travels with the first statement, and nobody waits for the answer to COMMIT. In a transaction it asks
    /// for nothing, but for one that was begun with
    /// [`isolation`](crate::Begin::isolation) `RepeatableRead` or `Serializable`: in any other it is an error of
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage). What is one statement anyway (`count`, `exists`, a stream) is
    /// consistent without it.
    ///
    /// ```no_run
    /// # use ormcore::{Db, Entity, Many, Result};
    /// # #[derive(Entity)]
    /// # struct User { #[orm(primary_key, generated)] id: i64, #[orm(has_many(Post, key = author_id))] posts: Many<Post> }
    /// # #[derive(Entity)]
    /// # struct Post { #[orm(primary_key, generated)] id: i64, author_id: i64 }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let users = User::find().with(User::POSTS).consistent().all(db).await?;
    /// let page = User::find().order_by(User::ID).consistent().numbered_page(1, 50, db).await?;
    /// # Ok(()) }
    /// ```
    pub fn consistent(mut self) -> Self {
        self.consistent = true;
        self
    }

    /// What a load of a relation does that is not asked for here, of these rows and of those that come with them:
    /// `.lazy(Lazy::Peers)` loads it for all of them at once, `.lazy(Lazy::Raise)` makes it an error. It counts before what
    /// the fields say.
    pub fn lazy(mut self, lazy: Lazy) -> Self {
        self.lazy = Some(lazy);
        self
    }
}

/// A limit as a number for telemetry, and as a parameter.
pub(super) fn limit(rows: u32) -> (Option<i64>, Option<Param>) {
    (Some(rows.into()), Some(Param::from_i64(rows.into())))
}

/// The same for an offset.
pub(super) fn offset(rows: u64) -> (Option<i64>, Option<Param>) {
    // PostgreSQL counts in bigint; no table has more rows than that.
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    (Some(rows), Some(Param::from_i64(rows)))
}

impl<E: Entity> Default for Find<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> fmt::Debug for Find<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Find")
            .field("base", &self.base)
            .field("withs", &self.withs.len())
            .finish()
    }
}
