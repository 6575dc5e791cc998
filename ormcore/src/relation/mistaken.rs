//! What newcomers ask of relations and fields first, and the compiler answers in a few words.

use super::{BelongsTo, HasMany, HasOne, Links, Many, ManyToMany, ToOne};
use crate::entity::{Condition, Entity};
use crate::sql::Expr;

/// What many rows are asked, and one is not: nothing is it.
#[diagnostic::on_unimplemented(
    message = "a relation that leads to one row at most has no `any`, `none` or `every`",
    label = "asked of many rows",
    note = "ask about the row: `Post::AUTHOR.is(User::NAME.eq(\"Ada\"))`, `.exists()` or `.missing()`"
)]
pub trait AskedOfMany {}

/// What one row is asked, and many are not: nothing is it.
#[diagnostic::on_unimplemented(
    message = "a relation to many rows has no `is` and no `get`",
    label = "asked of one row",
    note = "ask about the rows: `User::POSTS.any(Post::PUBLISHED)`, `.none(…)`, `.every(…)`, `.count()` or `.aggregate(…)`"
)]
pub trait AskedOfOne {}

/// How many rows of one at most: nothing is it.
#[diagnostic::on_unimplemented(
    message = "a relation that leads to one row at most has no `limit` and no `offset`",
    label = "a limit is for relations to many rows"
)]
pub trait SomeOfOne {}

/// What is linked by a table between two others: other relations are not.
#[diagnostic::on_unimplemented(
    message = "only a relation through a table between two others has links to change",
    label = "`{Self}` leads to rows by a key of theirs",
    note = "set the key where it is: `Post::update(1).set(Post::AUTHOR_ID, user.id)`, or insert a row that has it"
)]
pub trait Linked {
    /// What is linked.
    fn links<O, T>(self) -> Links<O, T>;
}

/// A field whose rows are there in any case: none is.
#[diagnostic::on_unimplemented(
    message = "a relation has no rows before it is read, because it may not be loaded",
    label = "read it first",
    note = "`.get()?` reads what was loaded by `.with(…)`, and `.load(&db).await?` asks for it"
)]
pub trait AlwaysLoaded {}

macro_rules! of_one {
    ($([$($parameters:tt)*] $relation:ty;)*) => {$(
        #[doc(hidden)]
        impl<O, $($parameters)*> $relation {
            pub fn any(self, _: impl AskedOfMany) -> Condition<O> {
                nothing()
            }

            pub fn none(self, _: impl AskedOfMany) -> Condition<O> {
                nothing()
            }

            pub fn every(self, _: impl AskedOfMany) -> Condition<O> {
                nothing()
            }

            pub fn limit(self, _: impl SomeOfOne) -> Self {
                self
            }

            pub fn offset(self, _: impl SomeOfOne) -> Self {
                self
            }
        }
    )*};
}

of_one! {
    [T: ToOne] BelongsTo<O, T>;
    [T: Entity] HasOne<O, T>;
}

macro_rules! of_many {
    ($($relation:ident)*) => {$(
        #[doc(hidden)]
        impl<O, T> $relation<O, T> {
            pub fn is(self, _: impl AskedOfOne) -> Condition<O> {
                nothing()
            }

            pub fn get(self, _: impl AskedOfOne) -> Condition<O> {
                nothing()
            }
        }
    )*};
}

of_many!(HasMany ManyToMany);

fn nothing<O>() -> Condition<O> {
    Condition::new(Expr::Any(Vec::new()))
}

#[doc(hidden)]
impl<O, T> HasMany<O, T> {
    pub fn of(self, _: &O) -> Links<O, T>
    where
        Self: Linked,
    {
        self.links()
    }
}

#[doc(hidden)]
impl<T> Many<T> {
    pub fn iter(&self) -> std::slice::Iter<'_, T>
    where
        Self: AlwaysLoaded,
    {
        [].iter()
    }

    pub fn len(&self) -> usize
    where
        Self: AlwaysLoaded,
    {
        0
    }

    pub fn is_empty(&self) -> bool
    where
        Self: AlwaysLoaded,
    {
        true
    }
}
