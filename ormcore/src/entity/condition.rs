//! Conditions and orders that belong to one entity.

use super::{Column, Entity};
use crate::sql::{self, ColumnInfo, Expr, Nulls};
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

/// A condition on rows of the entity `E`.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// use ormcore::Condition;
///
/// let words = ["ada", "bob"];
/// let any = Condition::any(words.map(|word| User::NAME.ilike(word)));
/// let users = User::find().filter(any).all(db).await?;
/// # Ok(()) }
/// ```
///
/// Its `Debug` shows its form, never its values.
#[derive(Debug)]
#[must_use = "a condition does nothing until it is given to `filter`"]
pub struct Condition<E> {
    expr: Expr,
    entity: PhantomData<fn() -> E>,
}

impl<E> Condition<E> {
    pub(crate) fn new(expr: Expr) -> Self {
        Self {
            expr,
            entity: PhantomData,
        }
    }

    pub(crate) fn into_expr(self) -> Expr {
        self.expr
    }
}

impl<E: Entity> Condition<E> {
    /// Both.
    pub fn and(self, other: Self) -> Self {
        Self::new(self.expr.and(other.expr))
    }

    /// Either, or both.
    pub fn or(self, other: Self) -> Self {
        Self::new(self.expr.or(other.expr))
    }

    /// Every one of them; true when there is none.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Expr::All(
            conditions.into_iter().map(Self::into_expr).collect(),
        ))
    }

    /// At least one of them; false when there is none.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Expr::Any(
            conditions.into_iter().map(Self::into_expr).collect(),
        ))
    }
}

/// `!condition`: the opposite. Where a column is NULL, neither a condition nor its opposite holds.
impl<E: Entity> Not for Condition<E> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Expr::Not(Box::new(self.expr)))
    }
}

/// `a & b`: both.
impl<E: Entity> BitAnd for Condition<E> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

/// `a | b`: either, or both.
impl<E: Entity> BitOr for Condition<E> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

/// A column to order rows of the entity `E` by.
#[derive(Debug)]
pub struct Order<E> {
    order: sql::Order,
    entity: PhantomData<fn() -> E>,
}

impl<E> Clone for Order<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Order<E> {}

impl<E: Entity> Order<E> {
    pub(super) fn new(column: &'static ColumnInfo, descending: bool) -> Self {
        Self {
            order: sql::Order {
                column,
                descending,
                nulls: None,
            },
            entity: PhantomData,
        }
    }

    /// Rows without a value come first.
    #[must_use]
    pub fn nulls_first(mut self) -> Self {
        self.order.nulls = Some(Nulls::First);
        self
    }

    /// Rows without a value come last.
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.order.nulls = Some(Nulls::Last);
        self
    }
}

/// Something to order by: a column (ascending), or what [`Column::asc`] and [`Column::desc`] make of it.
#[diagnostic::on_unimplemented(
    message = "rows of `{E}` cannot be ordered by `{Self}`",
    label = "expected a column of `{E}`"
)]
pub trait IntoOrder<E> {
    /// The order it stands for.
    fn into_order(self) -> Order<E>;
}

impl<E> IntoOrder<E> for Order<E> {
    fn into_order(self) -> Order<E> {
        self
    }
}

impl<E: Entity, T> IntoOrder<E> for Column<E, T> {
    fn into_order(self) -> Order<E> {
        Order::new(self.info(), false)
    }
}

impl<E> Order<E> {
    pub(crate) fn into_sql(self) -> sql::Order {
        self.order
    }
}
