//! Lazy loading: asks when it is asked, once, and keeps the answer.

use super::{Link, Many, One, Shared, ToOne, load_of};
use crate::db::{Executor, Source};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::query::{Fetch, Level, fetch};
use crate::sql::{Base, Expr, Operation};
use crate::telemetry::{Load, Page, ResultSet, Strategy};
use crate::value::Param;
use std::panic::Location;

impl<T: ToOne> One<T> {
    /// The row; the database is asked for it the first time, unless the foreign key is NULL.
    ///
    /// One by one for the rows of a whole result this is the N+1 problem, and is reported as such.
    ///
    /// # Errors
    /// When the statement fails, or the row is not there although it is referred to.
    #[track_caller]
    pub fn load<'a>(
        &'a self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<T::Loaded<'a>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let link = linked(self.link.as_ref(), caller)?;
            let load = lazy_load(link, false);
            if let Some(found) = self.loaded.get() {
                source
                    .telemetry()
                    .load(load, source.scope())
                    .hit(found.iter().len() as u64);
            } else {
                // The row of a set's row belongs to it too: what is loaded from there is counted with it.
                let found = ask::<T::Target>(source, link, load, link.set, caller).await?;
                // Whoever came first is kept; the rows are the same.
                self.loaded.get_or_init(|| Shared::first(found));
            }
            self.read(caller)
        }
    }
}

impl<T: Entity> Many<T> {
    /// The rows; the database is asked for them the first time.
    ///
    /// One by one for the rows of a whole result this is the N+1 problem, and is reported as such.
    ///
    /// # Errors
    /// When the statement fails, or a row cannot be read.
    #[track_caller]
    pub fn load<'a>(
        &'a self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<&'a [T]>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let link = linked(self.link.as_ref(), caller)?;
            let load = lazy_load(link, true);
            if let Some(found) = self.loaded.get() {
                source
                    .telemetry()
                    .load(load, source.scope())
                    .hit(found.len() as u64);
            } else {
                // What is loaded from a set belongs to it: the loop inside a loop is counted with the outer one.
                let set = if link.set == ResultSet::NONE {
                    ResultSet::next()
                } else {
                    link.set
                };
                let found = ask(source, link, load, set, caller).await?;
                self.loaded.get_or_init(|| found);
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

fn lazy_load(link: &Link, many: bool) -> Load {
    load_of(
        link.relation,
        many,
        Strategy::Lazy,
        usize::from(!link.is_null()),
        1,
    )
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
    let mut base = Base::new(T::TABLE);
    let columns = (link.relation.target_columns)();
    let parts = columns.iter().zip(link.key.parts());
    base.filter
        .extend(parts.map(|(column, part)| Expr::Compare {
            column,
            op: " = ",
            value: Param::other(part.clone()),
        }));
    let question = Fetch {
        operation: Operation::Find,
        base,
        page: Page::default(),
        withs: Vec::new(),
        set,
        level: Level::top(caller),
    };
    fetch(source, question, &mut |_| Ok(())).await
}
