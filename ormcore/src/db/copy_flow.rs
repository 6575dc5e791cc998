//! The connection's side of a COPY of a question's rows.
//!
//! What comes of a COPY does not say what its types are. So the question is prepared too, and sent for no rows in the
//! transaction of the COPY: it fails if a type has changed, and from then on none can. That, and everything else there is to
//! say, is sent together with the COPY, and costs no round trip.

use super::connection::Connection;
use super::copy_out::Taker;
use super::exchange::{Exchange, Unread};
use super::prepared::Prepared;
use super::wire::{Bound, Then};
use crate::error::{Error, Result};
use crate::value::Param;
use futures_util::Stream as _;
use futures_util::future::join5;
use postgres_types::ToSql;
use std::future::poll_fn;
use std::pin::Pin;
use tokio_postgres::CopyOutStream;

/// The statements of a COPY on one connection.
pub(super) struct PreparedOut {
    /// The question, for no rows.
    pub(super) columns: Prepared,
    /// What keeps the values, if there are any.
    pub(super) values: Option<Prepared>,
    pub(super) copy: Prepared,
}

impl Connection {
    /// Begins a COPY: in a transaction of its own, which is ended right behind it, or in the one there is.
    pub(super) async fn begin_copy_out(
        &self,
        prepared: PreparedOut,
        values: &[Param],
        alone: bool,
    ) -> Result<Flow<'_>> {
        let PreparedOut {
            columns,
            values: keep,
            copy,
        } = prepared;
        if alone {
            self.set_in_transaction(true);
        }
        let begun = alone.then(|| Exchange::begin(self));
        let (checked, copied) = (Exchange::begin(self), Exchange::begin(self));
        let kept = keep.is_some().then(|| Exchange::begin(self));
        let null = Param::null();
        let nulls: Vec<_> = values.iter().map(|_| Bound(&null)).collect();
        let bound: Vec<_> = values.iter().map(Bound).collect();
        let (nulls, bound) = (as_sql(&nulls), as_sql(&bound));
        // In the order they are polled first.
        let (begin, check, keep, copy, commit) = Box::pin(join5(
            async {
                match alone {
                    true => self.client.batch_execute("BEGIN").await,
                    false => Ok(()),
                }
            },
            self.client.query(&columns.statement, &nulls),
            async {
                match &keep {
                    Some(keep) => self.client.query(&keep.statement, &bound).await.map(|_| ()),
                    None => Ok(()),
                }
            },
            self.client.copy_out(&copy.statement),
            async { alone.then(|| self.send("COMMIT")).transpose() },
        ))
        .await;
        let begin = begun.map_or(Ok(()), |begun| begun.end(begin));
        let check = checked.end(check.map(|_| ()));
        let keep = kept.map_or(Ok(()), |kept| kept.end(keep));
        let (stream, copied, refused) = match copy {
            Ok(stream) => (Some(Box::pin(stream)), Some(copied), Ok(())),
            Err(error) => (None, None, copied.end::<()>(Err(error))),
        };
        let refused = begin.and(check).and(keep).and(refused);
        let mut flow = Flow {
            connection: self,
            exchange: copied,
            stream,
            commit: commit?,
            columns,
        };
        match refused {
            Ok(()) => Ok(flow),
            Err(error) => {
                // Whatever the COPY made of it is not looked at, and passes by.
                let ended = flow.end().await;
                Err(match ended {
                    Err(ended) if ended.is_fatal() && !error.is_fatal() => ended,
                    _ => error,
                })
            }
        }
    }
}

fn as_sql<'b>(bound: &'b [Bound<'_>]) -> Vec<&'b (dyn ToSql + Sync)> {
    let each = |bound: &'b Bound<'_>| -> &'b (dyn ToSql + Sync) { bound };
    bound.iter().map(each).collect()
}

/// A COPY whose rows come. Dropped, it leaves the connection marked.
pub(super) struct Flow<'c> {
    connection: &'c Connection,
    exchange: Option<Exchange<'c>>,
    stream: Option<Pin<Box<CopyOutStream>>>,
    /// The answer to COMMIT comes behind the rows.
    commit: Option<Unread>,
    columns: Prepared,
}

impl Flow<'_> {
    /// Hands over what comes, to the end, even when it cannot be decoded: what is unread makes a connection unusable.
    pub(super) async fn read(mut self, taker: &mut impl Taker) -> Result<()> {
        let link = &self.connection.link;
        let columns = self.columns.statement.columns();
        let mut undecodable = None;
        // Whether a reader has something to take before it can wait for more.
        let (mut supplied, mut paused) = (false, false);
        while let Some(stream) = &mut self.stream {
            let next = poll_fn(|context| {
                if std::mem::take(&mut paused) {
                    link.set_paused(false);
                }
                let next = stream.as_mut().poll_next(context);
                if next.is_pending() && std::mem::take(&mut supplied) {
                    paused = true;
                    link.set_paused(true);
                }
                next
            });
            let piece = match next.await {
                Some(Ok(piece)) => piece,
                Some(Err(error)) => {
                    let refused = self.refused(error);
                    self.end().await?;
                    return refused;
                }
                None => break,
            };
            link.stir();
            if undecodable.is_some() {
                continue;
            }
            match taker.take(piece, columns) {
                Ok(Then::Next | Then::NextAfter(_)) => {}
                Ok(Then::NextIfAny) => supplied = true,
                Ok(Then::Pause) => {
                    self.connection.pause().await;
                    supplied = false;
                }
                Err(error) => undecodable = Some(error),
            }
        }
        self.end().await?;
        undecodable.map_or(Ok(()), Err)
    }

    fn refused(&mut self, error: tokio_postgres::Error) -> Result<()> {
        match self.exchange.take() {
            Some(exchange) => exchange.end(Err(error)),
            None => Ok(()),
        }
    }

    /// Reads what comes behind the rows. It tells that they were the last.
    async fn end(&mut self) -> Result<()> {
        self.stream = None;
        if let Some(commit) = &mut self.commit {
            let connection = self.connection;
            let ended = poll_fn(|context| connection.poll_reply(commit, context)).await;
            if ended.as_ref().is_err_and(Error::is_fatal) {
                return ended.map(|_| ());
            }
            self.copied()?;
            connection.set_in_transaction(false);
            return ended.map(|_| ());
        }
        self.copied()
    }

    /// The COPY was answered.
    fn copied(&mut self) -> Result<()> {
        match self.exchange.take() {
            Some(exchange) => exchange.end(Ok(())),
            None => Ok(()),
        }
    }
}
