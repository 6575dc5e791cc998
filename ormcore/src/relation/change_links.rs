//! The one statement that changes what a row is linked to.

use super::{Links, ManyToMany, NewLinks, Relation};
use crate::db::{self, Executor, Reads, Request, Row, Source};
use crate::entity::{Changes, Entity, Key};
use crate::error::Result;
use crate::sql::{Change, LinkChange, Said, ScopeColumn, ScopeValue, Table, Unscoped};
use crate::telemetry::Page;
use crate::value::{KeyValue, Keys, Param};
use std::panic::Location;

impl<O: Entity, T: Entity> NewLinks<O, T> {
    pub(super) fn change<'a>(
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
