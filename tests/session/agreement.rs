//! The session, the database and the model agree.

use crate::faults::Fault;
use crate::fresh::Fresh;
use crate::model::{Fields, PostRow, Stored, UserRow};
use crate::random::{Handle, Note, Person, Trial};
use futures_util::FutureExt as _;
use ormcore::{Error, ErrorKind, Ref, RowState};

impl Trial<'_> {
    /// Begins a flush and drops it; whether anything was sent.
    pub(crate) fn drop_half_way(&mut self) -> Result<bool, String> {
        let faults = self.model.faults();
        let (nothing, settled) = (self.model.is_idle(), self.model.is_settled_by_hooks());
        match self.session.flush().now_or_never() {
            None => Ok(true),
            Some(Ok(_)) if nothing => Ok(false),
            // What a hook makes of the rows is what they were.
            Some(Ok(_)) if settled => self.flushed(Ok(())).map(|_| false),
            Some(Err(error))
                if error.kind() == ErrorKind::Usage && self.model.promises_nobody() =>
            {
                Ok(false)
            }
            Some(Err(error)) if error.kind() == ErrorKind::Refused && self.model.refuses() => {
                Ok(false)
            }
            Some(answer) => Err(format!("{answer:?} at once, with {faults:?}")),
        }
    }

    pub(crate) async fn roll_back(&mut self) -> Result<(), String> {
        self.session.rollback().await.map_err(text)?;
        self.model.roll_back();
        self.read_again().await
    }

    /// What was read in a transaction that is undone has to be read again, and is what it was without it.
    pub(crate) async fn read_again(&mut self) -> Result<(), String> {
        for (at, handle) in self.handles.iter().enumerate() {
            let id = self.model.rows[at].id.unwrap_or_default();
            let found = match *handle {
                Handle::Person(row) if is_expired(self.session.state(row)) => self
                    .session
                    .get::<Person>(id)
                    .await
                    .map(|found| found == row),
                Handle::Note(row) if is_expired(self.session.state(row)) => {
                    self.session.get::<Note>(id).await.map(|found| found == row)
                }
                _ => continue,
            };
            if !found.map_err(text)? {
                return Err(format!("row {at} is another when it is read again"));
            }
            // It may have been stale before.
            let view = self.model.transaction.as_ref();
            let view = view.unwrap_or(&self.model.stored);
            if let (Some(user), Handle::Person(_)) = (view.users.get(&id).cloned(), handle) {
                let (fields, version) = user.fields();
                self.model.read(at, fields, version);
            }
        }
        Ok(())
    }

    /// What came of a flush is what the model says; whether it went well.
    pub(crate) fn flushed(&mut self, answer: Result<(), Error>) -> Result<bool, String> {
        let faults = self.model.faults();
        match answer {
            Ok(()) if self.model.refuses() => Err("nobody was refused".into()),
            Ok(()) if faults.is_empty() => {
                let ids: Vec<i64> = (0..self.handles.len()).map(|at| self.id(at)).collect();
                self.model.flush(|at| ids[at]);
                Ok(true)
            }
            Ok(()) => Err(format!("it went well, although {faults:?}")),
            Err(error) => {
                // Refused before anything is sent: nothing is lost either.
                if error.kind() == ErrorKind::Usage && self.model.promises_nobody() {
                    return Ok(false);
                }
                if error.kind() == ErrorKind::Refused && self.model.refuses() {
                    return Ok(false);
                }
                let fault = match error.kind() {
                    ErrorKind::StaleVersion => Fault::Stale,
                    ErrorKind::UniqueViolation => Fault::Taken,
                    ErrorKind::ForeignKeyViolation => Fault::Nobody,
                    _ => return Err(text(error)),
                };
                if !faults.contains(&fault) {
                    return Err(format!("{faults:?} and not: {error}"));
                }
                let Some(failure) = self.session.failure() else {
                    return Err("nothing is said of the failure".into());
                };
                let named = failure.rows::<Person>();
                if fault == Fault::Taken && !self.are_alike(&named) {
                    return Err(format!("{named:?} and not those of: {error}"));
                }
                self.model.lose();
                Ok(false)
            }
        }
    }

    /// Whether these want one email, or have it so far, and others do so too.
    fn are_alike(&self, rows: &[Ref<Person>]) -> bool {
        let emails = |row: &Ref<Person>| {
            let mut handles = self.handles.iter();
            let is_it = |handle: &Handle| matches!(handle, Handle::Person(other) if other == row);
            let row = handles.position(is_it).map(|at| &self.model.rows[at]);
            let had = row.and_then(|row| row.flushed.as_ref());
            let all = row.map(|row| &row.now).into_iter();
            let all = all.chain(had.map(|(fields, _)| fields));
            let emails: Vec<&str> = all
                .filter_map(|fields| match fields {
                    Fields::User { email, .. } => Some(&**email),
                    Fields::Post { .. } => None,
                })
                .collect();
            emails
        };
        let view = self.model.transaction.as_ref();
        let view = view.unwrap_or(&self.model.stored);
        let Some(first) = rows.first().map(emails) else {
            return false;
        };
        let has = |fields: &Fields, its: &str| matches!(fields, Fields::User { email, .. } if email == its);
        first.into_iter().any(|first| {
            // Another row may be in a statement of its own.
            let wanted = self.model.rows.iter();
            let wanted = wanted.filter(|row| row.is_pending() || row.is_dirty());
            rows.iter().all(|row| emails(row).contains(&first))
                && (wanted.filter(|row| has(&row.now, first)).count() > 1
                    || view.users.values().any(|user| user.email == first))
        })
    }

    fn id(&self, at: usize) -> i64 {
        match self.handles[at] {
            Handle::Person(row) => self.session.try_row(row).map_or(0, |row| row.id),
            Handle::Note(row) => self.session.try_row(row).map_or(0, |row| row.id),
        }
    }

    pub(crate) fn found(
        &mut self,
        row: Ref<Person>,
        id: i64,
        person: UserRow,
    ) -> Result<(), String> {
        let UserRow {
            name,
            email,
            age,
            version,
        } = person;
        let at = self
            .model
            .found(id, Fields::User { name, email, age }, version);
        if at == self.handles.len() {
            self.handles.push(Handle::Person(row));
            return Ok(());
        }
        match self.handles[at] {
            Handle::Person(known) if known == row => Ok(()),
            other => Err(format!("{row:?} was found where {other:?} is known")),
        }
    }

    pub(crate) async fn refresh(&mut self, number: u8) -> Result<(), String> {
        let Some((at, row)) = self.person(number) else {
            return Ok(());
        };
        let refreshed = self.session.refresh(row).await;
        let known = &self.model.rows[at];
        if known.flushed.is_none() {
            return match refreshed {
                Err(error) if matches!(error.kind(), ErrorKind::Usage) => Ok(()),
                other => Err(format!("{other:?} for a row that is not there")),
            };
        }
        let view = self.model.transaction.as_ref();
        let view = view.unwrap_or(&self.model.stored);
        let id = known.id.unwrap_or_default();
        match (refreshed, view.users.get(&id).cloned()) {
            (Ok(()), Some(user)) => {
                let (fields, version) = user.fields();
                self.model.read(at, fields, version);
                Ok(())
            }
            (Err(error), None) if error.is_not_found() => Ok(()),
            (answer, view) => Err(format!("{answer:?} for {view:?}")),
        }
    }

    /// The session shows what the model does, and the database holds it.
    pub(crate) async fn compare(&self) -> Result<(), String> {
        for (at, row) in self.model.rows.iter().enumerate() {
            let (state, shown) = match self.handles[at] {
                Handle::Person(handle) => (
                    self.session.state(handle),
                    self.session
                        .try_row(handle)
                        .map(|row| format!("{:?}", stored(row))),
                ),
                Handle::Note(handle) => (
                    self.session.state(handle),
                    self.session.try_row(handle).map(|row| row.title.clone()),
                ),
            };
            let agrees = match &state {
                Err(_) => row.forgotten,
                Ok(RowState::Pending) => row.is_pending(),
                Ok(RowState::Dirty(_)) => row.is_dirty(),
                Ok(RowState::Deleted) => row.removed && !row.forgotten,
                Ok(RowState::Clean) => {
                    !row.forgotten && !row.removed && !row.is_pending() && !row.is_dirty()
                }
                Ok(_) => false,
            };
            if !agrees {
                return Err(format!("row {at} is {state:?}, and in the model {row:?}"));
            }
            if let (true, Some((_, version))) = (row.is_readable(), &row.flushed) {
                let expected = match row.now.clone() {
                    Fields::User { name, email, age } => {
                        let version = *version;
                        format!(
                            "{:?}",
                            UserRow {
                                name,
                                email,
                                age,
                                version
                            }
                        )
                    }
                    Fields::Post { title, .. } => title,
                };
                if shown.as_ref().ok() != Some(&expected) {
                    return Err(format!("row {at} shows {shown:?}, and not {expected}"));
                }
            }
        }
        let changes = self.session.changes();
        let counts = (changes.pending(), changes.dirty(), changes.deleted());
        if counts != self.model.counts() {
            return Err(format!("{counts:?} and not {:?}", self.model.counts()));
        }
        let stored = stored_now(self.fresh).await.map_err(text)?;
        match stored == self.model.stored {
            true => Ok(()),
            false => Err(format!(
                "stored is {stored:?}, and not {:?}",
                self.model.stored
            )),
        }
    }
}

fn is_expired(state: Result<RowState, Error>) -> bool {
    matches!(state, Ok(RowState::Expired))
}

async fn stored_now(fresh: &Fresh) -> Result<Stored, Error> {
    let people = Person::find().all(&fresh.db).await?;
    let notes = Note::find().with(Note::LABELS).all(&fresh.db).await?;
    let mut found = Stored::default();
    for person in &people {
        found.users.insert(person.id, stored(person));
    }
    for note in notes {
        let labels = note.labels.get()?.iter();
        found.links.extend(labels.map(|label| (note.id, label.id)));
        let (author, title) = (note.author_id, note.title);
        found.posts.insert(note.id, PostRow { author, title });
    }
    Ok(found)
}

pub(crate) fn stored(person: &Person) -> UserRow {
    UserRow {
        name: person.name.clone(),
        email: person.email.clone(),
        age: person.age,
        version: person.version,
    }
}

pub(crate) fn text(error: Error) -> String {
    format!("{error:?}")
}
