//! A relation compared like a column: it is none, and the compiler says so in a few words.

use super::{BelongsTo, HasMany, HasOne, ManyToMany, ToOne};
use crate::entity::{Condition, Entity};
use crate::sql::Expr;

/// What a relation can be compared with: nothing.
#[diagnostic::on_unimplemented(
    message = "a relation is no column, and is not compared",
    label = "a relation leads to rows, and has no value",
    note = "compare the column that holds the key, such as `Post::AUTHOR_ID.eq(1)`",
    note = "or ask about the rows: `Post::AUTHOR.is(User::NAME.eq(\"Ada\"))`, `User::POSTS.any(…)`"
)]
pub trait Compared {}

macro_rules! is_no_column {
    ($([$($parameters:tt)*] $relation:ty;)*) => {$(
        impl<O, $($parameters)*> $relation {
            #[doc(hidden)]
            pub fn eq(self, _: impl Compared) -> Condition<O> {
                Condition::new(Expr::Any(Vec::new()))
            }

            #[doc(hidden)]
            pub fn ne(self, _: impl Compared) -> Condition<O> {
                Condition::new(Expr::Any(Vec::new()))
            }

            #[doc(hidden)]
            pub fn in_(self, _: impl IntoIterator<Item: Compared>) -> Condition<O> {
                Condition::new(Expr::Any(Vec::new()))
            }
        }
    )*};
}

is_no_column! {
    [T: ToOne] BelongsTo<O, T>;
    [T: Entity] HasOne<O, T>;
    [T: Entity] HasMany<O, T>;
    [T: Entity] ManyToMany<O, T>;
}
