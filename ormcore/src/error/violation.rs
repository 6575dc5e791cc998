//! Constraints: which one was violated, and what it is about.

use super::{Error, ErrorKind};

impl Error {
    /// The schema of the table PostgreSQL names in its refusal.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.0.database.as_ref()?.schema.as_deref()
    }

    /// The columns a unique, exclusion, foreign key or NOT NULL constraint is about, as PostgreSQL names them.
    ///
    /// None, when it does not: it leaves them out where the user may not read the columns, or the rows have a security policy,
    /// and never tells those of a check. An index over an expression has the expression here.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        let database = self.0.database.as_ref();
        database.map_or(&[], |database| &database.columns)
    }

    /// The columns of the row that others still refer to, as PostgreSQL names them: they are of another table than
    /// [`table`](Self::table).
    pub(crate) fn referred(&self) -> &[String] {
        let database = self.0.database.as_ref();
        database.map_or(&[], |database| &database.referred)
    }

    /// Whether a column that must have a value got none.
    #[must_use]
    pub fn is_not_null_violation(&self) -> bool {
        self.kind() == ErrorKind::NotNullViolation
    }

    /// Whether a check constraint says no.
    #[must_use]
    pub fn is_check_violation(&self) -> bool {
        self.kind() == ErrorKind::CheckViolation
    }

    /// Says first what that means to those who know the entity and not the table.
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.0.message = format!("{what}: {}", self.0.message).into();
        self
    }
}
