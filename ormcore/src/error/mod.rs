//! What can go wrong, and the questions a caller may ask about it.

mod hidden;
mod invalid;
mod kind;
mod transaction_id;
mod violation;

pub use invalid::InvalidField;
pub use kind::ErrorKind;
pub use transaction_id::TransactionId;

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
    transaction: Option<TransactionId>,
    invalid: Vec<InvalidField>,
    /// The session on the server is over.
    fatal: bool,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What PostgreSQL said, without what it quotes.
#[derive(Clone)]
pub(crate) struct DatabaseError {
    pub(crate) code: Box<str>,
    pub(crate) detail: Option<Box<str>>,
    pub(crate) constraint: Option<Box<str>>,
    pub(crate) table: Option<Box<str>>,
    pub(crate) column: Option<Box<str>>,
    pub(crate) schema: Option<Box<str>>,
    pub(crate) columns: Vec<String>,
    /// Where in the statement, in characters from 1.
    pub(crate) position: Option<u32>,
    /// The columns of another table, whose row others still refer to.
    pub(crate) referred: Vec<String>,
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
            transaction: None,
            invalid: Vec::new(),
            fatal: false,
            source: None,
        }))
    }

    pub(crate) fn usage(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// A refusal of your own, for hooks and for closures that return a [`Result`]: its kind is [`ErrorKind::Refused`], and what
    /// is given is its [`source`](std::error::Error::source). It is told in the error's text, and never in telemetry.
    ///
    /// # Examples
    /// ```
    /// use ormcore::{Error, ErrorKind};
    ///
    /// fn tidied(title: &str) -> ormcore::Result<&str> {
    ///     match title.trim() {
    ///         "" => Err(Error::refused("a post has a title")),
    ///         title => Ok(title),
    ///     }
    /// }
    ///
    /// assert_eq!(tidied(" ").unwrap_err().kind(), ErrorKind::Refused);
    /// ```
    #[must_use]
    pub fn refused(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Refused, "refused").with_source(why)
    }

    pub(crate) fn with_database(mut self, database: DatabaseError) -> Self {
        self.0.database = Some(database);
        self
    }

    /// The session on the server ended with this.
    pub(crate) fn fatal(mut self) -> Self {
        self.0.fatal = true;
        self
    }

    pub(crate) fn with_transaction(mut self, id: Option<TransactionId>) -> Self {
        self.0.transaction = id;
        self
    }

    /// The same failure, seen by somebody who knows more about its consequences.
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
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

    /// Where in the statement PostgreSQL stumbled, in characters from 1.
    pub(crate) fn position(&self) -> Option<u32> {
        self.0.database.as_ref()?.position
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

    /// The transaction whose COMMIT was not answered, when it was begun with
    /// [`traceable`](crate::Begin::traceable): ask [`Db::transaction_status`](crate::Db::transaction_status) what
    /// became of it.
    #[must_use]
    pub fn transaction_id(&self) -> Option<TransactionId> {
        self.0.transaction
    }

    /// Whether running the whole transaction again may work, because nothing of it was kept: after a serialization
    /// failure or a deadlock, or when a connection could not be had or ended too early to have done anything.
    ///
    /// [`Begin::retry`](crate::Begin::retry) does so.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Serialization
            | ErrorKind::Deadlock
            | ErrorKind::PoolTimeout
            | ErrorKind::ConnectionLost => true,
            // A wrong password stays wrong; a server that starts, is full, or is not reached may get over it.
            ErrorKind::Connect => self.code().is_none_or(|code| {
                code.starts_with("57P0") || code.starts_with("08") || code == "53300"
            }),
            _ => false,
        }
    }

    /// Whether it is unknown if the statement, or the commit, was carried out.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::OutcomeUnknown | ErrorKind::CommitUnknown
        )
    }

    /// Whether it only says that something else in the transaction failed before (SQLSTATE 25P02).
    pub(crate) fn is_aftermath(&self) -> bool {
        self.code() == Some("25P02")
    }

    /// Whether the session on the server is over.
    pub(crate) fn is_fatal(&self) -> bool {
        let database = self.0.database.as_ref();
        self.0.fatal || database.is_some_and(|database| database.fatal)
    }

    /// The value of `error.type`: the SQLSTATE, or else the kind's name; few of either.
    pub(crate) fn type_name(&self) -> String {
        match self.code() {
            Some(code) => code.to_owned(),
            None => self.0.kind.name().to_owned(),
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
