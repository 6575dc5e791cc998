//! Whose databases are whose on a server that outlives us, and removing those of the dead.
//!
//! Every database is called `dev_postgres_<owner>_…`. While a process lives it holds an advisory lock on its owner
//! number, so a number nobody holds is dead: a fact of the server, true across machines and containers, where
//! process numbers are not.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};

use tokio_postgres::{Client, NoTls};

use crate::Error;
use crate::cluster::drop_statement;
use crate::random::hexadecimal;

const PREFIX: &str = "dev_postgres_";
/// First half of the advisory locks that say an owner lives; the second half is the owner.
const LIFE: i32 = 0x0de7_0001;

/// Two owners: this process, of its databases; and this build of this program, of the templates that all processes
/// running it share.
#[derive(Clone)]
pub(crate) struct Owner {
    process: String,
    build: String,
}

impl Owner {
    pub(crate) fn new() -> Result<Owner, Error> {
        Ok(Owner {
            process: hexadecimal::<4>()?,
            build: build(),
        })
    }

    pub(crate) fn database(&self, number: u32) -> String {
        format!("{PREFIX}{}_{number}", self.process)
    }

    pub(crate) fn template(&self, name: &str) -> String {
        format!("{PREFIX}{}_{name}", self.build)
    }

    /// Says we live, for as long as this connection does, then removes what the dead have left.
    pub(crate) async fn register(&self, client: &Client) -> Result<(), Error> {
        self.sweep(client)
            .await
            .map_err(|error| Error::caused("cannot remove leftover test databases", error))
    }

    async fn sweep(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        for owner in [&self.process, &self.build] {
            client
                .execute(
                    "SELECT pg_advisory_lock_shared($1, $2)",
                    &[&LIFE, &lock_key(owner)],
                )
                .await?;
        }
        let rows = client
            .query(
                "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1)",
                &[&PREFIX],
            )
            .await?;
        let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let owners: HashSet<&str> = names.iter().filter_map(|name| owner_of(name)).collect();
        for owner in owners
            .into_iter()
            .filter(|owner| *owner != self.process && *owner != self.build)
        {
            let key = lock_key(owner);
            let dead: bool = client
                .query_one("SELECT pg_try_advisory_lock($1, $2)", &[&LIFE, &key])
                .await?
                .get(0);
            if !dead {
                continue;
            }
            for name in names.iter().filter(|name| owner_of(name) == Some(owner)) {
                // Another user's database stays, and is no reason not to run our tests.
                let _ = client.batch_execute(&drop_statement(name)).await;
            }
            client
                .execute("SELECT pg_advisory_unlock($1, $2)", &[&LIFE, &key])
                .await?;
        }
        Ok(())
    }
}

/// Connects, and keeps the connection going on the current runtime.
pub(crate) async fn connect(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(|error| {
        Error::caused(
            "cannot connect to the PostgreSQL that holds the test databases",
            error,
        )
    })?;
    tokio::spawn(connection);
    Ok(client)
}

fn owner_of(database: &str) -> Option<&str> {
    let (owner, _) = database.strip_prefix(PREFIX)?.split_once('_')?;
    (owner.len() == 8 && u32::from_str_radix(owner, 16).is_ok()).then_some(owner)
}

fn lock_key(owner: &str) -> i32 {
    u32::from_str_radix(owner, 16)
        .unwrap_or_default()
        .cast_signed()
}

/// Changes whenever the program is built anew, and with it the migrations it may contain.
fn build() -> String {
    let mut hasher = DefaultHasher::new();
    if let Ok(program) = env::current_exe() {
        program.hash(&mut hasher);
        if let Ok(file) = fs::metadata(&program) {
            (file.len(), file.modified().ok()).hash(&mut hasher);
        }
    }
    format!("{:016x}", hasher.finish())[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::owner_of;

    #[test]
    fn only_our_own_names_have_an_owner() {
        assert_eq!(owner_of("dev_postgres_0badcafe_12"), Some("0badcafe"));
        assert_eq!(owner_of("dev_postgres_0badcafe_my_app"), Some("0badcafe"));
        assert_eq!(owner_of("dev_postgres_notes_12"), None);
        assert_eq!(owner_of("dev_postgres_0badcafe"), None);
        assert_eq!(owner_of("app_0badcafe_12"), None);
    }
}
