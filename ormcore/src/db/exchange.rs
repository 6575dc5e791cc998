//! Questions, and their replies: a connection is marked until each is read to its end.

use super::connection::Connection;
use super::effect::Effect;
use super::refusal::{refusal, unsent};
use crate::error::{Error, ErrorKind, Result};
use futures_util::{FutureExt as _, Stream as _};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryStream};

impl Connection {
    /// Runs statements without parameters and results.
    pub(super) async fn batch(&self, sql: &str) -> Result<()> {
        let exchange = Exchange::begin(self);
        exchange.end(self.client.batch_execute(sql).await)
    }

    /// The same for the caller's own, which may have this effect.
    pub(super) async fn batch_of(&self, sql: &str, effect: Effect) -> Result<()> {
        self.prepare_for(effect)?;
        self.batch(&self.commented(sql)).await
    }

    /// Sends a statement without parameters and results, and leaves its reply for later. What is sent next arrives next.
    pub(super) fn send(&self, sql: &str) -> Result<Unread> {
        let exchange = Exchange::begin(self);
        match self.client.simple_query_raw(sql).now_or_never() {
            Some(Ok(reply)) => Ok(Unread {
                stream: Box::pin(reply),
                value: None,
            }),
            Some(Err(error)) => exchange.end(Err(error)),
            // It stays marked.
            None => Err(Error::new(
                ErrorKind::ConnectionLost,
                "the driver waits before it sends",
            )
            .fatal()),
        }
    }

    /// Reads a reply that was left for later, and the value in it, if there is one.
    pub(super) fn poll_reply(
        &self,
        reply: &mut Unread,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<String>>> {
        let answer = loop {
            match ready!(reply.stream.as_mut().poll_next(context)) {
                Some(Ok(SimpleQueryMessage::Row(row))) => {
                    reply.value = row.try_get(0).ok().flatten().map(str::to_owned);
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => break Err(error),
                None => break Ok(reply.value.take()),
            }
        };
        let exchange = Exchange {
            connection: self,
            unsent: false,
        };
        Poll::Ready(exchange.end(answer))
    }

    /// Waits until the reply to a statement that was dropped has passed by: this one comes after it.
    pub(super) async fn read_past(&self) {
        let exchange = Exchange::begin(self);
        let passed = exchange.end(self.client.check_connection().await);
        if passed.is_ok() {
            self.link.answered();
        }
    }

    /// Says something that ends a transaction, if there is one, and waits for the answer: answers come in order.
    pub(super) async fn last_word(&self) -> Result<()> {
        self.batch(self.parting()).await
    }
}

/// A reply that is on its way.
pub(super) struct Unread {
    stream: Pin<Box<SimpleQueryStream>>,
    value: Option<String>,
}

/// Something that must not be dropped half-way, if its connection is to be used again: a statement would be left over at
/// the server, or the driver's replies would no longer be those to its questions.
#[must_use = "it has to be over"]
pub(super) struct Delicate<'c>(&'c Connection);

impl<'c> Delicate<'c> {
    pub(super) fn begin(connection: &'c Connection) -> Self {
        connection.delicate.fetch_add(1, Ordering::AcqRel);
        Self(connection)
    }

    pub(super) fn over(self) {
        self.0.delicate.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A question that has been asked and not yet answered to the end. Dropped in between, it leaves the connection marked.
pub(super) struct Exchange<'c> {
    connection: &'c Connection,
    /// Whether the connection had ended before: then nothing was sent.
    unsent: bool,
}

impl<'c> Exchange<'c> {
    pub(super) fn begin(connection: &'c Connection) -> Self {
        connection.link.ask();
        let unsent = connection.client.is_closed();
        Self { connection, unsent }
    }

    /// The answer was read to its end, or the connection is gone.
    pub(super) fn end<T>(self, answer: Result<T, tokio_postgres::Error>) -> Result<T> {
        let link = &self.connection.link;
        let answer = answer.map_err(|error| refusal(error, link));
        let answer = match self.unsent {
            true => answer.map_err(unsent),
            false => answer,
        };
        if !answer.as_ref().is_err_and(Error::is_fatal) {
            link.answered();
        }
        answer
    }
}
