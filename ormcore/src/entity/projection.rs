//! What a query selects, and how it is read.

use super::{Aggregate, Column, Condition, Entity, Expression};
use crate::db::{Reader, Row};
use crate::error::Result;
use crate::sql::Expr;
use crate::value::Value;
use std::marker::PhantomData;

/// Something to select: a column, an expression, an aggregate, [`row`] for the whole entity, or a tuple of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected from rows of `{E}`",
    label = "expected columns or expressions of `{E}`, or a tuple of them",
    note = "of a relation select a value: `Post::AUTHOR.get(User::NAME)`, or `User::POSTS.count()`"
)]
pub trait Projection<E> {
    /// The Rust type it is read as.
    type Output: Send + 'static;

    /// Whether it can only be returned by an upsert.
    #[doc(hidden)]
    const OF_UPSERTS: bool = false;

    /// The expressions, and how they are read.
    #[doc(hidden)]
    fn terms(self, terms: &mut Selection);

    /// Reads it from the next columns of a row, and counts them.
    #[doc(hidden)]
    fn read(row: &Row<'_>, next: &mut usize) -> Result<Self::Output>;
}

/// Expressions that are selected, and how each is read.
#[derive(Debug, Default)]
pub struct Selection {
    pub(crate) terms: Vec<Expr>,
    pub(crate) readers: Vec<Reader>,
}

impl Selection {
    fn value<T: Value>(&mut self, expr: Expr) {
        self.terms.push(expr);
        self.readers.push(Reader::of::<T>());
    }
}

fn read<T: Value>(row: &Row<'_>, next: &mut usize) -> Result<T> {
    let column = *next;
    *next += 1;
    row.get(column)
}

macro_rules! terms {
    ($($kind:ident)*) => {$(
        impl<E: Entity, T: Value> Projection<E> for $kind<E, T> {
            type Output = T;

            fn terms(self, terms: &mut Selection) {
                terms.value::<T>(super::Argument::from(self).0);
            }

            fn read(row: &Row<'_>, next: &mut usize) -> Result<T> {
                read(row, next)
            }
        }
    )*};
}

terms!(Column Expression Aggregate);

/// Whether it holds; NULL where that cannot be known.
impl<E: Entity> Projection<E> for Condition<E> {
    type Output = Option<bool>;

    fn terms(self, terms: &mut Selection) {
        terms.value::<Option<bool>>(self.into_expr());
    }

    fn read(row: &Row<'_>, next: &mut usize) -> Result<Option<bool>> {
        read(row, next)
    }
}

/// The whole entity: [`row`].
#[derive(Debug)]
pub struct Whole<E>(PhantomData<fn() -> E>);

/// The whole entity, beside other things: `User::find().select((row(), User::POSTS.count()))`.
#[must_use]
pub fn row<E: Entity>() -> Whole<E> {
    Whole(PhantomData)
}

impl<E: Entity> Projection<E> for Whole<E> {
    type Output = E;

    fn terms(self, terms: &mut Selection) {
        for column in E::TABLE.columns {
            terms.terms.push(Expr::Column(column));
            terms.readers.push(Reader::Column(column));
        }
    }

    fn read(row: &Row<'_>, next: &mut usize) -> Result<E> {
        let offset = *next;
        *next += E::TABLE.columns.len();
        E::from_row(&row.from(offset))
    }
}

macro_rules! tuples {
    ($($part:ident $position:tt),*) => {
        impl<E: Entity, $($part: Projection<E>),*> Projection<E> for ($($part,)*) {
            type Output = ($($part::Output,)*);

            const OF_UPSERTS: bool = $($part::OF_UPSERTS)||*;

            fn terms(self, terms: &mut Selection) {
                $(self.$position.terms(terms);)*
            }

            fn read(row: &Row<'_>, next: &mut usize) -> Result<Self::Output> {
                Ok(($($part::read(row, next)?,)*))
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, F 4);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7, J 8);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7, J 8, K 9);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10);
tuples!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11);

/// A query that selects one value a row, for use inside another.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query that selects a `{T}` for each row",
    label = "expected `….select(column)` with a column of type `{T}`"
)]
pub trait Subquery<T> {
    /// The statement.
    #[doc(hidden)]
    fn into_select(self) -> SubSelect;
}

/// A statement inside another.
#[derive(Debug)]
pub struct SubSelect(pub(crate) Expr);
