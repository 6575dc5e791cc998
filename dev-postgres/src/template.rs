//! Migrations run once, databases cloned from the result.

use std::error;
use std::future::Future;
use std::pin::Pin;
use std::thread;

use tokio::runtime::Builder;
use tokio_postgres::Client;

use crate::cluster::{create_statement, drop_statement};
use crate::owner::connect;
use crate::{Cluster, Error, TestDatabase};

/// First half of the advisory locks under which a template is made.
const MAKING: i32 = 0x0de7_0002;
const LONGEST_NAME: usize = 40;

/// Work on the database at an address, such as running migrations.
pub type Migration = Pin<Box<dyn Future<Output = Result<(), Box<dyn error::Error + Send + Sync>>>>>;

/// A database that is migrated once and cloned for every test.
#[derive(Debug)]
pub struct Template {
    name: &'static str,
    migrate: fn(String) -> Migration,
}

impl Template {
    /// A name of its own among the templates of a program, and what makes the database at an address complete.
    pub const fn new(name: &'static str, migrate: fn(String) -> Migration) -> Template {
        Template { name, migrate }
    }

    /// A clone on [`Cluster::shared`]. The first one waits for the migrations.
    pub fn database(&self) -> Result<TestDatabase, Error> {
        self.database_in(&Cluster::shared()?)
    }

    /// A clone on that cluster.
    pub fn database_in(&self, cluster: &Cluster) -> Result<TestDatabase, Error> {
        let name = self.name;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(plain) {
            return Err(Error::new(format!(
                "{name:?} cannot name a template: use 1 to {LONGEST_NAME} of a-z, 0-9 and _"
            )));
        }
        let database = cluster.owner().template(name);
        cluster.once(&database, || self.make(cluster, &database))?;
        cluster.clone_of(&database)
    }

    /// On a thread of its own: a migration may block, spawn, or panic.
    fn make(&self, cluster: &Cluster, database: &str) -> Result<(), Error> {
        let failed = |cause: Box<dyn error::Error + Send + Sync>| {
            Error::caused(format!("cannot make the template \"{}\"", self.name), cause)
        };
        let making = Making {
            home: cluster.address().to_owned(),
            url: cluster.url(database)?,
            database: database.to_owned(),
            version: cluster.version(),
            migrate: self.migrate,
        };
        let outcome = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(making.run())
        });
        outcome
            .join()
            .unwrap_or_else(|_| Err("its migration panicked".into()))
            .map_err(failed)
    }
}

struct Making {
    home: String,
    database: String,
    url: String,
    version: u32,
    migrate: fn(String) -> Migration,
}

impl Making {
    /// Other processes may want the same template on the same server: the first one makes it, the others wait.
    async fn run(self) -> Result<(), Box<dyn error::Error + Send + Sync>> {
        // Of its own, because waiting for the lock must not keep other tests from their databases.
        let client = connect(&self.home).await?;
        client
            .execute(
                "SELECT pg_advisory_lock($1, hashtext($2))",
                &[&MAKING, &self.database],
            )
            .await?;
        if self.is_complete(&client).await? {
            return Ok(());
        }
        client
            .batch_execute(&drop_statement(&self.database))
            .await?;
        client
            .batch_execute(&create_statement(&self.database, "template0", self.version))
            .await?;
        (self.migrate)(self.url.clone()).await?;
        self.close(&client).await?;
        Ok(())
    }

    /// Only a template whose migrations succeeded was ever closed.
    async fn is_complete(&self, client: &Client) -> Result<bool, tokio_postgres::Error> {
        let found = client
            .query_opt(
                "SELECT NOT datallowconn FROM pg_database WHERE datname = $1::text",
                &[&self.database],
            )
            .await?;
        Ok(found.is_some_and(|row| row.get(0)))
    }

    /// A clone fails while anyone is connected to the template, so nobody may be, and whoever still is goes.
    async fn close(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        client
            .batch_execute(&format!(
                "ALTER DATABASE \"{}\" ALLOW_CONNECTIONS false",
                self.database
            ))
            .await?;
        client
            .execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                 WHERE datname = $1::text AND backend_type = 'client backend'",
                &[&self.database],
            )
            .await?;
        Ok(())
    }
}
