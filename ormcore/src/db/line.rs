//! A connection that listens: nobody shares it, and whoever reads it drives it.

use super::address::Address;
use super::refusal::{listen_error, with_cause, words};
use super::tls::Stream;
use crate::error::{Error, ErrorKind, Result};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep};
use tokio_postgres::{AsyncMessage, Client, Connection, Notification, SimpleQueryMessage, Socket};

/// What a session is asked that has been silent: how much it listens to. Behind a pooler it may be another session by now.
const CHANNELS: &str = "SELECT count(*) FROM pg_listening_channels()";

/// How long silence may last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Until the server is asked whether it is still there.
    pub(super) silence: Duration,
    /// Until it has answered that.
    pub(super) answer: Duration,
}

/// An open connection. It ends when it is dropped.
pub(super) struct Line {
    client: Arc<Client>,
    messages: Connection<Socket, Stream>,
    /// What came before anybody asked.
    early: VecDeque<Notification>,
    /// How many channels it listens to.
    channels: usize,
    limits: Limits,
    /// When silence is too long.
    clock: Pin<Box<Sleep>>,
    /// Whether anything was heard since the clock was wound.
    stirred: bool,
    asked: Option<Asked>,
    last_words: Option<String>,
    opened: Instant,
}

/// What the server said.
enum Heard {
    Notification(Notification),
    Other,
    /// Nothing any more.
    End(Option<tokio_postgres::Error>),
}

/// The answer to [`CHANNELS`], on its way.
type Asked =
    Pin<Box<dyn Future<Output = Result<Vec<SimpleQueryMessage>, tokio_postgres::Error>> + Send>>;

impl Line {
    /// Connects. Nothing is listened to yet.
    pub(super) async fn open(address: &Address, limits: Limits) -> Result<Self> {
        let (client, messages) = address.connect().await?;
        Ok(Self {
            client: Arc::new(client),
            messages,
            early: VecDeque::new(),
            channels: 0,
            limits,
            clock: Box::pin(sleep(limits.silence)),
            stirred: false,
            asked: None,
            last_words: None,
            opened: Instant::now(),
        })
    }

    /// Listens to so many channels. What is sent to them from now on is heard.
    pub(super) async fn listen(&mut self, sql: &str, channels: usize) -> Result<()> {
        let client = Arc::clone(&self.client);
        let mut answer = pin!(client.batch_execute(sql));
        let listening = poll_fn(|context| {
            if let Poll::Ready(answered) = answer.as_mut().poll(context) {
                return Poll::Ready(answered.map_err(listen_error));
            }
            while let Poll::Ready(heard) = self.poll_message(context) {
                match heard {
                    Heard::Notification(notification) => self.early.push_back(notification),
                    Heard::Other => {}
                    Heard::End(error) => {
                        let why = self.ending(error.as_ref());
                        return Poll::Ready(Err(Error::new(ErrorKind::ConnectionLost, why)));
                    }
                }
            }
            answer.as_mut().poll(context).map_err(listen_error)
        });
        listening.await?;
        self.channels = channels;
        Ok(())
    }

    /// How long it has been open.
    pub(super) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    pub(super) fn set_silence(&mut self, silence: Duration) {
        self.limits.silence = silence;
        self.wind(silence);
    }

    /// The next notification; or why there will be no more.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Notification, String>> {
        loop {
            if let Some(notification) = self.early.pop_front() {
                return Poll::Ready(Ok(notification));
            }
            while let Poll::Ready(heard) = self.poll_message(context) {
                match heard {
                    // One at a time: what nobody takes is left to the server to keep.
                    Heard::Notification(notification) => return Poll::Ready(Ok(notification)),
                    Heard::Other => {}
                    Heard::End(error) => return Poll::Ready(Err(self.ending(error.as_ref()))),
                }
            }
            if let Some(asked) = &mut self.asked
                && let Poll::Ready(answer) = asked.as_mut().poll(context)
            {
                let answer = answer.map_err(|error| self.ending(Some(&error)));
                if let Err(why) = answer.and_then(|answer| self.check(&answer)) {
                    return Poll::Ready(Err(why));
                }
                self.asked = None;
                self.wind(self.limits.silence);
            }
            // Not to be put off: a clock that was never asked wakes nobody.
            if pin!(unconstrained(self.clock.as_mut()))
                .poll(context)
                .is_pending()
            {
                return Poll::Pending;
            }
            match (&self.asked, std::mem::take(&mut self.stirred)) {
                (Some(_), false) => {
                    let why = format!("the server did not answer within {:?}", self.limits.answer);
                    return Poll::Ready(Err(why));
                }
                (Some(_), true) => self.wind(self.limits.answer),
                (None, true) => self.wind(self.limits.silence),
                (None, false) => {
                    let client = Arc::clone(&self.client);
                    self.asked = Some(Box::pin(async move { client.simple_query(CHANNELS).await }));
                    self.wind(self.limits.answer);
                }
            }
        }
    }

    /// Takes in the next message, and sends what is to be sent.
    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Heard> {
        let heard = match ready!(self.messages.poll_message(context)) {
            Some(Ok(AsyncMessage::Notification(notification))) => Heard::Notification(notification),
            Some(Ok(AsyncMessage::Notice(notice))) => {
                // A server that shuts down says so in a notice, and then only closes.
                if notice.code().code().starts_with("57P0") {
                    self.last_words = Some(words(&notice));
                }
                Heard::Other
            }
            Some(Ok(_)) => Heard::Other,
            Some(Err(error)) => Heard::End(Some(error)),
            None => Heard::End(None),
        };
        self.stirred = true;
        Poll::Ready(heard)
    }

    /// Why it ended.
    fn ending(&mut self, error: Option<&tokio_postgres::Error>) -> String {
        let said = error.and_then(|error| error.as_db_error()).map(words);
        said.or_else(|| self.last_words.take())
            .or_else(|| error.map(with_cause))
            .unwrap_or_else(|| "it was closed".to_owned())
    }

    fn check(&self, answer: &[SimpleQueryMessage]) -> Result<(), String> {
        let counted = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse::<usize>().ok(),
            _ => None,
        });
        if counted == Some(self.channels) {
            return Ok(());
        }
        Err("its session listens no more; behind a pooler set `Config::direct_url`".to_owned())
    }

    fn wind(&mut self, limit: Duration) {
        self.clock.as_mut().reset(Instant::now() + limit);
    }
}
