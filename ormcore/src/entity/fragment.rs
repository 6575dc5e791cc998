//! Your own SQL inside a typed query.

use super::{Argument, Condition, Entity, Expression, IntoCondition};
use crate::sql::{Expr, Piece};
use crate::value::Value;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// SQL of your own, with columns, expressions and values in it: [`fragment`].
#[must_use = "a fragment does nothing until it is part of a query"]
pub struct Fragment<E> {
    pieces: Vec<Piece>,
    entity: PhantomData<fn() -> E>,
}

/// SQL of your own, anywhere in a typed query: a condition, or, by [`as_`](Fragment::as_), an expression. Values are bound,
/// never pasted into the text; columns are written so that they are found wherever the fragment stands.
///
/// ```no_run
/// # use ormcore::{Db, Entity, Result, fragment};
/// # #[derive(Entity)]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let sounds_alike = fragment("soundex(").term(User::NAME).sql(") = soundex(").bind("Ada".to_owned()).sql(")");
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
    pub fn term(mut self, term: impl Into<Argument<E>>) -> Self {
        self.pieces.push(Piece::Expr(term.into().0));
        self
    }

    /// A value, bound with its type.
    pub fn bind<T: Value>(mut self, value: T) -> Self {
        self.pieces
            .push(Piece::Expr(Expr::Typed(value.into_param(), T::TYPE)));
        self
    }

    /// It has a value of this type; a result of another type is an error when it is read.
    pub fn as_<T: Value>(self) -> Expression<E, T> {
        Expression::new(Expr::Fragment(self.pieces))
    }
}

impl<E: Entity> IntoCondition<E> for Fragment<E> {
    fn into_condition(self) -> Option<Condition<E>> {
        Some(Condition::new(Expr::Fragment(self.pieces)))
    }
}

impl<E> fmt::Debug for Fragment<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.fmt(f)
    }
}
