//! The kinds of failure.

/// The kinds of [`Error`](crate::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A row was asked for by key or condition, and there is none.
    NotFound,
    /// One row was asked for, and there are more.
    TooManyRows,
    /// A row changed, or went, since its version was read; read it again.
    StaleVersion,
    /// A unique constraint or index has that value already (SQLSTATE 23505).
    UniqueViolation,
    /// A referenced row is missing, or a row is still referenced (SQLSTATE 23503 or 23001).
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
    /// PostgreSQL refused the statement for another reason; [`Error::code`](crate::Error::code) says which.
    Database,
    /// The transaction, or the server, only reads (SQLSTATE 25006).
    ReadOnly,
    /// A time limit passed, and nothing was changed: PostgreSQL ended the statement (SQLSTATE 57014), or was silent
    /// for too long about one that only reads or is part of a transaction.
    ///
    /// PostgreSQL has one code for this and for [`Cancelled`](Self::Cancelled), and words in its own language. They are told
    /// apart by the time it took and the `statement_timeout` that counted: [`Begin`](crate::Begin)'s, or else the default of a
    /// new session, which is asked for once, when the first connection is made. Behind SQL of your own that names
    /// `statement_timeout` in the transaction it is always `Timeout`. What cannot be known is a limit that was set unseen: by
    /// `ALTER ROLE … SET` since then, or in a function.
    Timeout,
    /// Somebody made PostgreSQL cancel the statement (SQLSTATE 57014), before a time limit could have passed: nothing of
    /// it was kept.
    Cancelled,
    /// No connection became free within the pool's wait time.
    PoolTimeout,
    /// No connection could be made.
    Connect,
    /// The connection ended, and nothing was changed: the statement was not sent, it only reads, or it is part of a
    /// transaction, of which nothing was kept.
    ConnectionLost,
    /// The connection ended, or the server was silent for too long, while the statement ran outside of a transaction:
    /// it may or may not have been executed.
    OutcomeUnknown,
    /// The same while COMMIT ran: the transaction may or may not have been committed.
    /// [`Db::transaction_status`](crate::Db::transaction_status) tells, if it was begun with
    /// [`traceable`](crate::Begin::traceable).
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
    /// An entity has a scope, such as a tenant, and the statement does not say which: it was not sent.
    ScopeMissing,
    /// Rules of columns (`#[orm(validate(…))]`) refuse values, and nothing was sent:
    /// [`Error::invalid_fields`](crate::Error::invalid_fields).
    Invalid,
    /// Code of yours said no, such as a hook: [`Error::refused`](crate::Error::refused).
    Refused,
    /// The database has not the tables that the entities describe; [`schema::verify`](crate::schema::verify) says how they
    /// differ.
    SchemaMismatch,
    /// A file is no migration, or the files and what ran in the database do not agree: no migration was run.
    Migration,
    /// The question itself makes no sense, and was not sent.
    Usage,
    /// The configuration cannot be used.
    Config,
}

impl ErrorKind {
    /// The kind's name as telemetry shows it, in snake case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::TooManyRows => "too_many_rows",
            Self::StaleVersion => "stale_version",
            Self::UniqueViolation => "unique_violation",
            Self::ForeignKeyViolation => "foreign_key_violation",
            Self::CheckViolation => "check_violation",
            Self::NotNullViolation => "not_null_violation",
            Self::Serialization => "serialization_failure",
            Self::Deadlock => "deadlock",
            Self::LockNotAvailable => "lock_not_available",
            Self::Database => "database",
            Self::ReadOnly => "read_only",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::PoolTimeout => "pool_timeout",
            Self::Connect => "connect",
            Self::ConnectionLost => "connection_lost",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::CommitUnknown => "commit_unknown",
            Self::TransactionAborted => "transaction_aborted",
            Self::Decode => "decode",
            Self::Encode => "encode",
            Self::NotLoaded => "not_loaded",
            Self::NPlusOne => "n_plus_one",
            Self::ScopeMissing => "scope_missing",
            Self::Invalid => "invalid",
            Self::Refused => "refused",
            Self::SchemaMismatch => "schema_mismatch",
            Self::Migration => "migration",
            Self::Usage => "usage",
            Self::Config => "config",
        }
    }
}
