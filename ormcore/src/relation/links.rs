//! Changing which rows a row is linked to.

use super::{ManyToMany, Relation};
use crate::db::{self, Executor, Reads, Request, Row, Source};
use crate::entity::{Entity, Key};
use crate::error::Result;
use crate::sql::{Change, LinkChange, Said, ScopeColumn, ScopeValue, Table, Unscoped};
use crate::telemetry::Page;
use crate::value::{KeyValue, Keys, Param};
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

/// What one row is linked to by a table between two others: [`ManyToMany::of`].
///
/// Each change is one statement, and changes what is stored: a field that was loaded before stays as it was.
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
/// Post::TAGS.of(&post).clear(db).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing changes until `add`, `remove`, `set` or `clear` is awaited"]
pub struct Links<O, T> {
    relation: ManyToMany<O, T>,
    owner: Keys,
    /// What the table between has as the scope of the row's links.
    scope: Option<ScopeValue>,
    target: PhantomData<fn() -> T>,
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
        let source = Source::of(executor);
        let keys: Vec<Keys> = keys.into_iter().map(|key| key.keys()).collect();
        let owner = self.within(source, &keys);
        let statement = owner.map(|owner| statement(self.relation, owner, change, keys));
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
        said: scope.map(Said::One),
    })
}

impl<O, T> fmt::Debug for Links<O, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Links").field(&self.relation).finish()
    }
}
