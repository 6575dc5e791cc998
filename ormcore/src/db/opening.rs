//! BEGIN, put off until there is something to begin: it travels with the first statement and costs no round trip.
//! So does what is set for the transaction, and the question for its number.

use super::connection::Connection;
use super::exchange::Unread;
use super::terms::Terms;
use crate::error::{Error, ErrorKind, Result, TransactionId};
use std::task::{Context, Poll, ready};

/// How far a transaction's BEGIN has come.
#[derive(Default)]
pub(super) enum Opening {
    /// Nothing was sent: there is nothing to commit or to undo either.
    #[default]
    Unsent,
    /// On its way, before whatever was sent since.
    Sent(Unread),
    /// Answered, with the transaction's number, if that was asked for; or its connection ended, and everything with it.
    Open(Option<TransactionId>),
    /// The server refused it and went on: each statement has its own Sync, and stood for itself.
    Refused(String),
}

impl Opening {
    /// Sends it, unless it was. Whatever is sent from now on arrives later.
    ///
    /// # Errors
    /// When the connection has ended, or an earlier BEGIN was refused.
    pub(super) fn send(&mut self, terms: Terms, connection: &Connection) -> Result<()> {
        match self {
            Self::Unsent => {
                connection.set_in_transaction(true);
                *self = Self::Sent(connection.send(&terms.begin())?);
                Ok(())
            }
            Self::Sent(_) | Self::Open(_) => Ok(()),
            Self::Refused(reason) => Err(Error::new(
                ErrorKind::TransactionAborted,
                format!("BEGIN was refused: {reason}"),
            )),
        }
    }

    /// Reads the answer. It is there as soon as one to a later statement is, because answers come in order.
    ///
    /// # Errors
    /// When the connection ended instead: then nothing is left of what came after it.
    pub(super) fn poll(
        &mut self,
        connection: &Connection,
        context: &mut Context<'_>,
    ) -> Poll<Result<()>> {
        let Self::Sent(unread) = self else {
            return Poll::Ready(Ok(()));
        };
        let error = match ready!(connection.poll_reply(unread, context)) {
            Ok(answer) => {
                let number = answer.and_then(|number| number.parse().ok());
                *self = Self::Open(number.map(TransactionId::new));
                return Poll::Ready(Ok(()));
            }
            Err(error) => error,
        };
        if error.is_fatal() {
            *self = Self::Open(None);
            return Poll::Ready(Err(error));
        }
        connection.retire();
        *self = Self::Refused(error.to_string());
        Poll::Ready(Ok(()))
    }

    /// The transaction's number, once it is known.
    pub(super) fn id(&self) -> Option<TransactionId> {
        match self {
            Self::Open(id) => *id,
            _ => None,
        }
    }

    pub(super) fn is_unsent(&self) -> bool {
        matches!(self, Self::Unsent)
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// What to say of a statement, or of a commit, that may have stood for itself.
    pub(super) fn refusal(&self, kind: ErrorKind) -> Option<Error> {
        let Self::Refused(reason) = self else {
            return None;
        };
        let message = format!(
            "BEGIN was refused ({reason}), so that what was sent with it may have been carried out without a \
             transaction; the connection is closed"
        );
        Some(Error::new(kind, message).fatal())
    }
}
