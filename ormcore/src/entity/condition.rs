//! Conditions that belong to one entity.

use super::kinds::among_kinds;
use super::{Column, Entity, Expression, Holds};
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

    /// The same on rows of an enum of kinds, of which this entity is one: it holds for no row of another kind. A filter takes a
    /// kind's condition as it is; this is to put conditions of several kinds together:
    ///
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # #[orm(table = "animals", kind(column = "kind", value = "dog"))]
    /// # struct Dog { #[orm(primary_key, generated)] id: i64, breed: String }
    /// # #[derive(Entity)]
    /// # #[orm(table = "animals", kind(column = "kind", value = "cat"))]
    /// # struct Cat { #[orm(primary_key, generated)] id: i64, lives: i32 }
    /// # #[derive(Entity)]
    /// # #[orm(columns(id: i64))]
    /// # enum Animal { Dog(Dog), Cat(Cat) }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let setters = Animal::find().filter(Dog::BREED.eq("setter")).all(db).await?;
    /// let some = Dog::BREED.eq("setter").among_kinds::<Animal>() | Cat::LIVES.gt(6).among_kinds();
    /// let animals = Animal::find().filter(some).all(db).await?;
    /// # Ok(()) }
    /// ```
    pub fn among_kinds<A: Entity + Holds<E>>(self) -> Condition<A> {
        Condition::new(among_kinds::<E, A>(self.expr))
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
/// where `None` lets every row pass. In a query of an enum of kinds it may be one of a kind: rows of other kinds do not
/// match.
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

#[diagnostic::do_not_recommend]
impl<E: Entity + Holds<K>, K: Entity> IntoCondition<E> for Condition<K> {
    fn into_condition(self) -> Option<Condition<E>> {
        Some(self.among_kinds())
    }
}

#[diagnostic::do_not_recommend]
impl<E, C: IntoCondition<E>> IntoCondition<E> for Option<C> {
    fn into_condition(self) -> Option<Condition<E>> {
        self.and_then(C::into_condition)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity + Holds<K>, K: Entity> IntoCondition<E> for Column<K, bool> {
    fn into_condition(self) -> Option<Condition<E>> {
        Some(Condition::<K>::new(Expr::Column(self.info())).among_kinds())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity + Holds<K>, K: Entity> IntoCondition<E> for Expression<K, bool> {
    fn into_condition(self) -> Option<Condition<E>> {
        Some(Condition::<K>::new(self.into_expr()).among_kinds())
    }
}
