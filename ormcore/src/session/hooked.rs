//! The hooks of a session: those of its handle, then its own, each in the order in which they were given.

use super::failure::Failure;
use super::hooks::{Hooks, RowHooks};
use super::reference::{Place, Ref};
use super::tracked::Tracked;
use super::{Flush, Session};
use crate::db::Db;
use crate::error::{Error, Result};
use async_trait::async_trait;
use std::any::TypeId;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::{Arc, Weak};

/// A row, and what happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    BeforeInsert,
    BeforeUpdate,
    BeforeDelete,
    AfterInsert,
    AfterUpdate,
    AfterDelete,
    AfterLoad,
}

/// The hooks of one entity, whatever it is.
#[async_trait]
trait RowCalls: Send + Sync {
    async fn call(&self, event: Event, session: &mut Session, place: Place) -> Result<()>;

    async fn before_load(&self, session: &mut Session) -> Result<()>;
}

struct Typed<E, H> {
    hooks: H,
    entity: PhantomData<fn() -> E>,
}

#[async_trait]
impl<E: Tracked, H: RowHooks<E>> RowCalls for Typed<E, H> {
    async fn call(&self, event: Event, session: &mut Session, place: Place) -> Result<()> {
        let (hooks, row) = (&self.hooks, Ref::new(place));
        let key = |session: &mut Session| {
            let kept = session.arena_mut::<E>()?.kept(place.slot);
            Ok::<_, Error>(kept.map(|kept| kept.row.key()))
        };
        match event {
            Event::BeforeInsert => hooks.before_insert(session, row).await,
            Event::BeforeUpdate => hooks.before_update(session, row).await,
            Event::AfterInsert => hooks.after_insert(session, row).await,
            Event::AfterUpdate => hooks.after_update(session, row).await,
            Event::AfterLoad => hooks.after_load(session, row).await,
            Event::BeforeDelete => match key(session)? {
                Some(key) => hooks.before_delete(session, key).await,
                None => Ok(()),
            },
            Event::AfterDelete => match key(session)? {
                Some(key) => hooks.after_delete(session, key).await,
                None => Ok(()),
            },
        }
    }

    async fn before_load(&self, session: &mut Session) -> Result<()> {
        self.hooks.before_load(session).await
    }
}

/// Hooks, in the order in which they run.
#[derive(Clone, Default)]
struct Registered {
    rows: Vec<(TypeId, Arc<dyn RowCalls>)>,
    whole: Vec<Arc<dyn Hooks>>,
}

impl Registered {
    fn add(&mut self, hooks: impl Hooks) {
        self.whole.push(Arc::new(hooks));
    }

    fn add_rows<E: Tracked>(&mut self, hooks: impl RowHooks<E>) {
        let hooks = Typed {
            hooks,
            entity: PhantomData,
        };
        self.rows.push((TypeId::of::<E>(), Arc::new(hooks)));
    }
}

/// All hooks of a session.
#[derive(Default)]
pub(super) struct Hooked {
    /// Shared with the handle until the session has some of its own.
    registered: Option<Arc<Registered>>,
    /// While one runs nothing is flushed on its own account.
    running: Weak<()>,
}

impl Hooked {
    /// Those of a handle.
    pub(super) fn of(db: &Db) -> Self {
        Self {
            registered: db.kept(),
            running: Weak::new(),
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.strong_count() > 0
    }

    /// A hook runs as long as what this returns is kept, also inside another: what one reads runs hooks of its own.
    fn run(&mut self) -> Arc<()> {
        let running = self.running.upgrade().unwrap_or_default();
        self.running = Arc::downgrade(&running);
        running
    }

    /// Whether somebody wants to know of these rows.
    pub(super) fn watches(&self, kind: TypeId) -> bool {
        let registered = self.registered.as_ref();
        registered.is_some_and(|all| all.rows.iter().any(|(of, _)| *of == kind))
    }

    pub(super) fn is_any(&self) -> bool {
        self.registered.is_some()
    }

    fn more(&mut self) -> &mut Registered {
        Arc::make_mut(self.registered.get_or_insert_default())
    }

    fn of_rows(&self, kind: TypeId) -> Vec<Arc<dyn RowCalls>> {
        let rows = self.registered.iter().flat_map(|all| &all.rows);
        let rows = rows.filter(|(of, _)| *of == kind);
        rows.map(|(_, hooks)| Arc::clone(hooks)).collect()
    }

    fn whole(&self) -> Vec<Arc<dyn Hooks>> {
        let registered = self.registered.as_ref();
        registered.map_or_else(Vec::new, |all| all.whole.clone())
    }
}

impl Db {
    /// The same database, whose sessions run these hooks at their turning points: register them once, where the program
    /// connects, and hand on what this returns.
    ///
    /// A session runs the hooks of its handle first, in the order in which they were given, and then
    /// [its own](Session::on). Hooks go along with clones and with [`scope`](Self::scope). Why they do not run for
    /// statements that are sent directly is told at [`RowHooks`].
    ///
    /// # Examples
    /// ```no_run
    /// use ormcore::{Db, Entity, Flush, Hooks, Ref, Result, RowHooks, Session, async_trait};
    ///
    /// #[derive(Entity)]
    /// #[orm(insert(NewPost))]
    /// struct Post {
    ///     #[orm(primary_key, generated)]
    ///     id: i64,
    ///     title: String,
    /// }
    ///
    /// /// No title begins or ends with a blank.
    /// struct Tidy;
    ///
    /// #[async_trait]
    /// impl RowHooks<Post> for Tidy {
    ///     async fn before_insert(&self, s: &mut Session, post: Ref<Post>) -> Result<()> {
    ///         let new: &mut NewPost = s.new_row_mut(post)?;
    ///         new.title = new.title.trim().to_owned();
    ///         Ok(())
    ///     }
    /// }
    ///
    /// /// Whoever listens hears that something was written.
    /// struct Tell;
    ///
    /// #[async_trait]
    /// impl Hooks for Tell {
    ///     async fn after_flush(&self, s: &mut Session, _: Flush) -> Result<()> {
    ///         // In the session's transaction: heard when that is committed, and not before.
    ///         s.executor().await?.notify("posts", "changed").await
    ///     }
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<()> {
    ///     let db = Db::connect("postgres://localhost/blog").await?;
    ///     let db = db.on_rows::<Post>(Tidy).on(Tell);
    ///     let mut s = db.session();
    ///     let post = s.add(NewPost { title: " Hello ".into() });
    ///     s.commit().await?;
    ///     assert_eq!(s[post].title, "Hello");
    ///     Ok(())
    /// }
    /// ```
    #[must_use = "the handle it is called on stays as it is"]
    pub fn on(&self, hooks: impl Hooks) -> Self {
        let mut hooked = Hooked::of(self);
        hooked.more().add(hooks);
        self.keeping(hooked.registered)
    }

    /// The same database, whose sessions run these hooks for the rows of an entity, as [`on`](Self::on) says.
    #[must_use = "the handle it is called on stays as it is"]
    pub fn on_rows<E: Tracked>(&self, hooks: impl RowHooks<E>) -> Self {
        let mut hooked = Hooked::of(self);
        hooked.more().add_rows::<E>(hooks);
        self.keeping(hooked.registered)
    }
}

impl Session {
    /// Runs these hooks at the session's turning points, behind those of its [handle](crate::Db::on).
    pub fn on(mut self, hooks: impl Hooks) -> Self {
        self.hooks.more().add(hooks);
        self
    }

    /// Runs these hooks for the rows of an entity, behind those of its [handle](crate::Db::on_rows).
    pub fn on_rows<E: Tracked>(mut self, hooks: impl RowHooks<E>) -> Self {
        self.hooks.more().add_rows::<E>(hooks);
        self
    }

    /// Refuses what cannot be done in the middle of something else.
    pub(super) fn outside_hooks(
        &self,
        refusal: &'static str,
        caller: &'static Location<'static>,
    ) -> Result<()> {
        match self.hooks.is_running() {
            true => Err(Error::usage(refusal).at(caller)),
            false => Ok(()),
        }
    }

    /// Calls the hooks of the entities that these rows are of.
    pub(super) async fn call(&mut self, events: Vec<(Event, TypeId, Place)>) -> Result<()> {
        let _running = self.hooks.run();
        for (event, kind, place) in events {
            for hooks in self.hooks.of_rows(kind) {
                let called = hooks.call(event, self, place).await;
                called.map_err(|error| self.blame(event, kind, place, error))?;
            }
        }
        Ok(())
    }

    /// The flush fails because of this row.
    fn blame(&mut self, event: Event, kind: TypeId, place: Place, error: Error) -> Error {
        let mut arenas = self.arenas.iter().filter(|_| event != Event::AfterLoad);
        let Some((_, arena)) = arenas.find(|(of, _)| *of == kind) else {
            return error;
        };
        let failure = Failure::new(arena.table(), vec![place], Vec::new(), error.kind());
        let error = error.about(&failure.text());
        self.failure = Some(failure);
        error
    }

    /// Rows of this entity are about to be asked for.
    pub(super) async fn before_load(&mut self, kind: TypeId) -> Result<()> {
        if self.hooks.is_running() || !self.hooks.watches(kind) {
            return Ok(());
        }
        let _running = self.hooks.run();
        for hooks in self.hooks.of_rows(kind) {
            hooks.before_load(self).await?;
        }
        Ok(())
    }

    /// Rows were read that were not known, whatever they are of.
    pub(super) async fn loaded(&mut self, rows: Vec<(TypeId, Place)>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = rows.into_iter();
        let loaded = rows.map(|(kind, place)| (Event::AfterLoad, kind, place));
        self.call(loaded.collect()).await
    }

    pub(super) async fn before_flush(&mut self) -> Result<()> {
        let _running = self.hooks.run();
        for hooks in self.hooks.whole() {
            hooks.before_flush(self).await?;
        }
        Ok(())
    }

    pub(super) async fn after_flush(&mut self, flush: Flush) -> Result<()> {
        let _running = self.hooks.run();
        for hooks in self.hooks.whole() {
            hooks.after_flush(self, flush).await?;
        }
        Ok(())
    }

    pub(super) async fn before_end(&mut self, committing: bool) -> Result<()> {
        let _running = self.hooks.run();
        for hooks in self.hooks.whole() {
            match committing {
                true => hooks.before_commit(self).await?,
                false => hooks.before_rollback(self).await?,
            }
        }
        Ok(())
    }

    pub(super) async fn after_end(&mut self, committed: bool) -> Result<()> {
        for hooks in self.hooks.whole() {
            match committed {
                true => hooks.after_commit(self).await?,
                false => hooks.after_rollback(self).await?,
            }
        }
        Ok(())
    }
}
