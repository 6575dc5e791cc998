//! The database: the one that is named, or one of our own.

use std::{error::Error, fmt, path::PathBuf};

use dev_postgres::Database;
use ormcore::{Config, Db, Entity};
use tokio::task::spawn_blocking;

const CONNECTIONS: usize = 20;

/// A database, and the words for it.
pub(crate) struct Found {
    database: Database,
    version: Option<String>,
}

/// A line of the server's own catalogue.
#[derive(Entity, Debug)]
#[orm(table = "pg_settings", schema = "pg_catalog")]
struct Setting {
    #[orm(primary_key)]
    name: String,
    setting: String,
}

/// The one in a directory, the one `DATABASE_URL` names, or one that is forgotten at the end. It ends with the value.
pub(crate) async fn find(data_dir: Option<PathBuf>) -> Result<Found, Box<dyn Error>> {
    // Starts programs and waits for them; the first time of all it may have to fetch them.
    let database = spawn_blocking(move || match data_dir {
        Some(dir) => Database::kept_in(&dir),
        None => Database::find(),
    });
    let database = database.await??;
    let version = match &database {
        // Says its version itself.
        Database::Private(_) => None,
        Database::Named(url) => Some(version(url).await.map_err(unusable)?),
    };
    Ok(Found { database, version })
}

fn unusable(error: ormcore::Error) -> String {
    format!(
        "the database DATABASE_URL names cannot be used; start it, or unset the variable to have one started: {error}"
    )
}

async fn version(url: &str) -> ormcore::Result<String> {
    let db = quietly(url).await?;
    let version = Setting::get("server_version").one(&db).await?;
    db.close();
    Ok(version.setting)
}

impl Found {
    pub(crate) fn url(&self) -> String {
        self.database.url()
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "PostgreSQL {version}, {}", self.database),
            None => self.database.fmt(f),
        }
    }
}

/// For requests.
pub(crate) async fn connect(url: &str) -> ormcore::Result<Db> {
    Config::new(url)?.pool_size(CONNECTIONS).connect().await
}

/// For what is done before the first request, and belongs to no trace.
pub(crate) async fn quietly(url: &str) -> ormcore::Result<Db> {
    Config::new(url)?
        .telemetry(false)
        .pool_size(1)
        .connect()
        .await
}
