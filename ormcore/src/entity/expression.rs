//! Typed expressions: what can be computed from a row.

use super::{Column, Entity};
use crate::sql::Expr;
use crate::value::{Operand, Value};
use std::fmt;
use std::marker::PhantomData;

/// Something with a value of type `T` for each row of the entity `E`: made from columns by operators and functions.
///
/// It has the methods a [`Column`] has, and stands wherever one does: in conditions, orders, selections and assignments.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let in_ten_years = User::AGE + 10;
/// let users = User::find()
///     .filter(in_ten_years.ge(40))
///     .filter(User::NAME.lower().eq("ada"))
///     .order_by(User::NAME.length().desc())
///     .all(db)
///     .await?;
/// # Ok(()) }
/// ```
///
/// What is computed again and again has a name as a function, which stands wherever a column does; `.select((row(), User::initial()))`
/// reads it along with the whole row. What the database shall compute and keep is a column: `#[orm(generated = "…")]`.
///
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)] struct User { #[orm(primary_key, generated)] id: i64, name: String }
/// use ormcore::Expression;
///
/// impl User {
///     fn initial() -> Expression<User, String> {
///         User::NAME.left(1).upper()
///     }
/// }
/// # async fn run(db: &Db) -> Result<()> {
/// let users = User::find().filter(User::initial().eq("A")).order_by(User::initial()).all(db).await?;
/// # Ok(()) }
/// ```
///
/// Its `Debug` shows its form, never its values.
#[must_use = "an expression does nothing until it is part of a query"]
pub struct Expression<E, T> {
    expr: Expr,
    of: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Expression<E, T> {
    pub(crate) fn new(expr: Expr) -> Self {
        Self {
            expr,
            of: PhantomData,
        }
    }

    pub(crate) fn into_expr(self) -> Expr {
        self.expr
    }
}

impl<E: Entity, T: Value> Expression<E, T> {
    /// A value, the same for each row.
    pub fn value(value: T) -> Self {
        Self::new(Expr::Typed(value.into_param(), T::TYPE))
    }

    /// A function of PostgreSQL or of your own by its name, which is part of the SQL: `Expression::call("now", [])`.
    ///
    /// The type is what you say it is; a result of another type is an error when it is read. A function of PostgreSQL that
    /// changes the session, such as `set_config`, costs the connection: nobody else gets it. Do not call functions of your own
    /// that do so inside, or take a session's locks.
    pub fn call(function: &'static str, arguments: impl IntoIterator<Item = Argument<E>>) -> Self {
        let arguments = arguments.into_iter().map(|argument| argument.0).collect();
        Self::new(Expr::Call(function, arguments))
    }

    /// The same where NULL is possible, and the types of the parts do not tell.
    pub fn nullable(self) -> Expression<E, Option<T::Scalar>>
    where
        Option<T::Scalar>: Value,
    {
        Expression::new(self.expr)
    }
}

impl<E, T> fmt::Debug for Expression<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

/// What can be compared, combined or computed with a `T`: a value, a column, or an expression of the same entity.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a value of type `{T}` nor a column or expression of `{E}` with such values",
    label = "expected a `{T}`, or a column of `{E}` with that type",
    note = "an `Option` column is compared with its inner type; for NULL use `.is_null()` or `.is_not_null()`"
)]
pub trait Term<E, T> {
    /// The term it stands for.
    #[doc(hidden)]
    fn into_term(self) -> Argument<E>;
}

/// A term of a row, whatever its type: an argument of [`Expression::call`].
#[derive(Debug)]
pub struct Argument<E>(pub(crate) Expr, PhantomData<fn() -> E>);

impl<E> Argument<E> {
    pub(crate) fn new(expr: Expr) -> Self {
        Self(expr, PhantomData)
    }
}

/// A literal takes the type of what it is combined with.
impl<E: Entity, T: Value<Scalar = T>> Term<E, T> for T {
    fn into_term(self) -> Argument<E> {
        Argument::new(Expr::Typed(self.into_param(), T::TYPE))
    }
}

macro_rules! borrowed {
    ($($borrowed:ty => $owned:ty;)*) => {$(
        impl<E: Entity> Term<E, $owned> for $borrowed {
            fn into_term(self) -> Argument<E> {
                let value = Operand::<$owned>::into_operand(self);
                Argument::new(Expr::Typed(value, <$owned as Value>::TYPE))
            }
        }
    )*};
}

borrowed! {
    &str => String;
    &String => String;
    &[u8] => Vec<u8>;
}

impl<E: Entity, T: Value> Term<E, T::Scalar> for Column<E, T> {
    fn into_term(self) -> Argument<E> {
        Argument::new(Expr::Column(self.info()))
    }
}

impl<E: Entity, T: Value> Term<E, T::Scalar> for Expression<E, T> {
    fn into_term(self) -> Argument<E> {
        Argument::new(self.expr)
    }
}

impl<E: Entity, T: Value> From<Column<E, T>> for Argument<E> {
    fn from(column: Column<E, T>) -> Self {
        Self::new(Expr::Column(column.info()))
    }
}

impl<E: Entity, T: Value> From<Expression<E, T>> for Argument<E> {
    fn from(expression: Expression<E, T>) -> Self {
        Self::new(expression.expr)
    }
}

impl<E: Entity, T: Value> From<Column<E, T>> for Expression<E, T> {
    fn from(column: Column<E, T>) -> Self {
        Self::new(Expr::Column(column.info()))
    }
}
