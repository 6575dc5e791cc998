//! Selecting columns and expressions instead of whole entities.

use super::find::Find;
use crate::db::{Lazy, Reader};
use crate::entity::{
    Argument, Condition, Entity, Expression, IntoCondition, IntoOrder, Projection, Selection,
    SubSelect, Subquery,
};
use crate::error::{Error, Result};
use crate::sql::{self, Base, Distinct, Expr, Operation, Output, Terms};
use crate::value::Value;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

/// A question for some columns and expressions of an entity's rows: `User::find().select((User::ID, User::NAME))`.
///
/// `P` is what is selected, `R` what each row is read as: a tuple, or, after [`rows`](Self::rows), your own type.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # struct Post { #[orm(primary_key, generated)] id: i64, author_id: i64, title: String, published: bool }
/// # async fn run(db: &Db) -> Result<()> {
/// use ormcore::count;
///
/// let titles: Vec<String> = Post::find().select(Post::TITLE).distinct().all(db).await?;
/// let busy: Vec<(i64, i64)> = Post::find()
///     .filter(Post::PUBLISHED)
///     .select((Post::AUTHOR_ID, count()))
///     .group_by(Post::AUTHOR_ID)
///     .having(count().gt(3))
///     .order_by(count().desc())
///     .all(db)
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "a question does nothing until it is asked: call `.all(&db)` or another of its verbs"]
pub struct Select<E: Entity, P: Projection<E>, R = <P as Projection<E>>::Output> {
    pub(super) base: Base,
    pub(super) terms: Terms,
    pub(super) readers: Vec<Reader>,
    pub(super) limit: Option<i64>,
    pub(super) offset: Option<i64>,
    /// What the relations of whole entities among it do.
    pub(super) lazy: Option<Lazy>,
    /// A relation that was to be loaded, for which a selection has no room.
    pub(super) unloaded: Option<&'static str>,
    asks: PhantomData<fn() -> (E, P)>,
    gives: PhantomData<fn() -> R>,
}

impl<E: Entity> Find<E> {
    /// Only these columns and expressions of the rows, instead of whole entities: as a tuple, or as a struct with
    /// `#[derive(Row)]` by [`rows`](Select::rows). An entity is always read whole, so this is what leaves out a column that is long
    /// (others defer it).
    ///
    /// Where the rest is to have relations, or what is left out is to be loaded when it is needed, declare a second entity of the
    /// same table:
    ///
    /// ```no_run
    /// # use ormcore::{Db, Entity, One, Result};
    /// #[derive(Entity)]
    /// struct Post { #[orm(primary_key, generated)] id: i64, title: String, body: String }
    ///
    /// #[derive(Entity)]
    /// #[orm(table = "posts")]
    /// struct Headline {
    ///     #[orm(primary_key)] id: i64,
    ///     title: String,
    ///     #[orm(has_one(Post, key = id))] whole: One<Option<Post>>,
    /// }
    ///
    /// # async fn run(db: &Db) -> Result<()> {
    /// for headline in Headline::find().all(db).await? {
    ///     if headline.title == "Notes" {
    ///         println!("{:?}", headline.whole.load(db).await?.map(|post| &post.body));
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// A selection is one statement, and its rows have no fields for relations: one that was asked for with
    /// [`with`](Self::with) is an error of [`ErrorKind::Usage`](crate::ErrorKind::Usage) when it is sent.
    #[doc(alias("defer", "undefer", "load_only", "only"))]
    pub fn select<P: Projection<E>>(self, projection: P) -> Select<E, P> {
        const {
            assert!(
                !P::OF_UPSERTS,
                "`inserted()` tells something of an upsert only"
            );
        }
        let mut selection = Selection::default();
        projection.terms(&mut selection);
        Select {
            base: self.base,
            terms: Terms {
                terms: selection.terms,
                ..Terms::default()
            },
            readers: selection.readers,
            limit: self.limit,
            offset: self.offset,
            lazy: self.lazy,
            unloaded: self.withs.first().map(|with| with.constant()),
            asks: PhantomData,
            gives: PhantomData,
        }
    }
}

impl<E: Entity, P: Projection<E>, R> Select<E, P, R> {
    /// Each row as a type of your own that can be made from the tuple.
    pub fn rows<S: From<P::Output> + Send + 'static>(self) -> Select<E, P, S> {
        Select {
            base: self.base,
            terms: self.terms,
            readers: self.readers,
            limit: self.limit,
            offset: self.offset,
            lazy: self.lazy,
            unloaded: self.unloaded,
            asks: PhantomData,
            gives: PhantomData,
        }
    }

    /// Only rows for which the condition holds, besides those before it.
    pub fn filter(mut self, condition: impl IntoCondition<E>) -> Self {
        let condition = condition.into_condition();
        self.base.filter.extend(condition.map(Condition::into_expr));
        self
    }

    /// One row for all that are equal in this; a second call tells them apart by one thing more.
    pub fn group_by(mut self, term: impl Into<Argument<E>>) -> Self {
        self.terms.group.push(term.into().0);
        self
    }

    /// Only groups for which the condition holds, besides those before it.
    pub fn having(mut self, condition: impl IntoCondition<E>) -> Self {
        let condition = condition.into_condition();
        self.terms
            .having
            .extend(condition.map(Condition::into_expr));
        self
    }

    /// Rows that are equal in everything only once. Of this and [`distinct_on`](Self::distinct_on) the last counts.
    pub fn distinct(mut self) -> Self {
        self.terms.distinct = Some(Distinct::All);
        self
    }

    /// Of the rows that are equal in this only the first; PostgreSQL wants the order to begin with it. A second call tells them
    /// apart by one thing more. Of this and [`distinct`](Self::distinct) the last counts.
    pub fn distinct_on(mut self, term: impl Into<Argument<E>>) -> Self {
        let mut on = match self.terms.distinct.take() {
            Some(Distinct::On(on)) => on,
            Some(Distinct::All) | None => Vec::new(),
        };
        on.push(term.into().0);
        self.terms.distinct = Some(Distinct::On(on));
        self
    }

    /// In this order; a second call orders the rows that are equal so far.
    pub fn order_by(mut self, order: impl IntoOrder<E>) -> Self {
        self.base.order.push(order.into_order().into_sql());
        self
    }

    /// At most this many rows; of several limits the last counts.
    pub fn limit(mut self, rows: u32) -> Self {
        (self.limit, self.base.limit) = super::find::limit(rows);
        self
    }

    /// Without the first so many rows; of several offsets the last counts.
    pub fn offset(mut self, rows: u64) -> Self {
        (self.offset, self.base.offset) = super::find::offset(rows);
        self
    }

    /// What is wrong with it, if something is.
    pub(super) fn check(&self, caller: &'static Location<'static>) -> Result<()> {
        loads_nothing(self.unloaded, caller)
    }

    /// The statement.
    pub(super) fn into_sql(self) -> sql::Select {
        let aggregates =
            !self.terms.group.is_empty() || self.terms.terms.iter().any(Expr::is_aggregate);
        let operation = match aggregates {
            true => Operation::Aggregate,
            false => Operation::Find,
        };
        let mut base = self.base;
        base.by_key = false;
        sql::Select::new(operation, Output::Terms(Box::new(self.terms)), base)
    }
}

/// Refuses to read columns and expressions where a relation was to be loaded.
pub(super) fn loads_nothing(
    relation: Option<&'static str>,
    caller: &'static Location<'static>,
) -> Result<()> {
    let Some(relation) = relation else {
        return Ok(());
    };
    let message = format!(
        "`.select(…)` reads columns and expressions, and `.with({relation})` loads a relation of whole rows: leave out one of \
         them. What is related can be selected too: `{relation}.get(…)` of one row, `.count()` or `.aggregate(…)` of many"
    );
    Err(Error::usage(message).at(caller))
}

impl<E: Entity, P: Projection<E, Output = T>, T: Value> Select<E, P, T> {
    /// The only value as a part of another question: NULL when there is no row, the server's error when there are more.
    pub fn scalar<F: Entity>(self) -> Expression<F, Option<T::Scalar>>
    where
        Option<T::Scalar>: Value,
    {
        Expression::new(Expr::Query(Box::new(self.into_sql())))
    }
}

impl<E: Entity, P: Projection<E, Output = T>, T: Value> Subquery<T::Scalar> for Select<E, P, T> {
    fn into_select(self) -> SubSelect {
        SubSelect(Expr::Query(Box::new(self.into_sql())))
    }
}

impl<E: Entity, P: Projection<E>, R> fmt::Debug for Select<E, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select")
            .field("base", &self.base)
            .field("terms", &self.terms)
            .finish()
    }
}
