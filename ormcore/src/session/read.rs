//! Rows from the database: each is read once, and found again by its key.

use super::Session;
use super::changes::RowState;
use super::kept::{Content, Known, Removed};
use super::reference::Ref;
use super::refusal::{pending, stale};
use super::tracked::Tracked;
use crate::db::{self, Reads, Request, Row, Transaction};
use crate::entity::Key as _;
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Find, Get, Question};
use crate::sql::Operation;
use crate::telemetry::Page;
use std::any::TypeId;
use std::panic::Location;

type Caller = &'static Location<'static>;

/// A limit up to this is taken for the number of rows.
const LIKELY: i64 = 4096;

impl Session {
    /// The row with this key. One that is known is asked for only if it has expired.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, or it was removed here. Those of [`flush`](Self::flush).
    #[track_caller]
    pub fn get<E: Tracked>(
        &mut self,
        key: E::Key,
    ) -> impl Future<Output = Result<Ref<E>>> + Send + '_ {
        let caller = Location::caller();
        async move {
            let found = self.get_at::<E>(key, caller).await?;
            found.ok_or_else(|| not_found::<E>(caller))
        }
    }

    /// The row with this key, if there is one.
    ///
    /// # Errors
    /// Those of [`flush`](Self::flush); when the statement fails.
    #[track_caller]
    pub fn maybe<E: Tracked>(
        &mut self,
        key: E::Key,
    ) -> impl Future<Output = Result<Option<Ref<E>>>> + Send + '_ {
        self.get_at(key, Location::caller())
    }

    /// The row with this key, locked until the session is committed or rolled back: nobody else can change, delete or lock it
    /// meanwhile. Waits for whoever has locked it. Begins the session's transaction.
    ///
    /// A row that is known is read again behind the lock, so that it is as it is now. One that was changed here and not flushed
    /// keeps what was changed; where rows have a version, its flush then tells that somebody was faster.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, or it was removed here; those of [`flush`](Self::flush).
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct Account { #[orm(primary_key)] id: i64, cents: i64 }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut s = db.session();
    /// let account = s.get_for_update::<Account>(1).await?;
    /// if s[account].cents >= 500 {
    ///     s[account].cents -= 500;
    /// }
    /// s.commit().await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn get_for_update<E: Tracked>(
        &mut self,
        key: E::Key,
    ) -> impl Future<Output = Result<Ref<E>>> + Send + '_ {
        let caller = Location::caller();
        async move {
            let question = Get::<E>::by(&key).for_update().into_question(caller);
            let found = self.ask(question, Known::Stays, caller).await?.pop();
            found.ok_or_else(|| not_found::<E>(caller))
        }
    }

    pub(super) async fn get_at<E: Tracked>(
        &mut self,
        key: E::Key,
        caller: Caller,
    ) -> Result<Option<Ref<E>>> {
        self.recover()?;
        if let Some(known) = self.known::<E>(&key)? {
            self.db.telemetry().identity_map(E::TABLE.name, 1, 0);
            return Ok(known);
        }
        let found = self.ask(
            Get::<E>::by(&key).into_question(caller),
            Known::Stays,
            caller,
        );
        Ok(found.await?.pop())
    }

    /// What is known of the key without asking; it may be that it was removed.
    #[expect(
        clippy::option_option,
        reason = "known to be there, known to be gone, not known"
    )]
    fn known<E: Tracked>(&mut self, key: &E::Key) -> Result<Option<Option<Ref<E>>>> {
        let arena = self.arena_mut::<E>()?;
        let Some(slot) = arena.by_key.get(&key.keys()) else {
            return Ok(None);
        };
        let place = arena.place(slot);
        Ok(match arena.kept(slot) {
            Some(kept) if kept.removed != Removed::No => Some(None),
            Some(kept) if kept.expired => None,
            Some(_) => Some(Some(Ref::new(place))),
            None => None,
        })
    }

    /// All the rows of a question, in its order: `s.all(User::find().filter(User::AGE.ge(18)))`.
    ///
    /// Rows that are known stay as they are here, also where they were changed. Those that are to be removed are left out.
    ///
    /// # Errors
    /// Those of [`flush`](Self::flush); when the statement fails, or a row cannot be read.
    #[track_caller]
    pub fn all<E: Tracked>(
        &mut self,
        question: Find<E>,
    ) -> impl Future<Output = Result<Vec<Ref<E>>>> + Send + '_ {
        let caller = Location::caller();
        async move {
            let question = question.into_question(Operation::Find, caller);
            self.ask(question, Known::Stays, caller).await
        }
    }

    /// The only row of a question.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::TooManyRows`] when there are more; those of
    /// [`all`](Self::all).
    #[track_caller]
    pub fn one<E: Tracked>(
        &mut self,
        question: Find<E>,
    ) -> impl Future<Output = Result<Ref<E>>> + Send + '_ {
        let caller = Location::caller();
        async move {
            let question = question
                .at_most(2)
                .into_question(Operation::FindOne, caller);
            let mut rows = self.ask(question, Known::Stays, caller).await?;
            if rows.len() > 1 {
                let entity = E::TABLE.entity;
                let message =
                    format!("more than one `{entity}` matches; ask for `.first(…)` or `.all(…)`");
                return Err(Error::new(ErrorKind::TooManyRows, message).at(caller));
            }
            rows.pop().ok_or_else(|| not_found::<E>(caller))
        }
    }

    /// The first row of a question, if there is one.
    ///
    /// # Errors
    /// Those of [`all`](Self::all).
    #[track_caller]
    pub fn first<E: Tracked>(
        &mut self,
        question: Find<E>,
    ) -> impl Future<Output = Result<Option<Ref<E>>>> + Send + '_ {
        let caller = Location::caller();
        async move {
            let question = question.limit(1).into_question(Operation::FindOne, caller);
            Ok(self.ask(question, Known::Stays, caller).await?.pop())
        }
    }

    /// Reads a row again; what was changed here since the last flush is forgotten, and so is what it leads to: that has to be
    /// loaded again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when it is not there any more; [`ErrorKind::Usage`] when the row is not in this session, is not
    /// flushed yet, or its key was changed here.
    #[track_caller]
    pub fn refresh<E: Tracked>(
        &mut self,
        row: Ref<E>,
    ) -> impl Future<Output = Result<()>> + Send + '_ {
        let caller = Location::caller();
        async move {
            self.recover()?;
            let key = self.stored_key(row)?;
            let question = Get::<E>::by(&key).into_question(caller);
            let found = self.ask(question, Known::IsRead, caller).await?;
            if found.is_empty() {
                return Err(not_found::<E>(caller));
            }
            self.lists.forget(E::TABLE, row.place);
            self.relist_row(row);
            Ok(())
        }
    }

    /// Says that a row, which may have changed in the database, has to be read again before it is used. What it leads to, and
    /// what leads to it, is asked for by the next load.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when it was changed here and not flushed, or is not in this session.
    pub fn expire<E: Tracked>(&mut self, row: Ref<E>) -> Result<()> {
        self.stored_key(row)?;
        let changed = matches!(self.state(row)?, RowState::Dirty(_));
        let kept = self.arena_mut::<E>()?.kept_mut(row.place.slot);
        match kept {
            Some(kept) if !changed => {
                (kept.before, kept.expired) = (None, true);
                self.lists.forget(E::TABLE, row.place);
                self.lists.doubt(E::TABLE, row.place);
                Ok(())
            }
            _ => Err(Error::usage(format!(
                "a `{}` that was changed cannot expire; flush it, or refresh it",
                E::TABLE.entity
            ))),
        }
    }

    /// The key of a row that is in the database, and not to be removed.
    fn stored_key<E: Tracked>(&mut self, row: Ref<E>) -> Result<E::Key> {
        if row.place.session != self.number {
            return Err(stale::<E>(row.place));
        }
        let arena = self.arena_mut::<E>()?;
        let key = match arena.content(row.place)? {
            Content::Row(kept) if kept.again.is_some() => return Err(pending::<E>(row.place)),
            Content::Row(kept) if kept.removed == Removed::No => kept.row.key(),
            _ => arena.row(row.place)?.row.key(),
        };
        match arena.stored_key(row.place.slot) {
            Some(stored) if stored != key.keys() => Err(Error::usage(format!(
                "the key of a `{}` was changed here, and that of a stored row stays: give it back its key, or call `rollback`",
                E::TABLE.entity
            ))),
            _ => Ok(key),
        }
    }

    /// Begins the transaction, if what is read has to be read in one.
    pub(super) async fn begin_to_read(&mut self, locks: bool, caller: Caller) -> Result<()> {
        if self.transaction.is_none() && (locks || self.isolation.is_some()) {
            let begun = Transaction::within(&self.db, self.isolation, caller).await;
            self.transaction = Some(begun.map_err(|error| error.at(caller))?);
        }
        Ok(())
    }

    /// Asks, behind what changed, and in the session's transaction if there is one or has to be.
    pub(super) async fn ask<E: Tracked>(
        &mut self,
        question: Question<E>,
        known: Known,
        caller: Caller,
    ) -> Result<Vec<Ref<E>>> {
        self.recover()?;
        self.keeps_to_one_scope::<E>(question.select.base.said())
            .map_err(|error| error.at(caller))?;
        self.before_load(TypeId::of::<E>()).await?;
        if self.autoflush && known == Known::Stays {
            self.flush_at(caller, false).await?;
        }
        let locks = question.select.base.lock().is_some();
        let known = match known {
            Known::Stays if locks => Known::CleanIsRead,
            known => known,
        };
        self.begin_to_read(locks, caller).await?;
        if !question.withs.is_empty() || self.has_rivals::<E>()? {
            let rows = Box::pin(self.fetch(question, known)).await;
            return rows.map_err(|error| error.at(caller));
        }
        let set = self.next_set();
        let db = self.db.clone();
        let kind = TypeId::of::<E>();
        let watched = self.hooks.watches(kind);
        let (source, arena) = self.source_and_arena::<E>()?;
        let likely = likely(question.page);
        arena.reserve(likely);
        let (mut rows, mut hits, mut loaded) = (Vec::with_capacity(likely), 0, Vec::new());
        let request = Request {
            statement: &question.select,
            reads: Reads::Table(E::TABLE),
            page: question.page,
            writes: false,
            caller,
        };
        db::run(source, request, &mut |row: Row<'_>| {
            if let Some((slot, was_known)) = arena.read(row, known, set)? {
                hits += u64::from(was_known);
                let place = arena.place(slot);
                if watched && !was_known {
                    loaded.push((kind, place));
                }
                rows.push(Ref::new(place));
            }
            Ok(())
        })
        .await?;
        let misses = rows.len() as u64 - hits;
        db.telemetry().identity_map(E::TABLE.name, hits, misses);
        self.loaded(loaded).await?;
        Ok(rows)
    }
}

/// How many rows there may be: there is room for them before they come.
pub(super) fn likely(page: Page) -> usize {
    let likely = page.limit.unwrap_or(0).clamp(0, LIKELY);
    usize::try_from(likely).unwrap_or(0)
}

fn not_found<E: Tracked>(caller: Caller) -> Error {
    let table = E::TABLE;
    let message = format!("no such `{}` in table `{}`", table.entity, table.name);
    Error::new(ErrorKind::NotFound, message).at(caller)
}
