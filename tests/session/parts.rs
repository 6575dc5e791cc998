//! Steps of random work that are about hooks, parts of the work, and rows that leave.

use crate::agreement::text;
use crate::faults::is_refused;
use crate::model::{Fields, one_more};
use crate::random::{Handle, NewPerson, Person, Step, Trial};
use ormcore::{Error, ErrorKind, Ref, Result, RowHooks, RowState, Session, async_trait};
use std::mem;

/// Counts somebody's age up with each change, and refuses some.
pub(crate) struct Watches;

fn refuse(name: &str) -> Result<()> {
    match is_refused(name) {
        true => Err(Error::refused("somebody of that name")),
        false => Ok(()),
    }
}

#[async_trait]
impl RowHooks<Person> for Watches {
    async fn before_insert(&self, s: &mut Session, row: Ref<Person>) -> Result<()> {
        refuse(&s.new_row::<NewPerson>(row)?.name)
    }

    async fn before_update(&self, s: &mut Session, row: Ref<Person>) -> Result<()> {
        s[row].age = one_more(s[row].age);
        refuse(&s[row].name)
    }
}

/// Why a part ended that was not kept.
enum Ended {
    OnPurpose,
    Flush(Error),
    Disagreed(String),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Flush(error)
    }
}

impl Trial<'_> {
    /// Steps in a part of their own, which is kept or not.
    pub(crate) async fn part(
        &mut self,
        steps: Vec<Step>,
        kept: bool,
    ) -> std::result::Result<(), String> {
        let aside = self.fresh.db.session();
        let mut session = mem::replace(&mut self.session, aside);
        let mut began = false;
        let trial = &mut *self;
        let part = session.nested(async |s| {
            began = true;
            mem::swap(s, &mut trial.session);
            let went = trial.steps_of_part(steps).await;
            mem::swap(s, &mut trial.session);
            match went {
                Err(error) => Err(Ended::Disagreed(error)),
                Ok(()) if kept => Ok(()),
                Ok(()) => Err(Ended::OnPurpose),
            }
        });
        let ended = part.await;
        self.session = session;
        match ended {
            Err(Ended::Disagreed(error)) => Err(error),
            Err(Ended::Flush(error)) if !began => self.flushed(Err(error)).map(|_| ()),
            Ok(()) => {
                self.flushed(Ok(()))?;
                self.model.end_part(true);
                Ok(())
            }
            Err(ended) => {
                if let Ended::Flush(error) = ended {
                    self.is_faulty(&error)?;
                }
                self.model.end_part(false);
                self.read_again().await
            }
        }
    }

    async fn steps_of_part(&mut self, steps: Vec<Step>) -> std::result::Result<(), String> {
        self.flushed(Ok(()))?;
        self.model.begin_part();
        for step in steps {
            let took = self.take(step.clone()).await;
            took.map_err(|error| format!("{step:?} in a part: {error}"))?;
            let agreed = self.compare().await;
            agreed.map_err(|error| format!("after {step:?} in a part: {error}"))?;
        }
        Ok(())
    }

    /// The flush at the end of a part failed, and there was a reason.
    fn is_faulty(&self, error: &Error) -> std::result::Result<(), String> {
        let model = &self.model;
        match model.promises_nobody() || model.refuses() || !model.faults().is_empty() {
            true => Ok(()),
            false => Err(format!("for no reason: {error:?}")),
        }
    }

    /// A row leaves, unless it is not sure yet what becomes of it.
    pub(crate) fn detach(&mut self, number: u8) -> std::result::Result<(), String> {
        let Some(at) = self.pick(number, |_| true) else {
            return Ok(());
        };
        let row = &self.model.rows[at];
        let linked = self.model.linked.iter().any(|(of, ..)| *of == at);
        let stays = row.again || linked || row.before.iter().any(|before| before.written);
        let left = match self.handles[at] {
            Handle::Person(row) => self.session.detach(row),
            Handle::Note(row) => self.session.detach(row),
        };
        match left {
            Ok(()) if !stays => {
                self.model.rows[at].forgotten = true;
                Ok(())
            }
            Err(error) if stays && error.kind() == ErrorKind::Usage => Ok(()),
            left => Err(format!("{left:?} of {:?}", self.model.rows[at])),
        }
    }

    /// Somebody as a plain value, changed, and put back.
    pub(crate) async fn merge(&mut self, number: u8, to: u8) -> std::result::Result<(), String> {
        let Some((at, row)) = self.person(number) else {
            return Ok(());
        };
        let Ok(known) = self.session.try_row(row) else {
            return Ok(());
        };
        let (new_name, new_age) = (format!("n{to}"), Some(i32::from(to) * 1000));
        let value = Person {
            id: known.id,
            name: new_name.clone(),
            email: known.email.clone(),
            age: new_age,
            version: known.version,
        };
        let merged = self.session.merge(value).await.map_err(text)?;
        if let Fields::User { name, age, .. } = &mut self.model.rows[at].now {
            (*name, *age) = (new_name, new_age);
        }
        match merged == row {
            true => Ok(()),
            false => Err("what is merged has another handle".into()),
        }
    }

    /// A row has to be read again, and is.
    pub(crate) async fn expire(&mut self, number: u8) -> std::result::Result<(), String> {
        let Some((at, row)) = self.person(number) else {
            return Ok(());
        };
        let known = &self.model.rows[at];
        let stays = known.is_pending() || known.is_dirty();
        match self.session.expire(row) {
            Err(error) if stays && error.kind() == ErrorKind::Usage => return Ok(()),
            Ok(()) if !stays => {}
            other => return Err(format!("{other:?} of {known:?}")),
        }
        match self.session.state(row) {
            Ok(RowState::Expired) => self.refresh(number).await,
            other => Err(format!("{other:?} of a row that has expired")),
        }
    }
}
