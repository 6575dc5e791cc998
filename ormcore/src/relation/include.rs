//! A relation with wishes: filtered, ordered, limited, joined, with relations of its own.

use super::{BelongsTo, HasMany, HasOne, ManyToMany, Relation, ToMany, ToOne};
use crate::entity::{Condition, Entity, IntoCondition, IntoOrder};
use crate::query::With;
use crate::sql::{Cut, Order};
use crate::value::Param;
use std::fmt;

/// A relation and how it is to be loaded: `User::POSTS.filter(Post::PUBLISHED.eq(true)).order_by(Post::ID.desc())`.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Many, One, Result};
/// # #[derive(Entity)]
/// # struct User {
/// #     #[orm(primary_key, generated)] id: i64,
/// #     name: String,
/// #     #[orm(has_many(Post, key = author_id))] posts: Many<Post>,
/// # }
/// # #[derive(Entity)]
/// # struct Post {
/// #     #[orm(primary_key, generated)] id: i64,
/// #     author_id: i64,
/// #     title: String,
/// #     published: bool,
/// #     #[orm(belongs_to(key = author_id))] author: One<User>,
/// # }
/// # async fn run(db: &Db) -> Result<()> {
/// let newest = User::POSTS.filter(Post::PUBLISHED.eq(true)).order_by(Post::ID.desc());
/// let users = User::find().with(newest).all(db).await?;
/// let posts = Post::find().with(Post::AUTHOR.with(User::POSTS).joined()).all(db).await?;
///
/// let three_newest = User::POSTS.order_by(Post::ID.desc()).limit(3);
/// let users = User::find().with(three_newest).all(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "a relation is loaded only when it is given to `with`"]
pub struct Include<R: Relation> {
    pub(super) relation: R,
    pub(super) filter: Vec<Condition<R::Target>>,
    /// Whether nothing is filtered but by the relation itself.
    pub(super) unfiltered: bool,
    pub(super) order: Vec<Order>,
    pub(super) withs: Vec<Box<dyn With<R::Target>>>,
    pub(super) most: Option<i64>,
    pub(super) skip: Option<i64>,
    pub(super) how: How,
}

/// How a relation is loaded along with its owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    SelectIn,
    Joined,
    Lateral,
}

impl<R: Relation> Include<R> {
    pub(super) fn new(relation: R) -> Self {
        let condition = relation.info().condition();
        Self {
            relation,
            filter: condition.map(Condition::new).into_iter().collect(),
            unfiltered: true,
            order: Vec::new(),
            withs: Vec::new(),
            most: None,
            skip: None,
            how: How::SelectIn,
        }
    }

    /// Only rows for which the condition holds, besides those before it.
    pub fn filter(mut self, condition: impl IntoCondition<R::Target>) -> Self {
        let before = self.filter.len();
        self.filter.extend(condition.into_condition());
        self.unfiltered &= self.filter.len() == before;
        self
    }

    /// In this order, for each owner; a second call orders the rows that are equal so far.
    pub fn order_by(mut self, order: impl IntoOrder<R::Target>) -> Self {
        self.order.push(order.into_order().into_sql());
        self
    }

    /// With a relation of theirs, each of them once.
    pub fn with(mut self, relation: impl With<R::Target> + 'static) -> Self {
        self.withs.push(Box::new(relation));
        self
    }

    /// In the owners' own statement, by a join, instead of in one of its own. Of this and [`lateral`](Self::lateral) the last
    /// counts.
    pub fn joined(mut self) -> Self {
        self.how = How::Joined;
        self
    }

    /// In the owners' own statement, by a sub-select that is asked for each of them (`LEFT JOIN LATERAL`): with a limit and an
    /// index that has its order, PostgreSQL reads no more rows than come back.
    pub fn lateral(mut self) -> Self {
        self.how = How::Lateral;
        self
    }

    /// Whether all rows come that the relation leads to.
    pub(super) fn is_whole(&self) -> bool {
        self.unfiltered && self.cut().is_none()
    }

    /// The places that count, if not all do.
    pub(super) fn cut(&self) -> Option<Cut> {
        let (limit, offset) = (self.most, self.skip.filter(|offset| *offset > 0));
        let up_to = limit.map(|limit| limit.saturating_add(offset.unwrap_or(0)));
        (limit.is_some() || offset.is_some()).then(|| Cut {
            after: offset.map(Param::from_i64),
            up_to: up_to.map(Param::from_i64),
        })
    }
}

impl<R: ToMany> Include<R> {
    /// At most this many rows for each owner: the first in the order asked for.
    pub fn limit(mut self, rows: u32) -> Self {
        self.most = Some(rows.into());
        self
    }

    /// Without the first so many rows of each owner.
    pub fn offset(mut self, rows: u32) -> Self {
        self.skip = Some(rows.into());
        self
    }
}

impl<R: Relation> fmt::Debug for Include<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Include")
            .field(self.relation.info())
            .finish()
    }
}

/// The wishes a relation takes directly.
macro_rules! wishes {
    ($target:ty) => {
        /// Only rows for which the condition holds.
        pub fn filter(self, condition: impl IntoCondition<$target>) -> Include<Self> {
            Include::new(self).filter(condition)
        }

        /// In this order, for each owner.
        pub fn order_by(self, order: impl IntoOrder<$target>) -> Include<Self> {
            Include::new(self).order_by(order)
        }

        /// With a relation of theirs.
        pub fn with(self, relation: impl With<$target> + 'static) -> Include<Self> {
            Include::new(self).with(relation)
        }

        /// In the owners' own statement, by a join, instead of in one of its own.
        pub fn joined(self) -> Include<Self> {
            Include::new(self).joined()
        }

        /// In the owners' own statement, by a sub-select for each of them (`LEFT JOIN LATERAL`).
        pub fn lateral(self) -> Include<Self> {
            Include::new(self).lateral()
        }
    };
}

/// Those of a relation to many rows.
macro_rules! wishes_of_many {
    () => {
        wishes!(T);

        /// At most this many rows for each owner: `User::POSTS.order_by(Post::ID.desc()).limit(3)`.
        pub fn limit(self, rows: u32) -> Include<Self> {
            Include::new(self).limit(rows)
        }

        /// Without the first so many rows of each owner.
        pub fn offset(self, rows: u32) -> Include<Self> {
            Include::new(self).offset(rows)
        }
    };
}

impl<O: Entity, T: Entity> HasMany<O, T> {
    wishes_of_many!();
}

impl<O: Entity, T: Entity> ManyToMany<O, T> {
    wishes_of_many!();
}

impl<O: Entity, T: Entity> HasOne<O, T> {
    wishes!(T);
}

impl<O: Entity, T: ToOne> BelongsTo<O, T> {
    wishes!(T::Target);
}
