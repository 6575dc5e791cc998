//! One value or another, as conditions say.

use super::{Condition, Entity, Expression, IntoCondition, Term};
use crate::sql::Expr;
use crate::value::Value;
use std::fmt;
use std::marker::PhantomData;

/// Values with the conditions under which they count: [`case`].
#[must_use = "a case does nothing until `otherwise` or `or_null` ends it"]
pub struct Case<E, T> {
    when: Vec<(Expr, Expr)>,
    of: PhantomData<fn() -> (E, T)>,
}

/// One value or another: the one of the first condition that holds.
///
/// ```no_run
/// # use ormcore::{Db, Entity, Result, case};
/// # #[derive(Entity)]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: i32 }
/// # async fn run(db: &Db) -> Result<()> {
/// let ages = case::<_, String>()
///     .when(User::AGE.lt(18), "young")
///     .when(User::AGE.lt(65), "grown up")
///     .otherwise("old");
/// let users: Vec<(String, String)> = User::find().select((User::NAME, ages)).all(db).await?;
/// # Ok(()) }
/// ```
pub fn case<E: Entity, T: Value<Scalar = T>>() -> Case<E, T> {
    Case {
        when: Vec::new(),
        of: PhantomData,
    }
}

impl<E: Entity, T: Value<Scalar = T>> Case<E, T> {
    /// The value, where the condition holds and none before it does.
    pub fn when(mut self, condition: impl IntoCondition<E>, value: impl Term<E, T>) -> Self {
        let condition = condition.into_condition().map(Condition::into_expr);
        let condition = condition.unwrap_or_else(|| Expr::All(Vec::new()));
        self.when.push((condition, value.into_term().0));
        self
    }

    /// The value where no condition holds.
    pub fn otherwise(self, value: impl Term<E, T>) -> Expression<E, T> {
        let value = value.into_term().0;
        if self.when.is_empty() {
            return Expression::new(value);
        }
        Expression::new(Expr::Case {
            when: self.when,
            otherwise: Some(Box::new(value)),
        })
    }

    /// NULL where no condition holds.
    pub fn or_null(self) -> Expression<E, Option<T>>
    where
        Option<T>: Value,
    {
        if self.when.is_empty() {
            let null = Expr::Typed(crate::value::Param::null(), T::TYPE);
            return Expression::new(null);
        }
        Expression::new(Expr::Case {
            when: self.when,
            otherwise: None,
        })
    }
}

impl<E, T> fmt::Debug for Case<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.when.iter().map(|(when, _)| when))
            .finish()
    }
}
