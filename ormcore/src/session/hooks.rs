//! Work of the caller's own at the turning points of a session: to validate, to fill in, to tell others.

use super::reference::{Place, Ref};
use super::tracked::Tracked;
use super::{Flush, Session};
use crate::error::{Error, Result};
use async_trait::async_trait;
use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::{Arc, Weak};

/// What happens to the rows of an entity, for [`Session::on_rows`]. Everything has a default: nothing.
///
/// It runs inside the span of the flush. An error before a row is written refuses the flush: nothing is sent, and everything
/// stays as it was.
///
/// # Examples
/// ```no_run
/// use ormcore::{Db, Entity, Ref, Result, RowHooks, Session, async_trait};
///
/// #[derive(Entity)]
/// #[orm(insert(NewUser))]
/// struct User {
///     #[orm(primary_key, generated)]
///     id: i64,
///     name: String,
/// }
///
/// struct Tidy;
///
/// #[async_trait]
/// impl RowHooks<User> for Tidy {
///     async fn before_insert(&self, s: &mut Session, user: Ref<User>) -> Result<()> {
///         let new: &mut NewUser = s.new_row_mut(user)?;
///         new.name = new.name.trim().to_owned();
///         Ok(())
///     }
/// }
///
/// # async fn run(db: &Db) -> Result<()> {
/// let mut s = db.session().on_rows::<User>(Tidy);
/// s.add(NewUser { name: " Ada ".into() });
/// s.commit().await?;
/// # Ok(()) }
/// ```
#[async_trait]
pub trait RowHooks<E: Tracked>: Send + Sync + 'static {
    /// A new row is about to be inserted: [`Session::new_row_mut`] changes it.
    async fn before_insert(&self, session: &mut Session, row: Ref<E>) -> Result<()> {
        let _ = (session, row);
        Ok(())
    }

    /// A row is about to be updated.
    async fn before_update(&self, session: &mut Session, row: Ref<E>) -> Result<()> {
        let _ = (session, row);
        Ok(())
    }

    /// A row is about to be removed: its `key` is all that is to be had of it.
    async fn before_delete(&self, session: &mut Session, key: E::Key) -> Result<()> {
        let _ = (session, key);
        Ok(())
    }

    /// A row was inserted, and is as the database made it.
    async fn after_insert(&self, session: &mut Session, row: Ref<E>) -> Result<()> {
        let _ = (session, row);
        Ok(())
    }

    /// A row was updated.
    async fn after_update(&self, session: &mut Session, row: Ref<E>) -> Result<()> {
        let _ = (session, row);
        Ok(())
    }

    /// Rows are about to be asked for, or those of a relation; an error refuses the question, and nothing is sent. Not
    /// before what a hook asks for itself, and not for what comes along with other rows.
    async fn before_load(&self, session: &mut Session) -> Result<()> {
        let _ = session;
        Ok(())
    }

    /// A row was read that the session did not know.
    async fn after_load(&self, session: &mut Session, row: Ref<E>) -> Result<()> {
        let _ = (session, row);
        Ok(())
    }

    /// A row was removed.
    async fn after_delete(&self, session: &mut Session, key: E::Key) -> Result<()> {
        let _ = (session, key);
        Ok(())
    }
}

/// What happens to a session as a whole, for [`Session::on`]. Everything has a default: nothing.
#[async_trait]
pub trait Hooks: Send + Sync + 'static {
    /// Something is about to be flushed. It may change and add rows; an error refuses the flush.
    async fn before_flush(&self, session: &mut Session) -> Result<()> {
        let _ = session;
        Ok(())
    }

    /// Something was flushed.
    async fn after_flush(&self, session: &mut Session, flush: Flush) -> Result<()> {
        let _ = (session, flush);
        Ok(())
    }

    /// The session is about to be committed: what this changes is flushed first; an error refuses the commit.
    async fn before_commit(&self, session: &mut Session) -> Result<()> {
        let _ = session;
        Ok(())
    }

    /// The session is about to be rolled back, and still is as it was; an error is passed on when that is done.
    async fn before_rollback(&self, session: &mut Session) -> Result<()> {
        let _ = session;
        Ok(())
    }

    /// The session was committed; an error is only passed on.
    async fn after_commit(&self, session: &mut Session) -> Result<()> {
        let _ = session;
        Ok(())
    }

    /// The session was rolled back; an error is only passed on.
    async fn after_rollback(&self, session: &mut Session) -> Result<()> {
        let _ = session;
        Ok(())
    }
}

/// A row, and what happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// All hooks of a session.
#[derive(Default)]
pub(super) struct Hooked {
    rows: Vec<(TypeId, Arc<dyn RowCalls>)>,
    whole: Vec<Arc<dyn Hooks>>,
    /// While one runs nothing is flushed on its own account.
    running: Weak<()>,
}

impl Hooked {
    pub(super) fn is_running(&self) -> bool {
        self.running.strong_count() > 0
    }

    /// Whether somebody wants to know of these rows.
    pub(super) fn watches<E: Tracked>(&self) -> bool {
        let kind = TypeId::of::<E>();
        self.rows.iter().any(|(of, _)| *of == kind)
    }

    pub(super) fn is_any(&self) -> bool {
        !self.rows.is_empty() || !self.whole.is_empty()
    }
}

impl Session {
    /// Runs these hooks at the session's turning points.
    pub fn on(mut self, hooks: impl Hooks) -> Self {
        self.hooks.whole.push(Arc::new(hooks));
        self
    }

    /// Runs these hooks for the rows of an entity.
    pub fn on_rows<E: Tracked>(mut self, hooks: impl RowHooks<E>) -> Self {
        let hooks = Typed {
            hooks,
            entity: PhantomData,
        };
        self.hooks.rows.push((TypeId::of::<E>(), Arc::new(hooks)));
        self
    }

    /// Calls the hooks of the entities that these rows are of.
    pub(super) async fn call(&mut self, events: Vec<(Event, TypeId, Place)>) -> Result<()> {
        let guard = Arc::new(());
        self.hooks.running = Arc::downgrade(&guard);
        for (event, kind, place) in events {
            let hooks = self.hooks.rows.iter().filter(|(of, _)| *of == kind);
            let hooks: Vec<_> = hooks.map(|(_, hooks)| Arc::clone(hooks)).collect();
            for hooks in hooks {
                hooks.call(event, self, place).await?;
            }
        }
        Ok(())
    }

    /// Rows of this entity are about to be asked for.
    pub(super) async fn before_load<E: Tracked>(&mut self) -> Result<()> {
        if self.hooks.is_running() || !self.hooks.watches::<E>() {
            return Ok(());
        }
        let guard = Arc::new(());
        self.hooks.running = Arc::downgrade(&guard);
        let kind = TypeId::of::<E>();
        let hooks = self.hooks.rows.iter().filter(|(of, _)| *of == kind);
        let hooks: Vec<_> = hooks.map(|(_, hooks)| Arc::clone(hooks)).collect();
        for hooks in hooks {
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
        let guard = Arc::new(());
        self.hooks.running = Arc::downgrade(&guard);
        for hooks in self.hooks.whole.clone() {
            hooks.before_flush(self).await?;
        }
        Ok(())
    }

    pub(super) async fn after_flush(&mut self, flush: Flush) -> Result<()> {
        let guard = Arc::new(());
        self.hooks.running = Arc::downgrade(&guard);
        for hooks in self.hooks.whole.clone() {
            hooks.after_flush(self, flush).await?;
        }
        Ok(())
    }

    pub(super) async fn before_end(&mut self, committing: bool) -> Result<()> {
        let guard = Arc::new(());
        self.hooks.running = Arc::downgrade(&guard);
        for hooks in self.hooks.whole.clone() {
            match committing {
                true => hooks.before_commit(self).await?,
                false => hooks.before_rollback(self).await?,
            }
        }
        Ok(())
    }

    pub(super) async fn after_end(&mut self, committed: bool) -> Result<()> {
        for hooks in self.hooks.whole.clone() {
            match committed {
                true => hooks.after_commit(self).await?,
                false => hooks.after_rollback(self).await?,
            }
        }
        Ok(())
    }
}
