//! Rows in memory: read, changed, added and removed without asking the database.

use super::changes::{ChangeKind, Changes, RowState};
use super::edits::last_words;
use super::kept::{Content, Removed};
use super::reference::Ref;
use super::refusal::{gone, stale};
use super::tracked::{Draft, Tracked};
use super::{Session, erased};
use crate::error::{Error, Result};
use crate::sql::ColumnInfo;
use std::ops::{Index, IndexMut};

impl<E: Tracked> Index<Ref<E>> for Session {
    type Output = E;

    /// # Panics
    /// When the row is not there: it was removed, rolled back, has expired, is not flushed yet, or is another session's.
    #[track_caller]
    fn index(&self, row: Ref<E>) -> &E {
        match self.try_row(row) {
            Ok(row) => row,
            Err(error) => panic!("{error}"),
        }
    }
}

impl<E: Tracked> IndexMut<Ref<E>> for Session {
    /// # Panics
    /// When the row is not there: it was removed, rolled back, has expired, is not flushed yet, or is another session's.
    #[track_caller]
    fn index_mut(&mut self, row: Ref<E>) -> &mut E {
        match self.try_row_mut(row) {
            Ok(row) => row,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Session {
    /// The row, where `&s[row]` would panic if it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) when the row was removed, rolled back, has expired, is not flushed yet, or
    /// is another session's.
    pub fn try_row<E: Tracked>(&self, row: Ref<E>) -> Result<&E> {
        match self.own::<E>(row) {
            Some(arena) => Ok(&arena.row(row.place)?.row),
            None => Err(stale::<E>(row.place)),
        }
    }

    /// The row to change, where `&mut s[row]` would panic if it is not there.
    ///
    /// # Errors
    /// As those of [`try_row`](Self::try_row).
    pub fn try_row_mut<E: Tracked>(&mut self, row: Ref<E>) -> Result<&mut E> {
        if row.place.session != self.number {
            return Err(stale::<E>(row.place));
        }
        self.arena_mut::<E>()?.row_mut(row.place)
    }

    /// Adds a row, which the next flush inserts.
    ///
    /// Until then it is read and changed as what it was added as: [`new_row`](Self::new_row).
    pub fn add<D: Draft>(&mut self, row: D) -> Ref<D::Entity> {
        match self.arena_mut::<D::Entity>() {
            Ok(arena) => {
                let slot = arena.add(row);
                Ref::new(arena.place(slot))
            }
            // There is an arena for every entity that is asked for.
            Err(error) => unreachable!("{error}"),
        }
    }

    /// Adds rows, which the next flush inserts.
    pub fn add_all<D: Draft>(&mut self, rows: impl IntoIterator<Item = D>) -> Vec<Ref<D::Entity>> {
        rows.into_iter().map(|row| self.add(row)).collect()
    }

    /// A row that was added and is not flushed yet, as what it was added as.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) when it is flushed already, or was added as something else.
    pub fn new_row<D: Draft>(&self, row: Ref<D::Entity>) -> Result<&D> {
        let arena = self.own::<D::Entity>(row);
        let arena = arena.ok_or_else(|| stale::<D::Entity>(row.place))?;
        arena.content(row.place)?;
        let found = arena.new_row(row.place.slot);
        found.ok_or_else(not_new::<D>)
    }

    /// The same, to change it.
    ///
    /// # Errors
    /// As those of [`new_row`](Self::new_row).
    pub fn new_row_mut<D: Draft>(&mut self, row: Ref<D::Entity>) -> Result<&mut D> {
        if row.place.session != self.number {
            return Err(stale::<D::Entity>(row.place));
        }
        let arena = self.arena_mut::<D::Entity>()?;
        arena.content(row.place)?;
        arena.new_row_mut(row.place.slot).ok_or_else(not_new::<D>)
    }

    /// Removes a row: the next flush deletes it, or marks it as deleted where the entity says so. One that was only added
    /// is forgotten at once, and one that has expired is removed as it was last read. [`related`](Self::related) shows it no
    /// more.
    ///
    /// The flush does to rows that refer to it what the database does, as far as this session knows of it. It knows nothing of
    /// rows that go along by others that were never read here: one stays as it was read until it is asked for again, and a
    /// flush that changes it fails, because it went.
    ///
    /// # Panics
    /// When the row is not there.
    #[track_caller]
    pub fn remove<E: Tracked>(&mut self, row: Ref<E>) {
        if let Err(error) = self.try_remove(row) {
            panic!("{error}");
        }
    }

    /// The same, and an error when the row is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) when the row was removed already, or is another session's.
    pub fn try_remove<E: Tracked>(&mut self, row: Ref<E>) -> Result<()> {
        if row.place.session != self.number {
            return Err(stale::<E>(row.place));
        }
        let (arena, slot) = (self.arena_mut::<E>()?, row.place.slot);
        let was_stored = match arena.content(row.place)? {
            Content::Vacant => return Err(stale::<E>(row.place)),
            Content::Pending(_) => false,
            Content::Row(kept) if kept.removed != Removed::No => return Err(gone::<E>(row.place)),
            Content::Row(kept) => kept.again.is_none(),
        };
        match arena.kept_mut(slot).filter(|_| was_stored) {
            Some(kept) => {
                kept.removed = Removed::Wanted;
                arena.list(slot);
            }
            None => arena.vacate(slot),
        }
        self.lists.leave(E::TABLE, row.place);
        Ok(())
    }

    /// The row's key. For one that is not flushed yet it is a key that stands for the real one: the flush puts that in its
    /// place in every column that refers to the entity, and goes on to do so afterwards. It means nothing in any other column.
    /// A key that you made yourself is real.
    ///
    /// # Panics
    /// When the row is not there, or its key is made by the database in a way that cannot be asked for beforehand.
    #[track_caller]
    pub fn key<E: Tracked>(&mut self, row: Ref<E>) -> E::Key {
        match self.try_key(row) {
            Ok(key) => key,
            Err(error) => panic!("{error}"),
        }
    }

    /// The same, and an error when there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) when the row is not there, or its key cannot be known before.
    pub fn try_key<E: Tracked>(&mut self, row: Ref<E>) -> Result<E::Key> {
        if row.place.session != self.number {
            return Err(stale::<E>(row.place));
        }
        self.arena_mut::<E>()?.promise(row.place)
    }

    /// What is known about the row.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) when it is not in this session any more.
    pub fn state<E: Tracked>(&self, row: Ref<E>) -> Result<RowState> {
        let arena = self.own::<E>(row);
        let arena = arena.ok_or_else(|| stale::<E>(row.place))?;
        let kept = match arena.content(row.place)? {
            Content::Vacant => return Err(stale::<E>(row.place)),
            Content::Pending(_) => return Ok(RowState::Pending),
            Content::Row(kept) => kept,
        };
        if kept.again.is_some() {
            return Ok(RowState::Pending);
        }
        if kept.removed != Removed::No {
            return Ok(RowState::Deleted);
        }
        if kept.expired {
            return Ok(RowState::Expired);
        }
        let columns = fields(arena.dirty_columns(row.place.slot));
        Ok(match columns.is_empty() {
            true => RowState::Clean,
            false => RowState::Dirty(columns),
        })
    }

    /// What a flush would write now.
    #[must_use]
    pub fn changes(&self) -> Changes {
        let mut changes = Changes::default();
        for (_, arena) in &self.arenas {
            describe(&**arena, &mut changes);
        }
        for edit in last_words(&self.edits, &self.arenas) {
            let kind = match edit.adds {
                true => ChangeKind::Link,
                false => ChangeKind::Unlink,
            };
            changes.add(kind, edit.through.table, Vec::new());
        }
        changes
    }

    fn own<E: Tracked>(&self, row: Ref<E>) -> Option<&super::arena::Arena<E>> {
        self.arena::<E>()
            .filter(|_| row.place.session == self.number)
    }
}

fn describe(arena: &dyn erased::AnyArena, changes: &mut Changes) {
    let table = arena.table();
    // What cannot be written is told of by the flush.
    let Ok(todo) = arena.todo(false) else {
        return;
    };
    for slot in &todo.inserts {
        changes.add(ChangeKind::Insert, table, names(arena.given(*slot)));
    }
    for update in &todo.updates {
        let columns = update.columns.iter();
        let columns = columns.filter_map(|at| table.columns.get(*at).copied());
        changes.add(ChangeKind::Update, table, names(columns.collect()));
    }
    for _ in &todo.deletes {
        changes.add(ChangeKind::Delete, table, Vec::new());
    }
}

fn names(columns: Vec<&'static ColumnInfo>) -> Vec<&'static str> {
    columns.into_iter().map(|column| column.name).collect()
}

fn fields(columns: Vec<&'static ColumnInfo>) -> Vec<&'static str> {
    columns.into_iter().map(|column| column.field).collect()
}

fn not_new<D>() -> Error {
    let name = std::any::type_name::<D>();
    let name = name.rsplit("::").next().unwrap_or(name);
    Error::usage(format!(
        "the row is flushed already, or was not added as a `{name}`; read it with `&s[row]`"
    ))
}
