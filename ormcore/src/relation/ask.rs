//! Questions about related rows, without loading them: is there one, how many, the newest. Nothing is loaded, so what is to
//! come along with them and how does not matter.

use super::{BelongsTo, HasMany, HasOne, Include, ManyToMany, Relation, ToOne};
use crate::entity::{Aggregate, Condition, Entity, Expression, IntoCondition};
use crate::query::{Onward, Step};
use crate::sql::{Asks, Expr, Related, RelatedCut};
use crate::value::{Param, Value};

impl<R: Relation> Include<R> {
    fn ask(self, asks: Asks) -> Expr {
        let info = self.relation.info();
        let cut = (self.most.is_some() || self.skip.is_some()).then(|| RelatedCut {
            order: self.order,
            limit: self.most.map(Param::from_i64),
            offset: self.skip.map(Param::from_i64),
        });
        let filter = self.filter.into_iter().map(Condition::into_expr);
        Expr::Related(Box::new(Related {
            asks,
            hops: info.hops(),
            filter: filter.collect(),
            cut,
        }))
    }

    /// There is at least one such row.
    pub fn exists(self) -> Condition<R::Owner> {
        Condition::new(self.ask(Asks::Exists))
    }

    /// There is no such row.
    pub fn missing(self) -> Condition<R::Owner> {
        Condition::new(Expr::Not(Box::new(self.ask(Asks::Exists))))
    }

    /// How many such rows there are: `User::POSTS.filter(Post::PUBLISHED).count()`. After `limit` and `offset`, of those that are
    /// left.
    pub fn count(self) -> Expression<R::Owner, i64> {
        let count = crate::entity::count::<R::Target>().into_expr();
        Expression::new(self.ask(Asks::Value(count)))
    }

    /// An aggregate of such rows: `User::POSTS.aggregate(Post::ID.max())`.
    pub fn aggregate<T: Value>(
        self,
        aggregate: Aggregate<R::Target, T>,
    ) -> Expression<R::Owner, T> {
        Expression::new(self.ask(Asks::Value(aggregate.into_expr())))
    }
}

macro_rules! of_many {
    ($relation:ident) => {
        impl<O: Entity, T: Entity> $relation<O, T> {
            /// For at least one of them the condition holds: `User::POSTS.any(Post::PUBLISHED)`.
            pub fn any(self, condition: impl IntoCondition<T>) -> Condition<O> {
                Include::new(self).filter(condition).exists()
            }

            /// For none of them the condition holds.
            pub fn none(self, condition: impl IntoCondition<T>) -> Condition<O> {
                Include::new(self).filter(condition).missing()
            }

            /// For each of them the condition holds, as it does when there is none. Where it can be neither true nor false, because
            /// a column is NULL, it counts as false.
            pub fn every(self, condition: impl IntoCondition<T>) -> Condition<O> {
                let otherwise = condition.into_condition().map(|condition| {
                    Condition::<T>::new(Expr::Words(
                        &["(", ") IS NOT TRUE"],
                        vec![condition.into_expr()],
                    ))
                });
                match otherwise {
                    Some(otherwise) => Include::new(self).filter(otherwise).missing(),
                    None => Condition::all([]),
                }
            }

            /// There is at least one.
            pub fn exists(self) -> Condition<O> {
                Include::new(self).exists()
            }

            /// There is none.
            pub fn missing(self) -> Condition<O> {
                Include::new(self).missing()
            }

            /// How many there are, without loading them.
            pub fn count(self) -> Expression<O, i64> {
                Include::new(self).count()
            }

            /// An aggregate of them: `User::POSTS.aggregate(Post::ID.max())`.
            pub fn aggregate<V: Value>(self, aggregate: Aggregate<T, V>) -> Expression<O, V> {
                Include::new(self).aggregate(aggregate)
            }
        }
    };
}

of_many!(HasMany);
of_many!(ManyToMany);

macro_rules! of_one {
    ([$($parameters:tt)*] $relation:ty, $target:ty) => {
        impl<O: Entity, $($parameters)*> $relation {
            /// It is there, and the condition holds for it: `Post::AUTHOR.is(User::NAME.eq("Ada"))`.
            pub fn is(self, condition: impl IntoCondition<$target>) -> Condition<O> {
                Include::new(self).filter(condition).exists()
            }

            /// It is there.
            pub fn exists(self) -> Condition<O> {
                Include::new(self).exists()
            }

            /// It is not there.
            pub fn missing(self) -> Condition<O> {
                Include::new(self).missing()
            }

            /// A value of its row: `Post::AUTHOR.get(User::NAME)`; NULL where there is no row.
            pub fn get<V: Value>(
                self,
                value: impl Into<Expression<$target, V>>,
            ) -> Expression<O, Option<V::Scalar>>
            where
                Option<V::Scalar>: Value,
            {
                let value = value.into().into_expr();
                Expression::new(Include::new(self).ask(Asks::Value(value)))
            }
        }
    };
}

of_one!([T: ToOne] BelongsTo<O, T>, T::Target);
of_one!([T: Entity] HasOne<O, T>, T);

macro_rules! onward {
    ([$($parameters:tt)*] $relation:ty) => {
        impl<E: Entity, $($parameters)*> Onward<E> for $relation {
            fn step(self) -> Step {
                let info = self.info();
                Step {
                    here: info.owner_columns,
                    there: info.matching(),
                    through: info.through(),
                    when: info.condition(),
                }
            }
        }
    };
}

onward!([] HasMany<E, E>);
onward!([] ManyToMany<E, E>);
onward!([] HasOne<E, E>);
onward!([T: ToOne<Target = E>] BelongsTo<E, T>);
