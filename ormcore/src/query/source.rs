//! What a question is asked of: joined tables, the rows another question finds, a tree.

use super::find::Find;
use crate::entity::{Alias, Condition, Entity, IntoCondition};
use crate::sql::{
    ColumnInfo, Expr, Given, GivenRows, Hop, NamedJoin, Operation, Output, Select, Source, Terms,
    Through,
};
use std::ptr;

macro_rules! joins {
    ($($(#[$doc:meta])* $name:ident $words:literal;)*) => {
        impl<E: Entity> Find<E> {
            $(
                $(#[$doc])*
                pub fn $name<A: Entity>(mut self, alias: Alias<A>, on: impl IntoCondition<E>) -> Self {
                    let on = on.into_condition().map_or_else(|| Expr::All(Vec::new()), Condition::into_expr);
                    self.base.more().named.push(NamedJoin {
                        words: $words,
                        table: A::TABLE,
                        rows: alias.rows(),
                        name: alias.name(),
                        on,
                    });
                    self
                }
            )*
        }
    };
}

joins! {
    /// With each row of another table for which the condition holds; a row with several appears several times, one without
    /// does not. Relations seldom need it: `User::POSTS.any(…)` asks about their rows, `.with(User::POSTS)` loads them.
    join " JOIN ";
    /// The same, but a row without any appears too: the other table's columns are NULL then.
    left_join " LEFT JOIN ";
    /// The same the other way round: rows of the other table appear even where there is none of ours. Then only columns that
    /// are read as `Option` can be selected, by [`Expression::nullable`](crate::Expression::nullable).
    right_join " RIGHT JOIN ";
    /// Rows of both tables appear, with or without one of the other.
    full_join " FULL JOIN ";
}

impl<E: Entity> Find<E> {
    /// Asks of the rows that another question finds, instead of the whole table: `Post::find().of(newest_ten)`. The other
    /// question's relations do not matter.
    pub fn of(mut self, rows: Self) -> Self {
        self.base.more().source = Some(Source::Query(rows.into_rows()));
        self
    }

    /// The rows that another question finds go by a name here, under which they can be joined and asked as often as you like;
    /// PostgreSQL finds them once. The alias is one of [`Alias::of_rows`]. The other question's relations do not
    /// matter. For groups, and all else that is no row of a table, there is [`given_as`](Self::given_as).
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct User { #[orm(primary_key, generated)] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Post { #[orm(primary_key, generated)] id: i64, author_id: i64, title: String }
    /// # async fn run(db: &Db) -> Result<()> {
    /// use ormcore::{Alias, count};
    ///
    /// let newest = Alias::<Post>::of_rows("newest");
    /// let authors = Post::find().of_rows(newest).select(Post::AUTHOR_ID);
    /// let titles: Vec<(String, String)> = User::find()
    ///     .given(newest, Post::find().order_by(Post::ID.desc()).limit(10))
    ///     .join(newest, newest.col(Post::AUTHOR_ID).eq(User::ID))
    ///     .filter(User::ID.in_query(authors.group_by(Post::AUTHOR_ID).having(count().gt(1))))
    ///     .select((User::NAME, newest.col(Post::TITLE)))
    ///     .all(db)
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn given<A: Entity>(mut self, alias: Alias<A>, rows: Find<A>) -> Self {
        self.base.more().given.push(Given {
            name: alias.rows().unwrap_or_else(|| alias.name()),
            columns: Vec::new(),
            rows: GivenRows::Query(rows.into_rows()),
        });
        self
    }

    /// Asks of the rows that [`given`](Self::given) or [`given_as`](Self::given_as) gave a name, in this question or in one
    /// around it.
    pub fn of_rows(mut self, rows: Alias<E>) -> Self {
        let name = rows.rows().unwrap_or_else(|| rows.name());
        self.base.more().source = Some(Source::Given(name));
        self
    }

    /// Asks of these rows and all that a relation leads to from them, however far: `Part::find().tree(roots, Part::PARTS)`.
    /// Each row appears once, so that circles end. Rows are followed by their keys, and read at the end; relations that come
    /// with them are said here, those of `roots` do not matter.
    pub fn tree(mut self, roots: Self, relation: impl Onward<E>) -> Self {
        let Step {
            here,
            there,
            through,
            when,
        } = relation.step();
        let mut columns: Vec<_> = E::TABLE.identity().collect();
        for column in here {
            if !columns.iter().any(|known| ptr::eq(*known, *column)) {
                columns.push(column);
            }
        }
        let mut roots = roots.into_rows();
        roots.output = Output::Terms(Box::new(Terms {
            terms: columns.iter().map(|column| Expr::Column(column)).collect(),
            ..Terms::default()
        }));
        self.base.more().source = Some(Source::Tree {
            roots,
            columns,
            hop: Hop {
                table: E::TABLE,
                here,
                there,
            },
            through,
            when,
        });
        self
    }

    fn into_rows(self) -> Box<Select> {
        let mut base = self.base;
        base.by_key = false;
        Box::new(Select::new(Operation::Find, Output::Columns, base))
    }
}

/// A relation from an entity to itself: `Part::PARTS`, `Worker::BOSS`, or, through a table between, `Page::LINKS`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not lead from `{E}` to `{E}`",
    label = "a tree needs a relation of an entity to itself"
)]
pub trait Onward<E> {
    /// The columns that are equal here and there.
    #[doc(hidden)]
    fn step(self) -> Step;
}

/// Columns here, those there, or in a table that leads there, that match them, and what holds for the rows there.
#[derive(Debug)]
pub struct Step {
    pub(crate) here: &'static [&'static ColumnInfo],
    pub(crate) there: &'static [&'static ColumnInfo],
    pub(crate) through: Option<&'static Through>,
    pub(crate) when: Option<Expr>,
}
