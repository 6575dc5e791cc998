//! What the driver and the server refuse, in our words: without passwords, and without the values PostgreSQL quotes.

use super::detail;
use super::link::Link;
use crate::error::{DatabaseError, Error, ErrorKind};
use std::borrow::Cow;
use std::error::Error as _;
use std::io;
use tokio_postgres::error::{DbError, ErrorPosition, Severity};

/// The server gave up a statement: somebody asked it to, or a time limit passed.
pub(super) const CANCELLED: &str = "57014";

/// Why a statement failed.
pub(super) fn refusal(error: tokio_postgres::Error, link: &Link) -> Error {
    if let Some(database) = error.as_db_error() {
        let refusal = database_error(database);
        if refusal.is_fatal() {
            // Those who wait behind this one are told nothing but that the connection is closed.
            link.note(words(database));
        }
        return refusal;
    }
    if link.is_expired() {
        return Error::new(
            ErrorKind::OutcomeUnknown,
            "the server was silent for longer than `Config::statement_timeout`, so the connection was closed",
        )
        .fatal();
    }
    let text = with_cause(&error);
    if let Some(refused) = refused(&text) {
        return refused;
    }
    let cause = link.last_words().unwrap_or(text);
    Error::new(
        ErrorKind::OutcomeUnknown,
        format!("the connection ended: {cause}"),
    )
    .fatal()
}

/// The same failure of something that has changed nothing, whether or not it was executed.
pub(super) fn harmless(error: Error, link: &Link) -> Error {
    match error.kind() {
        ErrorKind::OutcomeUnknown if link.is_expired() => error.with_kind(ErrorKind::Timeout),
        ErrorKind::OutcomeUnknown => error.with_kind(ErrorKind::ConnectionLost),
        _ => error,
    }
}

/// The same failure of something that was not sent, because the connection had ended before.
pub(super) fn unsent(error: Error) -> Error {
    match error.kind() {
        ErrorKind::OutcomeUnknown => error.with_kind(ErrorKind::ConnectionLost),
        _ => error,
    }
}

/// What the driver refused to send. It has no question for it.
fn refused(text: &str) -> Option<Error> {
    if let Some((position, cause)) = text
        .strip_prefix("error serializing parameter ")
        .and_then(|rest| rest.split_once(": "))
    {
        // The driver counts from 0, PostgreSQL from 1.
        let number = position.parse::<usize>().map_or(0, |position| position + 1);
        return Some(Error::new(
            ErrorKind::Encode,
            format!("parameter ${number} cannot be sent: {cause}"),
        ));
    }
    if text.starts_with("error encoding message") {
        return Some(Error::new(
            ErrorKind::Encode,
            format!("the statement cannot be sent: {text}"),
        ));
    }
    let (placeholders, values) = text
        .strip_prefix("expected ")?
        .split_once(" parameters but got ")?;
    let message =
        format!("the statement has {placeholders} placeholders, but {values} values were bound");
    Some(Error::new(ErrorKind::Usage, message))
}

/// Why no connection could be made, without the password.
pub(super) fn connect_error(error: &tokio_postgres::Error, place: &str) -> Error {
    match error.as_db_error() {
        Some(database) => {
            let message = format!(
                "the server at {place} refused the connection: {}",
                database.message()
            );
            Error::new(ErrorKind::Connect, message).with_database(facts(database))
        }
        None => Error::new(
            ErrorKind::Connect,
            format!("no connection to {place}: {}", with_cause(error)),
        ),
    }
}

/// Whether there may be somebody in a moment: the server starts, or is being replaced. Nothing was carried out.
pub(super) fn is_not_there_yet(error: &tokio_postgres::Error) -> bool {
    if let Some(database) = error.as_db_error() {
        return database.code().code() == "57P03";
    }
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    let passes = |cause: &io::Error| {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof};
        matches!(
            cause.kind(),
            ConnectionAborted | ConnectionRefused | ConnectionReset | UnexpectedEof
        )
    };
    error.is_closed() || cause.is_some_and(passes)
}

/// Why a connection of its own cannot listen.
pub(super) fn listen_error(error: tokio_postgres::Error) -> Error {
    refusal(error, &Link::default())
}

/// The driver leaves the cause to those who ask for it.
pub(super) fn with_cause(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// What a server says when it ends a session.
pub(super) fn words(database: &DbError) -> String {
    format!(
        "{} (SQLSTATE {})",
        database.message(),
        database.code().code()
    )
}

fn database_error(database: &DbError) -> Error {
    let code = database.code().code();
    let kind = match code {
        "23505" => ErrorKind::UniqueViolation,
        "23503" | "23001" => ErrorKind::ForeignKeyViolation,
        "23514" => ErrorKind::CheckViolation,
        "23502" => ErrorKind::NotNullViolation,
        "40001" => ErrorKind::Serialization,
        "40P01" => ErrorKind::Deadlock,
        "55P03" => ErrorKind::LockNotAvailable,
        "25006" => ErrorKind::ReadOnly,
        // PostgreSQL tells its own time limit from a request in words only, in the language of the server: see `time.rs`.
        CANCELLED => ErrorKind::Cancelled,
        _ if ends_connection(database) => {
            let message = format!("the connection ended: {}", database.message());
            return Error::new(ErrorKind::OutcomeUnknown, message).with_database(facts(database));
        }
        _ => ErrorKind::Database,
    };
    Error::new(kind, unquoted(code, database.message()).into_owned()).with_database(facts(database))
}

fn facts(database: &DbError) -> DatabaseError {
    let code = database.code().code();
    let owned = |text: Option<&str>| text.map(Box::from);
    let (columns, referred) = match (database.column(), database.detail()) {
        (Some(column), _) => (vec![column.to_owned()], Vec::new()),
        (None, Some(detail)) => detail::columns(code, detail, database.table()),
        (None, None) => (Vec::new(), Vec::new()),
    };
    DatabaseError {
        code: code.into(),
        detail: owned(database.detail()),
        constraint: owned(database.constraint()),
        table: owned(database.table()),
        column: owned(database.column()),
        schema: owned(database.schema()),
        columns,
        position: match database.position() {
            Some(ErrorPosition::Original(position)) => Some(*position),
            _ => None,
        },
        referred,
        fatal: ends_connection(database),
    }
}

/// Class 08 comes from poolers too, which close a little later. A server that stays says ERROR, of a value with the wrong
/// number of bytes for instance.
fn ends_connection(database: &DbError) -> bool {
    let is_of_connections = database.code().code().starts_with("08");
    let stays = database.parsed_severity() == Some(Severity::Error);
    ends_session(database) || is_of_connections && !stays
}

/// The other severity is in the language of the server.
fn ends_session(database: &DbError) -> bool {
    let fatal = matches!(
        database.parsed_severity(),
        Some(Severity::Fatal | Severity::Panic)
    );
    fatal || database.code().code().starts_with("57P0")
}

/// Messages of class 22 (data exception) quote the offending value, in the server's language: it is cut off.
fn unquoted<'m>(code: &str, message: &'m str) -> Cow<'m, str> {
    const QUOTES: [char; 8] = ['"', '«', '»', '„', '“', '”', '「', '‘'];
    match message.find(": \"") {
        _ if !code.starts_with("22") || !message.contains(QUOTES) => Cow::Borrowed(message),
        Some(at) => Cow::Borrowed(&message[..at]),
        None => Cow::Borrowed("a value is not valid for its type"),
    }
}
