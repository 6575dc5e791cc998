//! Typed columns: `User::NAME.eq("Ada")`.

use super::{Condition, Entity, Order};
use crate::sql::{ColumnInfo, Expr, escape_like};
use crate::value::{Operand, Param, Value};
use std::fmt;
use std::marker::PhantomData;

/// A column of the entity `E` whose field has type `T`.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewUser), patch(UserPatch))]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String, age: Option<i32> }
/// # async fn run(db: &Db) -> Result<()> {
/// let named = User::NAME.starts_with("A") & User::NAME.ne("Ada");
/// let aged = User::AGE.between(18, 30) | User::AGE.is_null();
/// let users = User::find().filter(named.and(!aged)).order_by(User::AGE.desc()).all(db).await?;
/// # Ok(()) }
/// ```
pub struct Column<E, T> {
    info: &'static ColumnInfo,
    entity: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for Column<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Column<E, T> {}

impl<E, T> fmt::Debug for Column<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.info, f)
    }
}

impl<E, T> Column<E, T> {
    /// A column by its description; called by generated code.
    #[must_use]
    pub const fn new(info: &'static ColumnInfo) -> Self {
        Self {
            info,
            entity: PhantomData,
        }
    }

    /// The column's description.
    #[must_use]
    pub const fn info(self) -> &'static ColumnInfo {
        self.info
    }
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident, $(#[$column_doc:meta])* $column_name:ident, $op:literal;)*) => {
        impl<E: Entity, T: Value> Column<E, T> {
            $(
                $(#[$doc])*
                pub fn $name(self, value: impl Operand<T::Scalar>) -> Condition<E> {
                    Condition::new(Expr::Compare { column: self.info, op: $op, value: value.into_operand() })
                }

                $(#[$column_doc])*
                pub fn $column_name<U: Value<Scalar = T::Scalar>>(self, other: Column<E, U>) -> Condition<E> {
                    Condition::new(Expr::Columns { left: self.info, op: $op, right: other.info })
                }
            )*
        }
    };
}

comparisons! {
    /// Equal to the value.
    eq, /// Equal to another column of the row.
    eq_column, " = ";
    /// Different from the value. A NULL is neither equal to it nor different.
    ne, /// Different from another column of the row.
    ne_column, " <> ";
    /// Less than the value.
    lt, /// Less than another column of the row.
    lt_column, " < ";
    /// Less than the value, or equal.
    le, /// Less than another column of the row, or equal.
    le_column, " <= ";
    /// Greater than the value.
    gt, /// Greater than another column of the row.
    gt_column, " > ";
    /// Greater than the value, or equal.
    ge, /// Greater than another column of the row, or equal.
    ge_column, " >= ";
}

impl<E: Entity, T: Value> Column<E, T> {
    /// One of the values, however many: they are one parameter. Of none, nothing is.
    pub fn in_<V: Operand<T::Scalar>>(self, values: impl IntoIterator<Item = V>) -> Condition<E> {
        // PostgreSQL has no array whose elements are arrays.
        if T::Scalar::TYPE.is_array() {
            return Condition::any(values.into_iter().map(|value| self.eq(value)));
        }
        Condition::new(Expr::AnyOf {
            column: self.info,
            list: list(values),
        })
    }

    /// None of the values.
    pub fn not_in<V: Operand<T::Scalar>>(
        self,
        values: impl IntoIterator<Item = V>,
    ) -> Condition<E> {
        if T::Scalar::TYPE.is_array() {
            return Condition::all(values.into_iter().map(|value| self.ne(value)));
        }
        Condition::new(Expr::NoneOf {
            column: self.info,
            list: list(values),
        })
    }

    /// Between two values, both included.
    pub fn between(
        self,
        low: impl Operand<T::Scalar>,
        high: impl Operand<T::Scalar>,
    ) -> Condition<E> {
        Condition::new(Expr::Between {
            column: self.info,
            low: low.into_operand(),
            high: high.into_operand(),
        })
    }

    /// In ascending order.
    #[must_use]
    pub fn asc(self) -> Order<E> {
        Order::new(self.info, false)
    }

    /// In descending order.
    #[must_use]
    pub fn desc(self) -> Order<E> {
        Order::new(self.info, true)
    }
}

/// Only a column that may be NULL can be asked whether it is.
impl<E: Entity, T: Value> Column<E, Option<T>>
where
    Option<T>: Value,
{
    /// Without a value.
    pub fn is_null(self) -> Condition<E> {
        Condition::new(Expr::Null { column: self.info })
    }

    /// With a value.
    pub fn is_not_null(self) -> Condition<E> {
        Condition::new(Expr::NotNull { column: self.info })
    }
}

impl<E: Entity, T: Value<Scalar = String>> Column<E, T> {
    /// Matches a pattern in which `%` is any text and `_` any character; `\` escapes them.
    pub fn like(self, pattern: impl Operand<String>) -> Condition<E> {
        self.matches(" LIKE ", pattern.into_operand())
    }

    /// Does not match the pattern.
    pub fn not_like(self, pattern: impl Operand<String>) -> Condition<E> {
        self.matches(" NOT LIKE ", pattern.into_operand())
    }

    /// Matches a pattern, upper and lower case alike.
    pub fn ilike(self, pattern: impl Operand<String>) -> Condition<E> {
        self.matches(" ILIKE ", pattern.into_operand())
    }

    /// Does not match the pattern, upper and lower case alike.
    pub fn not_ilike(self, pattern: impl Operand<String>) -> Condition<E> {
        self.matches(" NOT ILIKE ", pattern.into_operand())
    }

    /// Begins with this text, taken literally.
    pub fn starts_with(self, text: &str) -> Condition<E> {
        self.matches(" LIKE ", Param::from_text(escape_like(text) + "%"))
    }

    /// Ends with this text, taken literally.
    pub fn ends_with(self, text: &str) -> Condition<E> {
        self.matches(
            " LIKE ",
            Param::from_text("%".to_owned() + &escape_like(text)),
        )
    }

    /// Contains this text, taken literally.
    pub fn contains(self, text: &str) -> Condition<E> {
        self.matches(
            " LIKE ",
            Param::from_text("%".to_owned() + &escape_like(text) + "%"),
        )
    }

    fn matches(self, op: &'static str, value: Param) -> Condition<E> {
        Condition::new(Expr::Compare {
            column: self.info,
            op,
            value,
        })
    }
}

fn list<T, V: Operand<T>>(values: impl IntoIterator<Item = V>) -> Param {
    Param::other(
        values
            .into_iter()
            .map(Operand::into_operand)
            .collect::<Vec<_>>(),
    )
}
