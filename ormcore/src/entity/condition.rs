//! Conditions that belong to one entity.

use super::{Column, Entity, Expression};
use crate::sql::Expr;
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

/// What a query can be filtered by: a condition, a column or expression that is true or false, or an `Option` of one of them,
/// where `None` lets every row pass.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition on rows of `{E}`",
    label = "expected a condition on `{E}`, or an `Option` of one",
    note = "compare a column, as in `User::AGE.gt(18)`; put conditions together with `&`, `|` and `!`",
    note = "of a relation ask `.any(…)` or `.exists()`; SQL of your own is a `fragment!(\"…\")`"
)]
pub trait IntoCondition<E> {
    /// The condition, if there is one.
    fn into_condition(self) -> Option<Condition<E>>;
}

impl<E> IntoCondition<E> for Condition<E> {
    fn into_condition(self) -> Option<Condition<E>> {
        Some(self)
    }
}

impl<E, C: IntoCondition<E>> IntoCondition<E> for Option<C> {
    fn into_condition(self) -> Option<Condition<E>> {
        self.and_then(C::into_condition)
    }
}

impl<E: Entity> IntoCondition<E> for Column<E, bool> {
    fn into_condition(self) -> Option<Condition<E>> {
        Some(Condition::new(Expr::Column(self.info())))
    }
}

impl<E: Entity> IntoCondition<E> for Expression<E, bool> {
    fn into_condition(self) -> Option<Condition<E>> {
        Some(Condition::new(self.into_expr()))
    }
}
