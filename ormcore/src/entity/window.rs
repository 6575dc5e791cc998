//! The rows that a function of several rows looks at.

use super::{Argument, Entity, IntoOrder};
use crate::sql::{self, Expr};
use crate::value::Value;
use std::fmt;
use std::marker::PhantomData;

/// The rows beside each row that a window function looks at.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # struct Post { #[orm(primary_key, generated)] id: i64, author_id: i64, title: String, views: i64 }
/// # async fn run(db: &Db) -> Result<()> {
/// use ormcore::{Window, rank};
///
/// let of_author = || Window::new().partition_by(Post::AUTHOR_ID);
/// let ranked: Vec<(String, i64, Option<i64>)> = Post::find()
///     .select((
///         Post::TITLE,
///         rank().over(of_author().order_by(Post::VIEWS.desc())),
///         Post::VIEWS.sum().over(of_author()),
///     ))
///     .all(db)
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "a window does nothing until it is given to `over`"]
pub struct Window<E> {
    window: sql::Window,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Window<E> {
    /// All rows.
    pub fn new() -> Self {
        Self {
            window: sql::Window::default(),
            entity: PhantomData,
        }
    }

    /// Only the rows that are equal in this.
    pub fn partition_by(mut self, term: impl Into<Argument<E>>) -> Self {
        self.window.partition.push(term.into().0);
        self
    }

    /// In this order: then an aggregate is of the rows up to, and equal to, the current one.
    pub fn order_by(mut self, order: impl IntoOrder<E>) -> Self {
        self.window.order.push(order.into_order().into_sql());
        self
    }

    /// Of the rows before the current one and itself, one by one, whatever they are equal in.
    pub fn rows_so_far(self) -> Self {
        self.rows_between(Edge::Start, Edge::Current)
    }

    /// Of all the rows, even in an order.
    pub fn all_rows(self) -> Self {
        self.rows_between(Edge::Start, Edge::End)
    }

    /// Of the rows between two, counted from the current one: `rows_between(Edge::Before(2), Edge::Current)` is of three.
    pub fn rows_between(mut self, from: Edge<u32>, to: Edge<u32>) -> Self {
        self.window.frame = Some(sql::Frame {
            words: " ROWS BETWEEN ",
            from: from.map(i64::from).into_sql(),
            to: to.map(i64::from).into_sql(),
        });
        self
    }

    /// Of the rows whose place in the order, which must be of one thing, is so far from the current one's: numbers for an
    /// order of numbers, an [`Interval`](crate::value::Interval) for one of moments.
    pub fn range_between<T: Value>(mut self, from: Edge<T>, to: Edge<T>) -> Self {
        self.window.frame = Some(sql::Frame {
            words: " RANGE BETWEEN ",
            from: from.into_sql(),
            to: to.into_sql(),
        });
        self
    }
}

impl<E> Window<E> {
    pub(super) fn into_sql(self) -> sql::Window {
        self.window
    }
}

impl<E: Entity> Default for Window<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> fmt::Debug for Window<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.window.fmt(f)
    }
}

/// Where the rows that a window function looks at begin or end: [`Window::rows_between`], [`Window::range_between`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge<T> {
    /// The first row of the window.
    Start,
    /// So much before the current row.
    Before(T),
    /// The current row.
    Current,
    /// So much after the current row.
    After(T),
    /// The last row of the window.
    End,
}

impl<T> Edge<T> {
    fn map<U>(self, map: impl FnOnce(T) -> U) -> Edge<U> {
        match self {
            Self::Start => Edge::Start,
            Self::Before(by) => Edge::Before(map(by)),
            Self::Current => Edge::Current,
            Self::After(by) => Edge::After(map(by)),
            Self::End => Edge::End,
        }
    }
}

impl<T: Value> Edge<T> {
    fn into_sql(self) -> sql::Edge {
        let (by, words) = match self {
            Self::Start => (None, "UNBOUNDED PRECEDING"),
            Self::Before(by) => (Some(by), " PRECEDING"),
            Self::Current => (None, "CURRENT ROW"),
            Self::After(by) => (Some(by), " FOLLOWING"),
            Self::End => (None, "UNBOUNDED FOLLOWING"),
        };
        sql::Edge {
            by: by.map(|by| Expr::Typed(by.into_param(), T::TYPE)),
            words,
        }
    }
}
