//! The server tests share, and the one connection that creates and drops their databases.

use std::collections::HashMap;
use std::env;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Client;

use crate::owner::{Owner, connect};
use crate::url::with_database;
use crate::{Error, Server, TestDatabase};

/// A server that tests get their databases from: one per test process, or one that runs already.
#[derive(Clone)]
pub struct Cluster {
    shared: Arc<Shared>,
}

struct Shared {
    url: String,
    description: String,
    version: u32,
    client: Client,
    owner: Owner,
    databases: AtomicU32,
    templates: Mutex<HashMap<String, Outcome>>,
    runtime: Option<Runtime>,
    _server: Option<Server>,
}

/// Of work that is done once, while others wait for it.
type Outcome = Arc<OnceLock<Result<(), String>>>;

impl Cluster {
    /// The server `TEST_DATABASE_URL` names, or one that is started now and ends with this process.
    pub fn shared() -> Result<Cluster, Error> {
        static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
        let start = || match env::var("TEST_DATABASE_URL") {
            Ok(url) if !url.is_empty() => Cluster::at(&url),
            _ => Cluster::of(Server::start()?),
        };
        let shared = SHARED.get_or_init(|| start().map_err(|error| error.to_string()));
        shared.clone().map_err(Error::new)
    }

    /// A server that runs already; the user in the address must be allowed to create databases.
    pub fn at(url: &str) -> Result<Cluster, Error> {
        Cluster::open(
            url.to_owned(),
            "a server that runs already".to_owned(),
            None,
        )
    }

    /// A private server, which ends with the last database of this cluster.
    pub fn of(server: Server) -> Result<Cluster, Error> {
        Cluster::open(server.url("postgres"), server.to_string(), Some(server))
    }

    fn open(url: String, description: String, server: Option<Server>) -> Result<Cluster, Error> {
        // A thread of its own, because tests come with runtimes that end before the next test begins.
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("dev-postgres")
            .enable_all()
            .build()
            .map_err(|error| {
                Error::caused("cannot start the thread that creates databases", error)
            })?;
        let owner = Owner::new()?;
        let opening = {
            let (url, owner) = (url.clone(), owner.clone());
            async move {
                let client = connect(&url).await?;
                let version = server_version(&client).await?;
                owner.register(&client).await?;
                Ok((client, version))
            }
        };
        let (client, version) = wait_for(&runtime, opening)?;
        let shared = Shared {
            url,
            description,
            version,
            client,
            owner,
            databases: AtomicU32::new(0),
            templates: Mutex::default(),
            runtime: Some(runtime),
            _server: server,
        };
        Ok(Cluster {
            shared: Arc::new(shared),
        })
    }

    /// An empty database, dropped together with the value.
    pub fn database(&self) -> Result<TestDatabase, Error> {
        // Not template1: a clone fails while anyone is connected to what it is cloned from.
        self.clone_of("template0")
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> Result<String, Error> {
        with_database(&self.shared.url, database)
    }

    /// The address of the database all processes meet in: advisory locks count within one database.
    pub(crate) fn address(&self) -> &str {
        &self.shared.url
    }

    /// `server_version_num`, such as 150009 for 15.9.
    pub fn version(&self) -> u32 {
        self.shared.version
    }

    pub(crate) fn owner(&self) -> &Owner {
        &self.shared.owner
    }

    pub(crate) fn clone_of(&self, template: &str) -> Result<TestDatabase, Error> {
        let name = self
            .shared
            .owner
            .database(self.shared.databases.fetch_add(1, Ordering::Relaxed));
        let url = self.url(&name)?;
        let create = create_statement(&name, template, self.shared.version);
        let shared = self.shared.clone();
        self.run(async move {
            let created = shared.client.batch_execute(&create).await;
            created.map_err(|error| Error::caused("cannot create a test database", error))
        })?;
        Ok(TestDatabase::new(self.clone(), name, url))
    }

    /// Returns at once: the database goes when its turn comes, or with the server.
    pub(crate) fn drop_database(&self, name: &str) {
        let (shared, statement) = (self.shared.clone(), drop_statement(name));
        if let Some(runtime) = &self.shared.runtime {
            runtime.spawn(async move { shared.client.batch_execute(&statement).await });
        }
    }

    /// Does the work unless it was done, whatever came of it.
    pub(crate) fn once(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let outcome = {
            let mut templates = self
                .shared
                .templates
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            templates.entry(name.to_owned()).or_default().clone()
        };
        outcome
            .get_or_init(|| work().map_err(|error| error.to_string()))
            .clone()
            .map_err(Error::new)
    }

    /// Works on the cluster's own thread while the caller waits, which is allowed anywhere.
    fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        match &self.shared.runtime {
            Some(runtime) => wait_for(runtime, work),
            None => Err(ended()),
        }
    }
}

/// For people: version and place.
impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (server_version_num {})",
            self.shared.description, self.shared.version
        )
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cluster({self})")
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The last clone may go inside an async test, where waiting for a runtime to end is a panic.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn wait_for<T: Send + 'static>(
    runtime: &Runtime,
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let (sender, receiver) = mpsc::channel();
    runtime.spawn(async move { sender.send(work.await) });
    receiver.recv().unwrap_or_else(|_| Err(ended()))
}

fn ended() -> Error {
    Error::new("the thread that creates databases has ended")
}

async fn server_version(client: &Client) -> Result<u32, Error> {
    let row = client
        .query_one("SELECT current_setting('server_version_num')::int", &[])
        .await
        .map_err(|error| Error::caused("cannot ask the server for its version", error))?;
    Ok(row.get::<_, i32>(0).unsigned_abs())
}

pub(crate) fn create_statement(name: &str, template: &str, version: u32) -> String {
    // Copying files beats logging their pages; before 15 it was the only way and had no name.
    let strategy = if version >= 150_000 {
        " STRATEGY = FILE_COPY"
    } else {
        ""
    };
    format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\"{strategy}")
}

pub(crate) fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")
}

#[cfg(test)]
mod tests {
    use super::create_statement;

    #[test]
    fn a_strategy_is_named_from_15_on() {
        assert_eq!(
            create_statement("a", "b", 140_013),
            r#"CREATE DATABASE "a" TEMPLATE "b""#
        );
        assert_eq!(
            create_statement("a", "b", 150_000),
            r#"CREATE DATABASE "a" TEMPLATE "b" STRATEGY = FILE_COPY"#
        );
    }
}
