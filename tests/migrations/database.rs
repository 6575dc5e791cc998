//! A database without a table, and what is found in it.

use dev_postgres::TestDatabase;
use ormcore::migrate::{Migrations, Step};
use ormcore::{Config, Db, Error, sql};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// An empty database.
pub(crate) struct Empty {
    pub(crate) db: Db,
    pub(crate) database: TestDatabase,
}

pub(crate) async fn empty() -> Empty {
    empty_with(|config| config).await
}

pub(crate) async fn empty_with(settings: impl FnOnce(Config) -> Config) -> Empty {
    let database = TestDatabase::create().expect("a database");
    let config = settings(Config::new(database.url()).expect("a URL"));
    let db = config.connect().await.expect("a connection");
    Empty { db, database }
}

/// Migrations of days in a row, each with its name and text.
pub(crate) fn migrations<const N: usize>(files: [(&str, &str); N]) -> Migrations {
    let named = files.into_iter().enumerate().map(|(at, (name, text))| {
        let day = at + 1;
        (format!("202601{day:02}_090000_{name}.sql"), text)
    });
    Migrations::new(named).expect("migrations")
}

/// `20260101_090000_users up`, for each.
pub(crate) fn shown(steps: &[Step]) -> Vec<String> {
    steps.iter().map(ToString::to_string).collect()
}

impl Empty {
    /// Whether there is a table, an index or another relation of this name.
    pub(crate) async fn has(&self, relation: &str) -> bool {
        let found = sql!("SELECT to_regclass({relation.to_owned()}) IS NOT NULL");
        found.scalar(&self.db).await.expect("an answer")
    }

    /// Whether somebody has the lock of migrations.
    pub(crate) async fn is_locked(&self) -> bool {
        let held = sql(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database \
             WHERE locktype = 'advisory' AND d.datname = current_database())",
        );
        held.scalar(&self.db).await.expect("an answer")
    }

    /// How many migrations count as run.
    pub(crate) async fn in_force(&self) -> usize {
        let history = ormcore::migrate::history(&self.db)
            .await
            .expect("a history");
        let in_force = |record: &&ormcore::migrate::Record| record.undone_at.is_none();
        history.iter().filter(in_force).count()
    }
}

/// Waits until this is so.
pub(crate) async fn until<F: Future<Output = bool>>(so: impl Fn() -> F) {
    let waiting = async {
        while !so().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    in_time(waiting).await;
}

/// What takes no time on an idle machine, and never so much on any.
pub(crate) async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(60), work)
        .await
        .expect("it goes on")
}

/// Whether a text has all of these parts.
#[track_caller]
pub(crate) fn assert_says(error: &Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}
