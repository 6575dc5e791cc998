//! Functions over several rows: of all, of a group, or of a window.

use super::operators::on_terms;
use super::{Argument, Condition, Entity, Expression, IntoCondition, IntoOrder, Term, Window};
use crate::sql::{self, Expr};
use crate::value::{Number, Operand, SqlType, TextValue, Value};
use std::fmt;
use std::marker::PhantomData;

/// A value made of several rows: `count()`, `Post::VIEWS.sum()`.
///
/// It is of all rows, or, with `group_by`, of each group; with [`over`](Self::over) it stands beside each row.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # struct Post { #[orm(primary_key, generated)] id: i64, author_id: i64, title: String, published: bool }
/// # async fn run(db: &Db) -> Result<()> {
/// use ormcore::count;
///
/// let published = count().filter(Post::PUBLISHED.eq(true));
/// let authors: Vec<(i64, i64, i64)> = Post::find()
///     .select((Post::AUTHOR_ID, count(), published))
///     .group_by(Post::AUTHOR_ID)
///     .having(count().gt(3))
///     .all(db)
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "an aggregate does nothing until it is selected"]
pub struct Aggregate<E, T> {
    aggregate: sql::Aggregate,
    of: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Aggregate<E, T> {
    pub(super) fn new(aggregate: sql::Aggregate) -> Self {
        Self {
            aggregate,
            of: PhantomData,
        }
    }

    pub(super) fn of(name: &'static str, arguments: Vec<Expr>) -> Self {
        Self::new(sql::Aggregate::new(name, arguments))
    }

    fn read_as(mut self, ty: SqlType) -> Self {
        self.aggregate.cast = Some(ty);
        self
    }

    pub(crate) fn into_expr(self) -> Expr {
        Expr::Aggregate(Box::new(self.aggregate))
    }
}

impl<E: Entity, T: Value> Aggregate<E, T> {
    /// Only of the rows for which the condition holds.
    pub fn filter(mut self, condition: impl IntoCondition<E>) -> Self {
        let filter = condition.into_condition().map(Condition::into_expr);
        self.aggregate.filter = match (self.aggregate.filter.take(), filter) {
            (Some(before), Some(filter)) => Some(before.and(filter)),
            (before, filter) => before.or(filter),
        };
        self
    }

    /// In this order, where it matters: for `array_agg` and `string_agg`.
    pub fn order_by(mut self, order: impl IntoOrder<E>) -> Self {
        self.aggregate.order.push(order.into_order().into_sql());
        self
    }

    /// Of each value once.
    pub fn distinct(mut self) -> Self {
        self.aggregate.distinct = true;
        self
    }

    /// Beside each row, of the rows in its window.
    pub fn over(mut self, window: Window<E>) -> Expression<E, T> {
        self.aggregate.over = Some(window.into_sql());
        Expression::new(self.into_expr())
    }
}

impl<E, T> fmt::Debug for Aggregate<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.aggregate.fmt(f)
    }
}

impl<E: Entity, T: Value> From<Aggregate<E, T>> for Argument<E> {
    fn from(aggregate: Aggregate<E, T>) -> Self {
        Self::new(aggregate.into_expr())
    }
}

impl<E: Entity, T: Value> Term<E, T::Scalar> for Aggregate<E, T> {
    fn into_term(self) -> Argument<E> {
        Argument::from(self)
    }
}

/// How many rows there are.
pub fn count<E: Entity>() -> Aggregate<E, i64> {
    Aggregate::of("count", Vec::new())
}

on_terms! { [] []
    /// In how many rows it is not NULL.
    pub fn count(self) -> Aggregate<E, i64> {
        Aggregate::of("count", vec![Argument::from(self).0])
    }

    /// How many different values it has, NULL apart.
    pub fn count_distinct(self) -> Aggregate<E, i64> {
        self.count().distinct()
    }

    /// The least value; NULL of no rows.
    pub fn min(self) -> Aggregate<E, Option<T::Scalar>>
    where
        Option<T::Scalar>: Value,
    {
        Aggregate::of("min", vec![Argument::from(self).0])
    }

    /// The greatest value; NULL of no rows.
    pub fn max(self) -> Aggregate<E, Option<T::Scalar>>
    where
        Option<T::Scalar>: Value,
    {
        Aggregate::of("max", vec![Argument::from(self).0])
    }

    /// All values as an array, with NULLs as they are; NULL of no rows.
    pub fn array_agg(self) -> Aggregate<E, Option<Vec<T>>>
    where
        Option<Vec<T>>: Value,
    {
        Aggregate::of("array_agg", vec![Argument::from(self).0])
    }
}

on_terms! { [] [T::Scalar: Number]
    /// The sum; NULL of no rows.
    pub fn sum(self) -> Aggregate<E, Option<<T::Scalar as Number>::Sum>>
    where
        Option<<T::Scalar as Number>::Sum>: Value,
    {
        Aggregate::of("sum", vec![Argument::from(self).0]).read_as(<T::Scalar as Number>::Sum::TYPE)
    }

    /// The mean; NULL of no rows.
    pub fn avg(self) -> Aggregate<E, Option<<T::Scalar as Number>::Mean>>
    where
        Option<<T::Scalar as Number>::Mean>: Value,
    {
        Aggregate::of("avg", vec![Argument::from(self).0]).read_as(<T::Scalar as Number>::Mean::TYPE)
    }
}

on_terms! { [] [T::Scalar: TextValue]
    /// All texts in one, with a separator between them; NULL of no rows.
    pub fn string_agg(self, separator: impl Operand<String>) -> Aggregate<E, Option<String>> {
        let separator = Expr::Typed(separator.into_operand(), <String as Value>::TYPE);
        Aggregate::of("string_agg", vec![Argument::from(self).0, separator])
    }
}

impl<E: Entity> Condition<E> {
    /// Whether it holds for every row; NULL of no rows.
    pub fn every(self) -> Aggregate<E, Option<bool>> {
        Aggregate::of("bool_and", vec![self.into_expr()])
    }

    /// Whether it holds for at least one row; NULL of no rows.
    pub fn some(self) -> Aggregate<E, Option<bool>> {
        Aggregate::of("bool_or", vec![self.into_expr()])
    }
}
