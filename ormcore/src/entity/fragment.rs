//! Your own SQL inside a typed query.

use super::{
    Aggregate, Argument, Column, Condition, Entity, Expression, IntoCondition, IntoOrder, Order,
};
use crate::sql::{Expr, Piece};
use crate::value::{Bind, Value};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// SQL of your own, with columns, expressions and values in it: [`fragment`].
#[must_use = "a fragment does nothing until it is part of a query"]
pub struct Fragment<E> {
    pieces: Vec<Piece>,
    entity: PhantomData<fn() -> E>,
}

/// SQL of your own, anywhere in a typed query: a condition, what is ordered and grouped by (`ROLLUP (…)` too), or, by
/// [`as_`](Fragment::as_), an expression. Values are bound, never pasted into the text; columns are written so that they are found
/// wherever the fragment stands. The macro of the same name takes both in braces.
///
/// ```no_run
/// # use ormcore::{Db, Entity, Result, fragment};
/// # #[derive(Entity)]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let name = "Ada";
/// let sounds_alike = fragment!("soundex({User::NAME}) = soundex({name})");
/// let backwards = fragment("reverse(").term(User::NAME).sql(")").as_::<String>();
/// let names: Vec<(i64, String)> = User::find().filter(sounds_alike).select((User::ID, backwards)).all(db).await?;
/// # Ok(()) }
/// ```
pub fn fragment<E: Entity>(sql: impl Into<Cow<'static, str>>) -> Fragment<E> {
    Fragment {
        pieces: vec![Piece::Text(sql.into())],
        entity: PhantomData,
    }
}

impl<E: Entity> Fragment<E> {
    /// More SQL.
    pub fn sql(mut self, sql: impl Into<Cow<'static, str>>) -> Self {
        self.pieces.push(Piece::Text(sql.into()));
        self
    }

    /// A column or expression.
    pub fn term(self, term: impl Into<Argument<E>>) -> Self {
        self.expr(term.into().0)
    }

    /// A value, bound with its type.
    pub fn bind(self, value: impl Bind) -> Self {
        let ty = value.ty();
        self.expr(Expr::Typed(value.into_bound(), ty))
    }

    /// A column or expression, or a value, which is bound: what the macro's braces hold.
    pub fn part(self, part: impl Part<E>) -> Self {
        self.expr(part.into_part().0)
    }

    fn expr(mut self, expr: Expr) -> Self {
        self.pieces.push(Piece::Expr(expr));
        self
    }

    pub(crate) fn into_expr(self) -> Expr {
        Expr::Fragment(self.pieces)
    }

    /// It has a value of this type; a result of another type is an error when it is read.
    pub fn as_<T: Value>(self) -> Expression<E, T> {
        Expression::new(Expr::Fragment(self.pieces))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoCondition<E> for Fragment<E> {
    fn into_condition(self) -> Option<Condition<E>> {
        Some(self.into())
    }
}

/// What can stand in a fragment's braces: a column, expression or condition, or a value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a column or expression of `{E}` nor a value that can be bound",
    label = "expected a column of `{E}`, or a value that a column can hold"
)]
pub trait Part<E> {
    /// The part.
    #[doc(hidden)]
    fn into_part(self) -> Argument<E>;
}

impl<E: Entity, T: Bind> Part<E> for T {
    fn into_part(self) -> Argument<E> {
        let ty = self.ty();
        Argument::new(Expr::Typed(self.into_bound(), ty))
    }
}

macro_rules! parts {
    ($($kind:ident)*) => {$(
        impl<E: Entity, T: Value> Part<E> for $kind<E, T> {
            fn into_part(self) -> Argument<E> {
                self.into()
            }
        }
    )*};
}

parts!(Column Expression Aggregate);

impl<E: Entity> Part<E> for Condition<E> {
    fn into_part(self) -> Argument<E> {
        Argument::new(self.into_expr())
    }
}

impl<E: Entity> Part<E> for Fragment<E> {
    fn into_part(self) -> Argument<E> {
        self.into()
    }
}

/// To put it together with others: `Condition::from(fragment!("…")) | User::AGE.gt(18)`.
impl<E: Entity> From<Fragment<E>> for Condition<E> {
    fn from(fragment: Fragment<E>) -> Self {
        Self::new(fragment.into_expr())
    }
}

impl<E: Entity> From<Fragment<E>> for Argument<E> {
    fn from(fragment: Fragment<E>) -> Self {
        Self::new(fragment.into_expr())
    }
}

impl<E: Entity> IntoOrder<E> for Fragment<E> {
    fn into_order(self) -> Order<E> {
        Order::new(self.into_expr(), false)
    }
}

impl<E> fmt::Debug for Fragment<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.fmt(f)
    }
}
