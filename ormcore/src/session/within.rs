//! A session keeps to one scope: there a key is one row's, and a handle leads to no other tenant's.

use super::Session;
use super::tracked::Tracked;
use crate::error::{Error, Result};
use crate::sql::Said;

impl Session {
    /// Refuses to read rows that have a scope, unless the session's handle says which; a question may not say another.
    pub(super) fn keeps_to_one_scope<E: Tracked>(&self, question: Option<&Said>) -> Result<()> {
        let keeps = matches!(self.db.said(), Some(Said::One(_))) && question.is_none();
        if E::TABLE.scope.is_none() || keeps {
            return Ok(());
        }
        Err(Error::usage(format!(
            "rows of `{}` have a scope, and a session keeps to one: begin it on a handle that says which, \
             `db.scope(…).session()`, and let its questions say none",
            E::TABLE.entity
        )))
    }
}
