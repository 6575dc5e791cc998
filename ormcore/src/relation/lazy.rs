//! Lazy loading: asks when it is asked, once, and keeps the answer.

use super::{Link, Loaded, Many, One, Shared, ToOne, load_of, peers, several};
use crate::db::{Executor, Source};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Fetch, Level, Wanted, fetch};
use crate::sql::{Base, Expr, Operation};
use crate::telemetry::{Load, Page, ResultSet, Strategy};
use crate::value::Param;
use std::panic::Location;
use std::sync::Arc;

impl<T: ToOne> One<T> {
    /// The row; the database is asked for it the first time, unless the foreign key is NULL.
    ///
    /// One by one for the rows of a whole result this is the N+1 problem, and is reported as such; with
    /// [`Lazy::Peers`](crate::Lazy) the first load is one for all of them.
    ///
    /// # Errors
    /// When the statement fails, or the row is not there although it is referred to. [`ErrorKind::NotLoaded`] with
    /// [`Lazy::Raise`](crate::Lazy).
    #[track_caller]
    pub fn load<'a>(
        &'a self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<T::Loaded<'a>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let link = linked(self.link.as_ref(), caller)?;
            let load = lazy_load(link, &self.loaded);
            if let Some(found) = self.loaded.get() {
                hit(source, load, found.iter().len());
                return self.read(caller);
            }
            match &self.loaded {
                Loaded::Barred => return Err(barred(source, link, load, caller)),
                Loaded::Peer(place) if !link.is_null() => {
                    let waiting = place.waiting(link);
                    let lazy = place.peers.lazy;
                    let asked = peers::ask(source, link, &waiting, false, lazy, caller);
                    let (pairs, found) = asked.await?;
                    peers::give_one(&waiting, &pairs, found);
                }
                held => {
                    // The row of a set's row belongs to it too: what is loaded from there is counted with it.
                    let found = ask::<T::Target>(source, link, load, link.set, caller).await?;
                    // Whoever came first is kept; the rows are the same.
                    held.keep(Shared::first(found));
                }
            }
            self.read(caller)
        }
    }
}

impl<T: Entity> Many<T> {
    /// The rows; the database is asked for them the first time.
    ///
    /// One by one for the rows of a whole result this is the N+1 problem, and is reported as such; with
    /// [`Lazy::Peers`](crate::Lazy) the first load is one for all of them.
    ///
    /// # Errors
    /// When the statement fails, or a row cannot be read. [`ErrorKind::NotLoaded`] with [`Lazy::Raise`](crate::Lazy).
    #[track_caller]
    pub fn load<'a>(
        &'a self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<&'a [T]>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let link = linked(self.link.as_ref(), caller)?;
            let load = lazy_load(link, &self.loaded);
            if let Some(found) = self.loaded.get() {
                hit(source, load, found.len());
                return Ok(found.as_slice());
            }
            match &self.loaded {
                Loaded::Barred => return Err(barred(source, link, load, caller)),
                Loaded::Peer(place) => {
                    let waiting = place.waiting(link);
                    let lazy = place.peers.lazy;
                    let asked = peers::ask(source, link, &waiting, true, lazy, caller);
                    let (pairs, found) = asked.await?;
                    peers::give_many(&waiting, &pairs, found);
                }
                held => {
                    let set = set_of(link);
                    held.keep(ask(source, link, load, set, caller).await?);
                }
            }
            self.get()
        }
    }
}

fn linked<'l>(link: Option<&'l Link>, caller: &'static Location<'static>) -> Result<&'l Link> {
    link.ok_or_else(|| {
        Error::usage("this relation belongs to a value that was not read from the database; load it from a row that was")
            .at(caller)
    })
}

/// What is loaded from a set belongs to it: the loop inside a loop is counted with the outer one.
pub(super) fn set_of(link: &Link) -> ResultSet {
    if link.set == ResultSet::NONE {
        ResultSet::next()
    } else {
        link.set
    }
}

fn lazy_load<T>(link: &Link, loaded: &Loaded<T>) -> Load {
    let strategy = match loaded {
        Loaded::Given(_) | Loaded::Asked(_) => Strategy::Lazy,
        Loaded::Peer(_) => Strategy::Peers,
        Loaded::Barred => Strategy::Raise,
    };
    load_of(link.relation, strategy, usize::from(!link.is_null()), 1)
}

/// The rows are there already.
fn hit(source: Source<'_>, load: Load, rows: usize) {
    source
        .telemetry()
        .load(load, source.scope())
        .hit(rows as u64);
}

/// The question, or the field, says that this is not to be.
fn barred(
    source: Source<'_>,
    link: &Link,
    load: Load,
    caller: &'static Location<'static>,
) -> Error {
    let name = link.relation.constant;
    let message = format!(
        "{name} is not loaded, and must not be loaded row by row; add `.with({name})` to the query"
    );
    let error = Error::new(ErrorKind::NotLoaded, message).at(caller);
    source.telemetry().load(load, source.scope()).fail(&error);
    error
}

async fn ask<T: Entity>(
    source: Source<'_>,
    link: &Link,
    load: Load,
    set: ResultSet,
    caller: &'static Location<'static>,
) -> Result<Vec<T>> {
    let telemetry = source.telemetry();
    if link.is_null() {
        telemetry.load(load, source.scope()).finish(0, 0);
        return Ok(Vec::new());
    }
    telemetry.lazy_load(link.set, link.relation.constant, caller, source.scope())?;
    let span = telemetry.load(load, source.scope());
    match span.run(question(source, link, set, caller)).await {
        Ok(found) => {
            span.finish(found.len() as u64, 1);
            Ok(found)
        }
        Err(error) => {
            span.fail(&error);
            Err(error)
        }
    }
}

async fn question<T: Entity>(
    source: Source<'_>,
    link: &Link,
    set: ResultSet,
    caller: &'static Location<'static>,
) -> Result<Vec<T>> {
    let info = link.relation;
    let mut base = Base::new(T::TABLE);
    // A row knows its scope, whatever the handle says.
    if let Some(said) = link.said() {
        base.more().said = Some(Arc::new(said));
    }
    let parts = info.matching().iter().zip(link.key.parts());
    let parts = parts.map(|(column, part)| Expr::Compare {
        column,
        op: " = ",
        value: Param::other(part.clone()),
    });
    let mut led_by = info.through().map(|through| info.led_by(through));
    match &mut led_by {
        Some(led_by) => led_by.filter.extend(parts),
        None => base.filter.extend(parts),
    }
    base.filter.extend(info.condition());
    let question = Fetch {
        wanted: Wanted::Any,
        operation: Operation::Find,
        base,
        led_by,
        page: Page::default(),
        withs: Vec::new(),
        copies: false,
        set,
        level: Level::top(caller),
    };
    let found = fetch(source, question, &mut |_| Ok(())).await?;
    if !info.many && found.len() > 1 {
        return Err(several(info).at(caller));
    }
    Ok(found)
}
