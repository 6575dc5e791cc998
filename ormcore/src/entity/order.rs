//! What to order by.

use super::{Aggregate, Argument, Column, Entity, Expression};
use crate::sql::{self, Expr, Nulls};
use crate::value::Value;
use std::marker::PhantomData;

/// A column or expression to order rows of the entity `E` by.
#[derive(Debug)]
#[must_use = "an order does nothing until it is given to `order_by`"]
pub struct Order<E> {
    order: sql::Order,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Order<E> {
    pub(super) fn new(by: Expr, descending: bool) -> Self {
        Self {
            order: sql::Order {
                by,
                descending,
                nulls: None,
            },
            entity: PhantomData,
        }
    }

    /// Rows without a value come first.
    pub fn nulls_first(mut self) -> Self {
        self.order.nulls = Some(Nulls::First);
        self
    }

    /// Rows without a value come last.
    pub fn nulls_last(mut self) -> Self {
        self.order.nulls = Some(Nulls::Last);
        self
    }
}

/// Something to order by: a column or expression (ascending), or what [`Column::asc`] and [`Column::desc`] make of it.
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

macro_rules! orders {
    ($($kind:ident)*) => {$(
        impl<E: Entity, T: Value> IntoOrder<E> for $kind<E, T> {
            fn into_order(self) -> Order<E> {
                Order::new(Argument::from(self).0, false)
            }
        }
    )*};
}

orders!(Column Expression Aggregate);

impl<E> Order<E> {
    pub(crate) fn into_sql(self) -> sql::Order {
        self.order
    }
}
