//! Several selections as one: union, intersection, difference.

use super::find;
use super::select::Select;
use crate::db::{Lazy, Reader, Row};
use crate::entity::{Entity, Projection, SubSelect, Subquery};
use crate::error::Result;
use crate::sql::{self, Expr};
use crate::value::Value;
use std::fmt;

/// The rows of several selections: [`Select::union`] and its like.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # struct Post { #[orm(primary_key, generated)] id: i64, author_id: i64, title: String }
/// # #[derive(Entity)]
/// # struct Comment { #[orm(primary_key, generated)] id: i64, author_id: i64, body: String }
/// # async fn run(db: &Db) -> Result<()> {
/// let said = Post::find().select((Post::AUTHOR_ID, Post::TITLE));
/// let said = said.union_all(Comment::find().select((Comment::AUTHOR_ID, Comment::BODY)));
/// let first_ten: Vec<(i64, String)> = said.order_by_position(2).limit(10).all(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "a question does nothing until it is asked: call `.all(&db)` or another of its verbs"]
pub struct Compound<R> {
    pub(super) compound: sql::Compound,
    pub(super) readers: Vec<Reader>,
    pub(super) read: fn(&Row<'_>) -> Result<R>,
    pub(super) limit: Option<i64>,
    pub(super) offset: Option<i64>,
    pub(super) lazy: Option<Lazy>,
    /// A relation that was to be loaded, for which a selection has no room.
    pub(super) unloaded: Option<&'static str>,
}

macro_rules! combinations {
    ($($(#[$doc:meta])* $name:ident $words:literal;)*) => {
        impl<E: Entity, P: Projection<E>, R: From<P::Output> + Send + 'static> Select<E, P, R> {
            $(
                $(#[$doc])*
                pub fn $name<F: Entity, Q: Projection<F, Output = P::Output>>(self, other: Select<F, Q>) -> Compound<R> {
                    Compound::of(self).$name(other)
                }
            )*
        }

        impl<R: Send + 'static> Compound<R> {
            $(
                $(#[$doc])*
                pub fn $name<F: Entity, Q: Projection<F>>(mut self, other: Select<F, Q>) -> Self
                where
                    R: From<Q::Output>,
                {
                    self.unloaded = self.unloaded.or(other.unloaded);
                    self.compound.rest.push(($words, other.into_sql()));
                    self
                }
            )*
        }
    };
}

combinations! {
    /// The rows of both, each once.
    union " UNION ";
    /// The rows of both, one after the other.
    union_all " UNION ALL ";
    /// The rows that are in both, each once.
    intersect " INTERSECT ";
    /// The rows that are in both, as often as they are in both.
    intersect_all " INTERSECT ALL ";
    /// The rows that are not in the other, each once.
    except " EXCEPT ";
    /// The rows that are not in the other, as often as they are here more than there.
    except_all " EXCEPT ALL ";
}

impl<R: Send + 'static> Compound<R> {
    fn of<E: Entity, P: Projection<E>>(mut select: Select<E, P, R>) -> Self
    where
        R: From<P::Output>,
    {
        Self {
            readers: std::mem::take(&mut select.readers),
            lazy: select.lazy,
            unloaded: select.unloaded,
            compound: sql::Compound::of(select.into_sql()),
            read: |row| P::read(row, &mut 0).map(R::from),
            limit: None,
            offset: None,
        }
    }

    /// In the order of what was selected at this position, from 1; a second call orders the rows that are equal so far.
    pub fn order_by_position(mut self, position: usize) -> Self {
        self.compound.order.push((position.max(1) - 1, false));
        self
    }

    /// The same, descending.
    pub fn order_by_position_desc(mut self, position: usize) -> Self {
        self.compound.order.push((position.max(1) - 1, true));
        self
    }

    /// At most this many rows of all.
    pub fn limit(mut self, rows: u32) -> Self {
        (self.limit, self.compound.limit) = find::limit(rows);
        self
    }

    /// Without the first so many rows of all.
    pub fn offset(mut self, rows: u64) -> Self {
        (self.offset, self.compound.offset) = find::offset(rows);
        self
    }
}

impl<T: Value> Subquery<T::Scalar> for Compound<T> {
    fn into_select(self) -> SubSelect {
        SubSelect(Expr::Compound(Box::new(self.compound)))
    }
}

impl<R> fmt::Debug for Compound<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.compound.fmt(f)
    }
}
