//! LISTEN: what others notify, heard through a connection of its own.

use super::line::{Limits, Line};
use super::pool::Db;
use super::run::planned;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Raw, identifier};
use crate::telemetry::{Page, StatementOutcome};
use futures_util::Stream;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::future::poll_fn;
use std::hash::BuildHasher as _;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep, timeout};

/// What a [`Listener`] hears.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Somebody notified one of the channels.
    #[non_exhaustive]
    Notification {
        /// The channel.
        channel: String,
        /// What was said; empty, if nothing was.
        payload: String,
        /// The process at the server that said it.
        pid: i32,
    },
    /// The connection had ended, and there is a new one. What was notified in between is lost: look at what it would have
    /// been about. What is notified from then on is heard.
    Reconnected,
}

/// The notifications of some channels, from [`Db::listen`]: a `futures::Stream`, and it has a [`next`](Self::next) of its
/// own.
///
/// It has a connection of its own, besides the pool's, and closes it when it is dropped. When the connection ends, it makes
/// a new one, waiting longer after each failure (half a minute at most), and says so with [`Event::Reconnected`]. A server that
/// has been silent for 30 s is asked whether it is still there; that, and all the rest, happens while the next event is waited
/// for.
#[must_use = "notifications wait until they are asked for"]
pub struct Listener {
    db: Db,
    channels: Arc<Channels>,
    state: State,
    silence: Duration,
    /// How often in a row there was no connection, or none that lasted.
    failures: u32,
}

/// What is listened to, as SQL.
struct Channels {
    sql: String,
    number: usize,
    caller: &'static Location<'static>,
}

enum State {
    Open(Box<Line>),
    Resting(Pin<Box<Sleep>>),
    Opening(Pin<Box<dyn Future<Output = Result<Line>> + Send>>),
    Ended,
}

/// The longest rest between two attempts.
const LONGEST_REST: Duration = Duration::from_secs(30);
/// A name has at most so many bytes. LISTEN would cut off the rest, and NOTIFY refuses it.
const LONGEST_NAME: usize = 63;

impl Db {
    /// Listens to channels. What is notified from when this returns is heard, in the order of the commits.
    ///
    /// The connection leads to the server itself: set [`Config::direct_url`](crate::Config::direct_url) when the usual
    /// URL leads to a pooler.
    ///
    /// # Errors
    /// When there is no channel, a name is empty or longer than 63 bytes, or the server cannot be reached or refuses.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Event, Result};
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut events = db.listen(["posts", "users"]).await?;
    /// while let Some(event) = events.next().await {
    ///     match event {
    ///         Event::Notification { channel, payload, .. } => println!("{channel}: {payload}"),
    ///         Event::Reconnected => println!("read again what may have changed"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn listen<I: IntoIterator<Item: AsRef<str>>>(
        &self,
        channels: I,
    ) -> impl Future<Output = Result<Listener>> + Send + use<I> {
        let db = self.clone();
        let channels = Channels::new(channels, Location::caller());
        async move {
            let channels = Arc::new(channels?);
            if db.pool().is_closed() {
                return Err(Error::usage("the Db was closed").at(channels.caller));
            }
            let silence = Duration::from_secs(30);
            let line = open(db.clone(), Arc::clone(&channels), silence).await?;
            Ok(Listener {
                db,
                channels,
                state: State::Open(Box::new(line)),
                silence,
                failures: 0,
            })
        }
    }
}

impl Channels {
    fn new(
        channels: impl IntoIterator<Item: AsRef<str>>,
        caller: &'static Location<'static>,
    ) -> Result<Self> {
        let refused = |message: &'static str| Err(Error::usage(message).at(caller));
        let mut names: Vec<String> = Vec::new();
        for channel in channels {
            match channel.as_ref() {
                "" => return refused("a channel's name is empty"),
                name if name.len() > LONGEST_NAME => {
                    return refused("a channel's name has at most 63 bytes");
                }
                name if name.contains('\0') => {
                    return refused("a channel's name cannot hold a NUL character");
                }
                name if names.iter().any(|other| other == name) => {}
                name => names.push(name.to_owned()),
            }
        }
        if names.is_empty() {
            return refused("there is no channel to listen to");
        }
        let listen = |name: &String| format!("LISTEN {}", identifier(name));
        Ok(Self {
            sql: names.iter().map(listen).collect::<Vec<_>>().join("; "),
            number: names.len(),
            caller,
        })
    }
}

/// Connects and listens: in this order nothing is lost once this has returned.
async fn open(db: Db, channels: Arc<Channels>, silence: Duration) -> Result<Line> {
    let manager = db.pool().manager().unshared();
    let manager = manager.map_err(|error| error.at(channels.caller))?;
    let address = &manager.address;
    let answer = manager.connect_timeout;
    let limits = Limits { silence, answer };
    let late = |_| {
        let message = format!(
            "the server at {} did not answer within {answer:?}",
            address.name()
        );
        Error::new(ErrorKind::Connect, message).at(channels.caller)
    };
    let opened = timeout(answer, Line::open(address, limits));
    let mut line = opened
        .await
        .map_err(late)?
        .map_err(|error| error.at(channels.caller))?;

    // Without the names: they may hold what others made up, and there may be any number.
    let statement = Raw {
        sql: "LISTEN".into(),
        params: Vec::new(),
        summary: None,
        repeatable: false,
    };
    let (_, plan) = planned(&db, &statement, super::plan::Reads::Other);
    let plan = plan?;
    let span = db
        .telemetry()
        .statement(&plan.facts, Page::default(), channels.caller, None);
    let listening = timeout(answer, line.listen(&channels.sql, channels.number));
    let listening = listening
        .await
        .map_err(late)
        .and_then(|listening| listening);
    let listening = listening.map_err(|error| error.with_statement(&plan.text).at(channels.caller));
    span.finish(listening.as_ref().map(|()| StatementOutcome::default()));
    listening?;
    Ok(line)
}

impl Listener {
    /// How long the server may be silent before it is asked whether it is still there; 30 s unless set. To answer it has
    /// [`Config::connect_timeout`](crate::Config::connect_timeout).
    pub fn check_after(mut self, silence: Duration) -> Self {
        // Without a rest it would do nothing else.
        self.silence = silence.max(Duration::from_millis(1));
        if let State::Open(line) = &mut self.state {
            line.set_silence(self.silence);
        }
        self
    }

    /// What is heard next. `None` when the connection has ended and the [`Db`] is closed.
    ///
    /// Dropped before it is done, it loses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|context| self.poll_event(context)).await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            self.state = match &mut self.state {
                State::Open(line) => match ready!(line.poll(context)) {
                    Ok(said) => {
                        return Poll::Ready(Some(Event::Notification {
                            channel: said.channel().to_owned(),
                            payload: said.payload().to_owned(),
                            pid: said.process_id(),
                        }));
                    }
                    Err(why) => {
                        // One that lasted makes up for those before it.
                        if line.age() > LONGEST_REST {
                            self.failures = 0;
                        }
                        self.db.telemetry().listener_lost(&why);
                        self.rest()
                    }
                },
                State::Resting(clock) => {
                    ready!(clock.as_mut().poll(context));
                    let (db, channels) = (self.db.clone(), Arc::clone(&self.channels));
                    State::Opening(Box::pin(open(db, channels, self.silence)))
                }
                State::Opening(opening) => match ready!(opening.as_mut().poll(context)) {
                    Ok(line) => {
                        self.state = State::Open(Box::new(line));
                        self.db.telemetry().listener_reconnected();
                        return Poll::Ready(Some(Event::Reconnected));
                    }
                    Err(error) => {
                        self.db.telemetry().listener_refused(&error);
                        self.rest()
                    }
                },
                State::Ended => return Poll::Ready(None),
            };
        }
    }

    /// Longer after each failure, and not as long as others who lost the same server.
    fn rest(&mut self) -> State {
        if self.db.pool().is_closed() {
            return State::Ended;
        }
        let longest = Duration::from_millis(100) * 2_u32.pow(self.failures.min(9));
        self.failures = self.failures.saturating_add(1);
        let longest = longest.min(LONGEST_REST);
        let chance = RandomState::new().hash_one(0) % 1000;
        let share = f64::from(u32::try_from(chance).unwrap_or(0)) / 2000.0;
        State::Resting(Box::pin(sleep(longest.mul_f64(0.5 + share))))
    }
}

impl Stream for Listener {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.get_mut().poll_event(context)
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("connected", &matches!(self.state, State::Open(_)))
            .finish_non_exhaustive()
    }
}
