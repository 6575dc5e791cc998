//! Rows that may have changed since they were read.

use super::wanted::told;
use crate::db::Source;
use crate::entity::{Entity, Versioned};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Expr, Statement};
use crate::value::Value as _;
use std::panic::Location;

/// Whether a statement is only for a version that was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen(bool);

impl Seen {
    /// The condition that a row still has this version.
    pub(super) fn version<E: Versioned>(&mut self, version: E::Version) -> Option<Expr> {
        self.0 = true;
        let column = E::TABLE.version?;
        Some(Expr::Compare {
            column,
            op: " = ",
            value: version.into_param(),
        })
    }

    /// What this statement did not write was not there any more.
    pub(super) fn check<E: Entity>(
        self,
        affected: u64,
        statement: &impl Statement,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<()> {
        if !self.0 || affected > 0 {
            return Ok(());
        }
        let error = Error::new(ErrorKind::StaleVersion, stale::<E>());
        Err(told(error, statement, source, caller))
    }

    /// The same of a row that was only asked for.
    pub(super) fn told<E: Entity>(self, error: Error) -> Error {
        match self.0 && error.is_not_found() {
            true => error
                .with_kind(ErrorKind::StaleVersion)
                .about(&stale::<E>()),
            false => error,
        }
    }

    /// Whether there has to be a row.
    pub(super) fn is_asked(self) -> bool {
        self.0
    }
}

fn stale<E: Entity>() -> String {
    let key: Vec<&str> = E::TABLE.key.iter().map(|column| column.name).collect();
    format!(
        "the `{}` with this `{}` has another version than the one that was read, or is gone: somebody else changed it; \
         read it again, and change that",
        E::TABLE.entity,
        key.join("`, `")
    )
}
