//! Rows that leave a session as plain values, and come back.

use super::Session;
use super::arena::encode;
use super::kept::Content;
use super::reference::Ref;
use super::refusal::stale;
use super::todo::is_key;
use super::tracked::Tracked;
use crate::error::{Error, ErrorKind, Result};
use std::any::TypeId;
use std::panic::Location;
use std::ptr;

impl Session {
    /// Forgets a row. It stays in the database as it is there; what was changed here is not written.
    ///
    /// [`related`](Self::related) shows it no more, until the relation is loaded again.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when it is not in this session, or it or a link of it was flushed and not committed yet.
    pub fn detach<E: Tracked>(&mut self, row: Ref<E>) -> Result<()> {
        self.leaves(row)?;
        self.arena_mut::<E>()?.vacate(row.place.slot);
        self.left(row);
        Ok(())
    }

    /// Takes a row out of the session as a plain value, with what was changed in it.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when it is not there, or was flushed and not committed yet.
    pub fn take<E: Tracked>(&mut self, row: Ref<E>) -> Result<E> {
        self.try_row(row)?;
        self.leaves(row)?;
        let arena = self.arena_mut::<E>()?;
        let value = arena.take_out(row.place.slot);
        self.left(row);
        value.ok_or_else(|| stale::<E>(row.place))
    }

    /// Puts a plain value in the place of the row with its key, which is read if it is not known: the next flush writes the
    /// columns that differ. What the database makes itself stays as it is.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such row; [`ErrorKind::StaleVersion`] when it has another version than the
    /// value; those of [`get`](Self::get).
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct User { #[orm(primary_key, generated)] id: i64, name: String }
    /// # async fn run(db: &Db, edited: User) -> Result<()> {
    /// let mut s = db.session();
    /// let user = s.merge(edited).await?;
    /// println!("{}", s.changes());
    /// s.commit().await?;
    /// let user: User = s.take(user)?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn merge<E: Tracked>(
        &mut self,
        value: E,
    ) -> impl Future<Output = Result<Ref<E>>> + Send + '_ {
        let caller = Location::caller();
        async move {
            let row = self.get_at::<E>(value.key(), caller).await?;
            let row = row.ok_or_else(|| {
                let message = format!("no such `{}` in table `{}`", E::TABLE.entity, E::TABLE.name);
                Error::new(ErrorKind::NotFound, message).at(caller)
            })?;
            self.arena_mut::<E>()?
                .merge(row, &value)
                .map_err(|error| error.at(caller))?;
            Ok(row)
        }
    }

    /// A row is not here any more, and may still belong to others: their lists are without it, and not all there is.
    fn left<E: Tracked>(&mut self, row: Ref<E>) {
        self.lists.doubt(E::TABLE, row.place);
        self.lists.leave(E::TABLE, row.place);
        self.lists.forget(E::TABLE, row.place);
    }

    /// Whether a row may leave.
    fn leaves<E: Tracked>(&mut self, row: Ref<E>) -> Result<()> {
        if row.place.session != self.number {
            return Err(stale::<E>(row.place));
        }
        // Its links would not be written again, if that has to be done.
        let kind = TypeId::of::<E>();
        let at = self.arenas.iter().position(|(other, _)| *other == kind);
        let own = at.map(|at| (at, row.place));
        let mut linked = self.linked.iter();
        let linked = linked.any(|edit| [edit.owner, edit.target].map(Some).contains(&own));
        let arena = self.arena_mut::<E>()?;
        let content = arena.content(row.place)?;
        let again = matches!(content, Content::Row(kept) if kept.again.is_some());
        if matches!(content, Content::Vacant) {
            return Err(stale::<E>(row.place));
        }
        if again || linked || arena.is_flushed(row.place.slot) {
            return Err(Error::usage(format!(
                "a `{}` that was flushed and not committed cannot leave the session; commit or roll back first",
                E::TABLE.entity
            )));
        }
        Ok(())
    }
}

impl<E: Tracked> super::arena::Arena<E> {
    fn merge(&mut self, row: Ref<E>, value: &E) -> Result<()> {
        let table = E::TABLE;
        let (given, failed) = encode(value, &self.types);
        if let Some((_, error)) = failed {
            return Err(error);
        }
        let (now, _) = encode(&self.row(row.place)?.row, &self.types);
        let is = |one: Option<&crate::sql::ColumnInfo>, other: &crate::sql::ColumnInfo| {
            one.is_some_and(|one| ptr::eq(one, other))
        };
        let mut differing = Vec::new();
        for (at, column) in table.columns.iter().enumerate() {
            let differs = given.part(at) != now.part(at);
            if differs && is(table.version, column) {
                let message = format!(
                    "the `{}` has another version than the value that is merged; read it again, and change that",
                    table.entity
                );
                return Err(Error::new(ErrorKind::StaleVersion, message));
            }
            let made = column.generated || is_key(table, column) || is(table.updated, column);
            if differs && !made {
                differing.push(at);
            }
        }
        for at in differing {
            let ty = self.types.get(at).cloned();
            let row = self.row_mut(row.place)?;
            if let Some(ty) = ty {
                row.set(at, &ty, given.raw(at)).map_err(|error| {
                    let message = "a value that was written cannot be read";
                    Error::new(ErrorKind::Decode, message).with_source(error)
                })?;
            }
        }
        Ok(())
    }
}
