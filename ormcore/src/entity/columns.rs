//! Several columns at once: `(User::NAME, User::AGE)`.

use super::{Check, Column, Entity, rules_of};
use crate::sql::ColumnInfo;
use crate::value::{ColumnValues, Value};

/// Columns of the entity `E`: one, or a tuple of up to eight.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no column of `{E}`, nor a tuple of them",
    label = "expected columns of `{E}`: one, or a tuple of up to eight"
)]
pub trait Columns<E> {
    /// A value for each of them: the field's type, or a tuple of them.
    type Values: Send + 'static;

    /// The columns.
    #[doc(hidden)]
    fn infos(&self) -> Vec<&'static ColumnInfo>;

    /// The values of many rows, column by column.
    #[doc(hidden)]
    fn arrays(rows: Vec<Self::Values>) -> Vec<ColumnValues>;

    /// Looks at the values of one row.
    #[doc(hidden)]
    fn check(&self, values: &Self::Values, check: &mut Check);
}

impl<E: Entity, T: Value> Columns<E> for Column<E, T> {
    type Values = T;

    fn infos(&self) -> Vec<&'static ColumnInfo> {
        vec![self.info()]
    }

    fn arrays(rows: Vec<T>) -> Vec<ColumnValues> {
        vec![T::into_column(rows)]
    }

    fn check(&self, values: &T, check: &mut Check) {
        look(*self, values, check);
    }
}

fn look<E: Entity, T: Value>(column: Column<E, T>, value: &T, check: &mut Check) {
    for rules in rules_of::<E>(column.info()) {
        check.look_at(column.info(), rules, value);
    }
}

macro_rules! columns {
    ($($value:ident $position:tt),*) => {
        impl<E: Entity, $($value: Value),*> Columns<E> for ($(Column<E, $value>,)*) {
            type Values = ($($value,)*);

            fn infos(&self) -> Vec<&'static ColumnInfo> {
                vec![$(self.$position.info()),*]
            }

            fn arrays(rows: Vec<Self::Values>) -> Vec<ColumnValues> {
                let mut columns = ($(Vec::<$value>::with_capacity(rows.len()),)*);
                for row in rows {
                    $(columns.$position.push(row.$position);)*
                }
                vec![$($value::into_column(columns.$position)),*]
            }

            fn check(&self, values: &Self::Values, check: &mut Check) {
                $(look(self.$position, &values.$position, check);)*
            }
        }
    };
}

columns!(A 0);
columns!(A 0, B 1);
columns!(A 0, B 1, C 2);
columns!(A 0, B 1, C 2, D 3);
columns!(A 0, B 1, C 2, D 3, F 4);
columns!(A 0, B 1, C 2, D 3, F 4, G 5);
columns!(A 0, B 1, C 2, D 3, F 4, G 5, H 6);
columns!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7);
