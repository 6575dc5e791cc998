//! What can go wrong, and the questions a caller may ask about it.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// The result of everything in ormcore that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something did not work.
///
/// It is opaque: ask [`kind`](Error::kind), or one of the `is_…` questions. Its text names the thing, the
/// statement and the line of your code that asked for it, and never holds a value you stored or bound:
/// what PostgreSQL says in a `DETAIL` (it quotes the row) is only in [`Error::detail`].
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    database: Option<DatabaseError>,
    statement: Option<Arc<str>>,
    location: Option<&'static Location<'static>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A row was asked for by key or condition, and there is none.
    NotFound,
    /// One row was asked for, and there are more.
    TooManyRows,
    /// A unique constraint or index has that value already (SQLSTATE 23505).
    UniqueViolation,
    /// A referenced row is missing, or a row is still referenced (SQLSTATE 23503).
    ForeignKeyViolation,
    /// A check constraint says no (SQLSTATE 23514).
    CheckViolation,
    /// A column that must have a value got none (SQLSTATE 23502).
    NotNullViolation,
    /// Concurrent transactions could not be put in an order (SQLSTATE 40001); run the transaction again.
    Serialization,
    /// Transactions waited for each other (SQLSTATE 40P01); run the transaction again.
    Deadlock,
    /// Somebody else has the lock that was asked for without waiting, or for too long (SQLSTATE 55P03).
    LockNotAvailable,
    /// PostgreSQL refused the statement for another reason; [`Error::code`] says which.
    Database,
    /// A time limit passed before an answer came: the statement may or may not have been executed.
    Timeout,
    /// No connection became free within the pool's wait time.
    PoolTimeout,
    /// No connection could be made.
    Connect,
    /// The connection ended while the statement ran: it may or may not have been executed.
    ConnectionLost,
    /// The connection ended while COMMIT ran: the transaction may or may not have been committed.
    CommitUnknown,
    /// The transaction cannot be committed: an earlier statement failed, or was not waited for.
    TransactionAborted,
    /// A column cannot be read as the field's type.
    Decode,
    /// A value cannot be sent as the parameter's type.
    Encode,
    /// A relation was read that has not been loaded.
    NotLoaded,
    /// The rows of one result loaded a relation one by one, and the settings make that an error.
    NPlusOne,
    /// The question itself makes no sense, and was not sent.
    Usage,
    /// The configuration cannot be used.
    Config,
}

/// What PostgreSQL said, without what it quotes.
#[derive(Clone)]
pub(crate) struct DatabaseError {
    pub(crate) code: Box<str>,
    pub(crate) detail: Option<Box<str>>,
    pub(crate) constraint: Option<Box<str>>,
    pub(crate) table: Option<Box<str>>,
    pub(crate) column: Option<Box<str>>,
    /// The server ended the session with this.
    pub(crate) fatal: bool,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            database: None,
            statement: None,
            location: None,
            source: None,
        }))
    }

    pub(crate) fn usage(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    pub(crate) fn with_database(mut self, database: DatabaseError) -> Self {
        self.0.database = Some(database);
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds the statement, unless a deeper place already said which it was.
    pub(crate) fn with_statement(mut self, statement: &Arc<str>) -> Self {
        if self.0.statement.is_none() {
            self.0.hide_values(statement);
            self.0.statement = Some(Arc::clone(statement));
        }
        self
    }

    /// Adds the caller's line, unless a deeper place already did.
    pub(crate) fn at(mut self, location: &'static Location<'static>) -> Self {
        self.0.location.get_or_insert(location);
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// PostgreSQL's five-character SQLSTATE, if the server refused
    /// (see [Appendix A](https://www.postgresql.org/docs/current/errcodes-appendix.html) of its manual).
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.database.as_ref().map(|database| &*database.code)
    }

    /// The name of the constraint that was violated.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.0.database.as_ref()?.constraint.as_deref()
    }

    /// The table PostgreSQL names in its refusal.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.0.database.as_ref()?.table.as_deref()
    }

    /// The column PostgreSQL names in its refusal.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.0.database.as_ref()?.column.as_deref()
    }

    /// PostgreSQL's `DETAIL`, which may quote stored values: show it to nobody who may not see them.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.0.database.as_ref()?.detail.as_deref()
    }

    /// The text of the statement, with placeholders.
    #[must_use]
    pub fn statement(&self) -> Option<&str> {
        self.0.statement.as_deref()
    }

    /// The line of your code that asked.
    #[must_use]
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.0.location
    }

    /// Whether there was no such row.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether a unique constraint has that value already.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        self.0.kind == ErrorKind::UniqueViolation
    }

    /// Whether a referenced row is missing, or a row is still referenced.
    #[must_use]
    pub fn is_foreign_key_violation(&self) -> bool {
        self.0.kind == ErrorKind::ForeignKeyViolation
    }

    /// Whether running the whole transaction again may work: a serialization failure or a deadlock.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Serialization | ErrorKind::Deadlock)
    }

    /// Whether it is unknown if the statement, or the commit, was carried out.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Timeout | ErrorKind::ConnectionLost | ErrorKind::CommitUnknown
        )
    }

    /// Whether it only says that something else in the transaction failed before (SQLSTATE 25P02).
    pub(crate) fn is_aftermath(&self) -> bool {
        self.code() == Some("25P02")
    }

    /// Whether the session on the server is over.
    pub(crate) fn is_fatal(&self) -> bool {
        let gone = matches!(self.0.kind, ErrorKind::ConnectionLost | ErrorKind::Timeout);
        gone || self
            .0
            .database
            .as_ref()
            .is_some_and(|database| database.fatal)
    }

    /// The value of `error.type`: the SQLSTATE, or else the kind's name; few of either.
    pub(crate) fn type_name(&self) -> String {
        match self.code() {
            Some(code) => code.to_owned(),
            None => self.0.kind.name().to_owned(),
        }
    }
}

/// What PostgreSQL quotes with, in the languages it speaks.
const QUOTES: [char; 8] = ['"', '«', '»', '„', '“', '”', '「', '」'];

impl Inner {
    /// What the server quotes is a name that the statement holds, or that of what refused; else it was bound or stored.
    fn hide_values(&mut self, statement: &str) {
        let Some(database) = &self.database else {
            return;
        };
        let names = [&database.constraint, &database.table, &database.column];
        let names = || names.into_iter().flatten();
        let is_name = |quoted: &str| {
            let quoted = quoted.trim();
            statement.contains(quoted) || names().any(|name| **name == *quoted)
        };
        // Every second part stands between quotes.
        if self.message.split(QUOTES).skip(1).step_by(2).all(is_name) {
            return;
        }
        let first = self.message.find(QUOTES);
        let last = self.message.rmatch_indices(QUOTES).next();
        if let Some((first, (last, quote))) = first.zip(last) {
            let quoted = first..last + quote.len();
            self.message.to_mut().replace_range(quoted, "\"…\"");
        }
    }
}

impl ErrorKind {
    /// The kind's name as telemetry shows it, in snake case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::TooManyRows => "too_many_rows",
            Self::UniqueViolation => "unique_violation",
            Self::ForeignKeyViolation => "foreign_key_violation",
            Self::CheckViolation => "check_violation",
            Self::NotNullViolation => "not_null_violation",
            Self::Serialization => "serialization_failure",
            Self::Deadlock => "deadlock",
            Self::LockNotAvailable => "lock_not_available",
            Self::Database => "database",
            Self::Timeout => "timeout",
            Self::PoolTimeout => "pool_timeout",
            Self::Connect => "connect",
            Self::ConnectionLost => "connection_lost",
            Self::CommitUnknown => "commit_unknown",
            Self::TransactionAborted => "transaction_aborted",
            Self::Decode => "decode",
            Self::Encode => "encode",
            Self::NotLoaded => "not_loaded",
            Self::NPlusOne => "n_plus_one",
            Self::Usage => "usage",
            Self::Config => "config",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            message,
            database,
            statement,
            location,
            source,
            ..
        } = &*self.0;
        f.write_str(message)?;
        if let Some(database) = database {
            write!(f, " (SQLSTATE {})", database.code)?;
        }
        if let Some(source) = source {
            write!(f, ": {source}")?;
        }
        if let Some(statement) = statement {
            write!(f, "; statement: {statement}")?;
        }
        if let Some(location) = location {
            write!(f, "; asked at {}:{}", location.file(), location.line())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::{DatabaseError, Error, ErrorKind};

    fn told(message: &'static str, statement: &str) -> String {
        let database = DatabaseError {
            code: "42P01".into(),
            detail: None,
            constraint: Some("users_email_key".into()),
            table: None,
            column: None,
            fatal: false,
        };
        let error = Error::new(ErrorKind::Database, message).with_database(database);
        let error = error.with_statement(&statement.into());
        error.0.message.into_owned()
    }

    #[test]
    fn names_are_told_and_values_are_not() {
        let statement = "SELECT * FROM nowhere WHERE id = $1";
        for (message, expected) in [
            (
                r#"relation "nowhere" does not exist"#,
                r#"relation "nowhere" does not exist"#,
            ),
            (
                r#"constraint "users_email_key" of "nowhere""#,
                r#"constraint "users_email_key" of "nowhere""#,
            ),
            (
                r#"relation "secret" does not exist"#,
                r#"relation "…" does not exist"#,
            ),
            (
                r#"relation "se"cr"et" does not exist"#,
                r#"relation "…" does not exist"#,
            ),
            (
                "Relation »secret« existiert nicht",
                "Relation \"…\" existiert nicht",
            ),
            (
                "la relation « nowhere » n'existe pas",
                "la relation « nowhere » n'existe pas",
            ),
        ] {
            assert_eq!(told(message, statement), expected);
        }
    }
}
