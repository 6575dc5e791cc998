//! Changing which rows a row is linked to.

use super::{ManyToMany, Relation};
use crate::db::{self, Executor, Reads, Request, Row, Source};
use crate::entity::{Assignment, Changes, Column, Entity, Key};
use crate::error::{Error, Result};
use crate::sql::{Change, ColumnInfo, LinkChange, Said, ScopeColumn, ScopeValue, Table, Unscoped};
use crate::telemetry::Page;
use crate::value::{KeyValue, Keys, Param, Value};
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

/// What one row is linked to by a table between two others: [`ManyToMany::of`].
///
/// Each change is one statement, and so is each question. A change is of what is stored: a field that was loaded before stays
/// as it was.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Many, Result};
/// # #[derive(Entity)]
/// # struct Post {
/// #     #[orm(primary_key, generated)] id: i64,
/// #     title: String,
/// #     #[orm(many_to_many(Tag, through = "post_tags"))] tags: Many<Tag>,
/// # }
/// # #[derive(Entity)]
/// # struct Tag { #[orm(primary_key, generated)] id: i64, name: String }
/// # async fn run(db: &Db, rust: Tag, orm: Tag) -> Result<()> {
/// let post = Post::get(1).one(db).await?;
/// Post::TAGS.of(&post).add(db, [rust.id, orm.id]).await?;
/// Post::TAGS.of(&post).remove(db, [orm.id]).await?;
/// Post::TAGS.of(&post).set(db, [rust.id]).await?;
/// let is_about_rust = Post::TAGS.of(&post).has(db, rust.id).await?;
/// let tags: Vec<i64> = Post::TAGS.of(&post).keys(db).await?;
/// let first_ten = Post::TAGS.of(&post).find().order_by(Tag::NAME).limit(10).all(db).await?;
/// Post::TAGS.of(&post).clear(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing changes until `add`, `remove`, `set` or `clear` is awaited"]
pub struct Links<O, T> {
    pub(super) relation: ManyToMany<O, T>,
    pub(super) owner: Keys,
    /// What the table between has as the scope of the row's links.
    pub(super) scope: Option<ScopeValue>,
    target: PhantomData<fn() -> T>,
}

/// Links to come, whose rows say more than who belongs to whom: [`Links::with_value`].
#[must_use = "nothing changes until `add` or `set` is awaited"]
pub struct NewLinks<O, T> {
    links: Links<O, T>,
    more: Changes,
    /// A column whose value is not to be said here.
    refused: Option<&'static ColumnInfo>,
}

impl<O: Entity, T: Entity> ManyToMany<O, T> {
    /// What this row is linked to, to change it.
    pub fn of(self, owner: &O) -> Links<O, T> {
        let scope = O::TABLE.scope.zip(owner.scope_key());
        Links {
            scope: scope.map(|(column, scope)| ScopeValue::of(scope, column)),
            ..self.of_key(&owner.key())
        }
    }

    /// The same for the row with this key, which need not be read for it.
    pub fn of_key(self, owner: &O::Key) -> Links<O, T> {
        Links {
            relation: self,
            owner: owner.keys(),
            scope: None,
            target: PhantomData,
        }
    }
}

impl<O: Entity, T: Entity> Links<O, T> {
    /// What the rows of new links say besides: `.with_value(PostTag::WEIGHT, 3).add(&db, [1])`. The table between is that of
    /// an entity, one of whose columns it is; those of which nothing is said get their defaults.
    ///
    /// Where each link says something of its own, insert the rows as what they are: `PostTag::insert_many(…)`.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Many, Result};
    /// #[derive(Entity)]
    /// struct Post {
    ///     #[orm(primary_key, generated)] id: i64,
    ///     #[orm(many_to_many(Tag, through = PostTag))] tags: Many<Tag>,
    /// }
    ///
    /// #[derive(Entity)]
    /// struct Tag { #[orm(primary_key, generated)] id: i64, name: String }
    ///
    /// #[derive(Entity)]
    /// struct PostTag {
    ///     #[orm(primary_key, references(Post))] post_id: i64,
    ///     #[orm(primary_key, references(Tag))] tag_id: i64,
    ///     weight: i32,
    /// }
    ///
    /// # async fn run(db: &Db, post: Post) -> Result<()> {
    /// Post::TAGS.of(&post).with_value(PostTag::WEIGHT, 3).add(db, [1, 2]).await?;
    /// # Ok(()) }
    /// ```
    pub fn with_value<L: Entity, V: Value>(
        self,
        column: Column<L, V>,
        value: impl Assignment<L, V>,
    ) -> NewLinks<O, T> {
        self.saying(Changes::default()).with_value(column, value)
    }

    fn saying(self, more: Changes) -> NewLinks<O, T> {
        NewLinks {
            links: self,
            more,
            refused: None,
        }
    }

    /// Links the row to those with these keys, and returns how many it was not linked to before.
    ///
    /// Where the table between is of an entity whose rows are marked as deleted, a link that was is brought back, as it was.
    ///
    /// # Errors
    /// When the statement fails, such as for a key that no row has; [`ErrorKind::Usage`] when a key names another scope.
    ///
    /// [`ErrorKind::Usage`]: crate::ErrorKind::Usage
    #[track_caller]
    pub fn add<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Add, keys, Location::caller())
    }

    /// Ends the links to those with these keys, and returns how many there were. The rows themselves stay, and where the table
    /// between is of an entity whose rows are marked as deleted, so do its own.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn remove<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Remove, keys, Location::caller())
    }

    /// Links the row to those with these keys and to no others, and returns how many it was not linked to before.
    ///
    /// # Errors
    /// When the statement fails, such as for a key that no row has; then everything stays as it was.
    #[track_caller]
    pub fn set<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Set, keys, Location::caller())
    }

    /// Ends all the row's links, and returns how many there were.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn clear<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Clear, [], Location::caller())
    }

    fn change<'a>(
        self,
        executor: &'a impl Executor,
        change: Change,
        keys: impl IntoIterator<Item = T::Key>,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.saying(Changes::default())
            .change(executor, change, keys, caller)
    }
}

impl<O: Entity, T: Entity> NewLinks<O, T> {
    /// One value more; of several for one column the last counts.
    pub fn with_value<L: Entity, V: Value>(
        mut self,
        column: Column<L, V>,
        value: impl Assignment<L, V>,
    ) -> Self {
        let column = column.info();
        let through = self.links.relation.info().through();
        if !through.is_some_and(|through| through.says_more(column)) {
            self.refused = Some(column);
        }
        self.more.put(column, value.into_assignment().0);
        self
    }

    /// Links the row to those with these keys, as [`Links::add`] does. A link that is there already stays as it was, and says
    /// what it said.
    ///
    /// # Errors
    /// As [`Links::add`], and [`ErrorKind::Usage`](crate::ErrorKind::Usage) when a column is none of the table between, or holds
    /// a key.
    #[track_caller]
    pub fn add<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Add, keys, Location::caller())
    }

    /// Links the row to those with these keys and to no others, as [`Links::set`] does. A link that is there already says what
    /// it said.
    ///
    /// # Errors
    /// As [`Links::set`], and [`ErrorKind::Usage`](crate::ErrorKind::Usage) when a column is none of the table between, or holds
    /// a key.
    #[track_caller]
    pub fn set<'a>(
        self,
        executor: &'a impl Executor,
        keys: impl IntoIterator<Item = T::Key>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.change(executor, Change::Set, keys, Location::caller())
    }

    fn change<'a>(
        self,
        executor: &'a impl Executor,
        change: Change,
        keys: impl IntoIterator<Item = T::Key>,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        let source = Source::of(executor);
        let keys: Vec<Keys> = keys.into_iter().map(|key| key.keys()).collect();
        let Self {
            links,
            more,
            refused,
        } = self;
        let owner = match refused {
            None => links.within(source, &keys),
            Some(column) => Err(links.does_not_say(column)),
        };
        let statement = owner.map(|owner| statement(links.relation, owner, change, keys, more));
        async move {
            let Some(statement) = statement.map_err(|error| error.at(caller))? else {
                return Ok(0);
            };
            let request = Request {
                statement: &statement,
                reads: Reads::Other,
                page: Page::default(),
                writes: true,
                caller,
            };
            let done = db::run(source, request, &mut |_: Row<'_>| Ok(())).await?;
            Ok(done.affected)
        }
    }
}

impl<O: Entity, T: Entity> Links<O, T> {
    /// The row's key and the scope of its links, if they have one.
    fn within(&self, source: Source<'_>, keys: &[Keys]) -> Result<(Keys, Option<ScopeValue>)> {
        let owner = self.owner.clone();
        let through = self.relation.info().through();
        let scoped = through.and_then(|through| Some((through, through.owners.scope?)));
        let Some((through, column)) = scoped else {
            return Ok((owner, None));
        };
        let table = through.owners;
        let scope = match (&self.scope, source.db().said()) {
            (Some(scope), _) | (None, Some(Said::One(scope))) => scope.for_row(table, column)?,
            (None, _) => return Err(Unscoped::New(table).into()),
        };
        let is_of_it = |table, key| named_by(table, column, key).is_none_or(|named| named == scope);
        if !(is_of_it(O::TABLE, &owner) && keys.iter().all(|key| is_of_it(T::TABLE, key))) {
            return Err(Unscoped::Across(O::TABLE, T::TABLE).into());
        }
        let said = ScopeValue::of(scope.clone(), column);
        match through.scope_behind(owner.parts().len()) {
            true => Ok((owner.followed_by(&Keys::Single(scope.clone())), Some(said))),
            false => Ok((owner, Some(said))),
        }
    }
}

impl<O: Entity, T: Entity> Links<O, T> {
    #[cold]
    fn does_not_say(&self, column: &'static ColumnInfo) -> Error {
        let (relation, column) = (self.relation, column.name);
        let table = relation
            .info()
            .through()
            .map_or("", |through| through.table.name);
        Error::usage(format!(
            "{relation:?} leads through the table `{table}`, of which `{column}` is no column, or one that says who is linked: \
             with a link its other columns are written, and they are those of an entity that is named by `through = …`"
        ))
    }
}

/// The scope that a key names itself, where it is one of this kind.
fn named_by<'k>(table: &'static Table, kind: &ScopeColumn, key: &'k Keys) -> Option<&'k KeyValue> {
    let scope = table.scope.filter(|scope| scope.is_like(kind))?;
    let mut of_key = table.key.iter();
    let place = of_key.position(|part| std::ptr::eq(*part, scope.column))?;
    key.parts().get(place)
}

/// The statement; none, where there is nothing to say.
fn statement<O: Entity, T: Entity>(
    relation: ManyToMany<O, T>,
    (owner, scope): (Keys, Option<ScopeValue>),
    change: Change,
    keys: Vec<Keys>,
    more: Changes,
) -> Option<LinkChange> {
    let through = relation.info().through()?;
    if keys.is_empty() && matches!(change, Change::Add | Change::Remove) {
        return None;
    }
    let [adds, removes] = match change {
        Change::Add => [true, false],
        Change::Set => [true, true],
        Change::Remove | Change::Clear => [false, true],
    };
    let owner = |wanted: bool| {
        let parts = owner.parts().iter().filter(|_| wanted);
        parts.cloned().map(Param::other).collect()
    };
    let targets = |wanted: bool| {
        let there = through.there.iter().enumerate().filter(|_| wanted);
        let theirs = there.filter(|(_, column)| !through.is_shared(column));
        let list = |place: usize| {
            let parts = keys.iter().filter_map(|key| key.parts().get(place));
            Param::other(parts.cloned().collect::<Vec<_>>())
        };
        theirs.map(|(place, _)| list(place)).collect()
    };
    Some(LinkChange {
        through,
        owner: [owner(adds), owner(removes)],
        change,
        targets: [targets(adds), targets(removes && change != Change::Clear)],
        more: more.0,
        said: scope.map(Said::One),
    })
}

impl<O, T> fmt::Debug for NewLinks<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NewLinks")
            .field(&self.links.relation)
            .finish()
    }
}

impl<O, T> fmt::Debug for Links<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Links").field(&self.relation).finish()
    }
}
