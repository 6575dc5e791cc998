//! A blog behind a proxy, and a witness with a connection of its own who sees what goes on at the server.

use crate::blog::{Blog, blog};
use crate::proxy::Proxy;
use ormcore::{Config, Db, Entity};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, NoTls};

pub(crate) struct Stage {
    /// What is tested: a pool of one connection, through the proxy.
    pub(crate) db: Db,
    pub(crate) proxy: Proxy,
    pub(crate) witness: Witness,
    /// The same database by the straight way.
    pub(crate) blog: Blog,
}

/// How long something may take that should take no time: long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(20);

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(|config| config).await
    }

    pub(crate) async fn with(settings: impl FnOnce(Config) -> Config) -> Self {
        let blog = blog().await;
        let witness = Witness::of(blog.database.url()).await;
        let proxy = Proxy::to(port(blog.database.url()));
        let config = Config::new(&through(&proxy, blog.database.url())).expect("a URL");
        let db = settings(config.pool_size(1))
            .connect()
            .await
            .expect("a connection");
        Self {
            db,
            proxy,
            witness,
            blog,
        }
    }

    /// The next to borrow a connection gets its own answer, at once, on a session with nothing left over; and nobody else
    /// is left at the server. Says which session that is.
    pub(crate) async fn assert_clean(&self) -> i32 {
        let session = in_time(Session::ask(&self.db)).await;
        assert!(!session.in_transaction, "a transaction was left open");
        self.witness
            .until("SELECT count(*) = 1 AND bool_and(state = 'idle') FROM subjects")
            .await;
        let idle = format!(
            "SELECT count(*) = 1 FROM subjects WHERE pid = {}",
            session.pid
        );
        assert!(self.witness.sees(&idle).await, "the session was not kept");
        session.pid
    }
}

/// The address of the same database through a proxy, under a name the witness knows.
pub(crate) fn through(proxy: &Proxy, url: &str) -> String {
    let there = format!(":{}/", port(url));
    let here = format!(":{}/", proxy.port());
    format!("{}?application_name=subject", url.replace(&there, &here))
}

pub(crate) fn port(url: &str) -> u16 {
    let config: tokio_postgres::Config = url.parse().expect("a URL");
    config.get_ports()[0]
}

/// What a connection says about itself.
#[derive(Entity, Debug)]
pub(crate) struct Session {
    #[orm(primary_key)]
    pub pid: i32,
    pub in_transaction: bool,
}

impl Session {
    pub(crate) async fn ask(executor: &impl ormcore::Executor) -> Self {
        let text = "SELECT pg_backend_pid() AS pid, pg_current_xact_id_if_assigned() IS NOT NULL AS in_transaction";
        ormcore::sql(text).one(executor).await.expect("an answer")
    }
}

pub(crate) struct Witness(Client);

impl Witness {
    pub(crate) async fn of(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .expect("a witness");
        tokio::spawn(connection);
        client
            .batch_execute(
                "CREATE TEMP VIEW subjects AS SELECT * FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'subject'",
            )
            .await
            .expect("a view");
        Self(client)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0
    }

    pub(crate) async fn sees(&self, question: &str) -> bool {
        let row = self.0.query_one(question, &[]).await.expect("an answer");
        row.get(0)
    }

    pub(crate) async fn count(&self, question: &str) -> i64 {
        let row = self.0.query_one(question, &[]).await.expect("an answer");
        row.get(0)
    }

    /// Waits until this is so.
    pub(crate) async fn until(&self, question: &str) {
        let started = Instant::now();
        while !self.sees(question).await {
            assert!(started.elapsed() < PATIENCE, "never came true: {question}");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends the sessions of those who are tested, and waits until they are gone.
    pub(crate) async fn terminate_subjects(&self) {
        self.0
            .query("SELECT pg_terminate_backend(pid) FROM subjects", &[])
            .await
            .expect("a superuser");
        self.until("SELECT count(*) = 0 FROM subjects").await;
    }
}

impl Witness {
    /// Ends the sessions of those who listen, and waits until they are gone.
    pub(crate) async fn terminate_listeners(&self) {
        let ended =
            "SELECT pid, pg_terminate_backend(pid, 20000) FROM subjects WHERE query LIKE 'LISTEN%'";
        let ended = self.0.query(ended, &[]).await.expect("a superuser");
        assert!(ended.iter().all(|row| row.get(1)), "they are still there");
    }
}

/// Waits for something that must not take long.
pub(crate) async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it waits for something it should not wait for")
}

/// Polls a future this many times and drops it, unless it is done before.
pub(crate) async fn dropped_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => {
            left -= 1;
            match left {
                0 => Poll::Ready(None),
                _ => Poll::Pending,
            }
        }
    })
    .await
}
