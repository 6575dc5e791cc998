//! Rows that may have changed since they were read.

use crate::entity::{Entity, Versioned};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::Expr;
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

    /// What was not written was not there any more.
    pub(super) fn check<E: Entity>(
        self,
        affected: u64,
        caller: &'static Location<'static>,
    ) -> Result<()> {
        if !self.0 || affected > 0 {
            return Ok(());
        }
        let key: Vec<&str> = E::TABLE.key.iter().map(|column| column.name).collect();
        let message = format!(
            "the `{}` with this `{}` has another version than the one that was read, or is gone: somebody else changed it; \
             read it again, and change that",
            E::TABLE.entity,
            key.join("`, `")
        );
        Err(Error::new(ErrorKind::StaleVersion, message).at(caller))
    }
}
