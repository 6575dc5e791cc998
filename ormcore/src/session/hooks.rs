//! Work of the caller's own at the turning points of a session: to validate, to fill in, to tell others.

use super::reference::Ref;
use super::tracked::Tracked;
use super::{Flush, Session};
use crate::error::Result;
use async_trait::async_trait;

/// What happens to the rows of an entity, for [`Db::on_rows`](crate::Db::on_rows) and [`Session::on_rows`]. Everything has a
/// default: nothing.
///
/// It runs inside the span of the flush, or of what else the session does. An error ([`Error::refused`] is one of your own)
/// before a row is written refuses the flush: nothing is sent, and everything stays as it was. What a hook changes or adds is
/// written with the same commit, and has hooks of its own.
///
/// Of several each runs in the order in which they were given, those of the session's handle first. There is none for a field
/// that is set, or a row that expires: `&mut s[row]` is plain memory, of which [`changes`](Session::changes) tells what
/// differs, and rows expire where you say so, or with the end of a transaction, which has hooks.
///
/// A flush and its hooks are one: when it fails, or one of them does, or its future is dropped, what they changed, added and
/// removed is undone with it, and everything is as its caller had it. They are called again when it is done again, so that
/// what one counts up is counted once. Only a new row that one removes is forgotten at once; and what a hook does outside of
/// the session is its own business: [`after_commit`](Hooks::after_commit) is the place for it.
///
/// Hooks run for the rows that a session reads and writes. They do not run for statements that are sent directly, such as
/// `User::update(1).set(…).execute(&db)`, also where they are sent on [`Session::executor`]: such a statement changes rows in
/// the database that nobody has read, often any number of them, and there is no row to give to a hook without asking for it
/// first. Nor do they run for what the database does on its own (`ON DELETE CASCADE`, triggers), and links of a `many_to_many`
/// are rows of no entity here. What has to hold whoever writes is a constraint or a trigger of the table.
///
/// [`Error::refused`]: crate::Error::refused
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

    /// A row is about to be updated; or to be inserted again, behind a transaction that failed: what
    /// [`before_insert`](Self::before_insert) made of it is in it.
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

/// What happens to a session as a whole, for [`Db::on`](crate::Db::on) and [`Session::on`]. Everything has a default: nothing.
///
/// Like [`RowHooks`], they run in the order in which they were given, again with each attempt, and know nothing of statements
/// that are sent without a session.
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

    /// The session is about to be committed: what this changes is flushed first, and undone where that fails; an error refuses
    /// the commit.
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
