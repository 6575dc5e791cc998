//! Which rows a statement that failed is about: PostgreSQL is asked, once everything is rolled back.

use super::Session;
use super::doubt::Doubt;
use super::failure::Failure;
use super::missing::Missing;
use super::reference::Place;
use crate::db::Source;
use crate::error::Error;
use crate::sql::explained;
use std::panic::Location;

type Caller = &'static Location<'static>;

/// Why nothing was written.
pub(super) enum Refused {
    /// All that can be said is said.
    Told(Error),
    /// A statement failed; perhaps more can be found out.
    Failed(Error, Doubts),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

/// What is to be asked when a statement has failed.
pub(super) struct Doubts {
    /// What the statements before it have not written.
    pub(super) missing: Vec<Missing>,
    /// For which of its rows it failed.
    pub(super) rows: Option<Box<Doubt>>,
}

/// What was found out.
#[derive(Default)]
struct Found {
    /// This was wrong before.
    first: Option<(Failure, Error)>,
    rows: Vec<Place>,
    others: Vec<Place>,
}

impl Session {
    /// The error of a flush that was undone, with the rows that it is about. Where nobody can tell, all that were sent are.
    pub(super) async fn tell(&mut self, refused: Refused, caller: Caller) -> Error {
        let (mut error, doubts) = match refused {
            Refused::Told(error) => return error,
            Refused::Failed(error, doubts) => (error, doubts),
        };
        let found = match &mut self.transaction {
            _ if doubts.missing.is_empty() && doubts.rows.is_none() => Found::default(),
            None => doubts.look(Source::of(&self.db), caller).await,
            // What goes on around a part of the session is not put at risk.
            Some(transaction) => match transaction.savepoint().await {
                Ok(savepoint) => doubts.look(Source::of(&savepoint), caller).await,
                Err(_) => Found::default(),
            },
        };
        if let Some((failure, first)) = found.first {
            (self.failure, error) = (Some(failure), first);
        } else if let Some(failure) = &mut self.failure {
            failure.narrow(found.rows, found.others);
        }
        match &self.failure {
            Some(failure) => error.about(&failure.text()),
            None => error,
        }
    }
}

impl Doubts {
    async fn look(self, source: Source<'_>, caller: Caller) -> Found {
        let mut found = Found::default();
        for missing in self.missing {
            found.first = missing.told_apart(source, caller).await;
            if found.first.is_some() {
                return found;
            }
        }
        if let Some(doubt) = self.rows {
            (found.rows, found.others) = doubt.look(source, caller).await;
        }
        found
    }
}

impl Session {
    /// What there is to ask about a COMMIT that was refused, for a constraint that is looked at only then.
    pub(super) fn doubts_of_commit(&self, error: &Error) -> Vec<(Failure, Doubt)> {
        let arenas = self.arenas.iter();
        let doubts = arenas.filter_map(|(_, arena)| Doubt::of_commit(&**arena, error));
        doubts.collect()
    }

    /// The error of a COMMIT that was refused, with the rows that it is about, if the session knows them.
    pub(super) async fn tell_of_commit(
        &mut self,
        error: Error,
        doubts: Vec<(Failure, Doubt)>,
        caller: Caller,
    ) -> Error {
        for (mut failure, doubt) in doubts {
            let (rows, others) = doubt.look(Source::of(&self.db), caller).await;
            if rows.is_empty() {
                continue;
            }
            let error = match explained(&error, failure.table()) {
                Some(what) => error.about(&what),
                None => error,
            };
            failure.narrow(rows, others);
            let text = failure.text();
            self.failure = Some(failure);
            return error.about(&text);
        }
        error
    }
}
