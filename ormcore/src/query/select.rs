//! Selecting columns and expressions instead of whole entities.

use super::find::Find;
use crate::db::{Lazy, Reader};
use crate::entity::{
    Argument, Condition, Entity, Expression, IntoCondition, IntoOrder, Projection, Selection,
    SubSelect, Subquery,
};
use crate::sql::{self, Base, Distinct, Expr, Operation, Output, Terms};
use crate::value::Value;
use std::fmt;
use std::marker::PhantomData;

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
    asks: PhantomData<fn() -> (E, P)>,
    gives: PhantomData<fn() -> R>,
}

impl<E: Entity> Find<E> {
    /// Only these columns and expressions of the rows, instead of whole entities.
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

    /// Rows that are equal in everything only once.
    pub fn distinct(mut self) -> Self {
        self.terms.distinct = Some(Distinct::All);
        self
    }

    /// Of the rows that are equal in this only the first; PostgreSQL wants the order to begin with it. A second call tells them
    /// apart by one thing more.
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

    /// At most this many rows.
    pub fn limit(mut self, rows: u32) -> Self {
        (self.limit, self.base.limit) = super::find::limit(rows);
        self
    }

    /// Without the first so many rows.
    pub fn offset(mut self, rows: u64) -> Self {
        (self.offset, self.base.offset) = super::find::offset(rows);
        self
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
