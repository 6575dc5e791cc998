//! The database a program works on when it was not given one.

use std::env;
use std::fmt;
use std::path::Path;

use crate::{Error, Server};

/// One that runs somewhere, or one of a private server that ends with this value.
#[derive(Debug)]
pub enum Database {
    /// The one `DATABASE_URL` names.
    Named(String),
    /// The `postgres` database of a server of our own.
    Private(Server),
}

impl Database {
    /// The one `DATABASE_URL` names, or a private one that is forgotten at the end.
    pub fn find() -> Result<Database, Error> {
        match env::var("DATABASE_URL") {
            Ok(url) if !url.is_empty() => Ok(Database::Named(url)),
            _ => Server::start().map(Database::Private),
        }
    }

    /// A private one whose data are kept in a directory, whatever `DATABASE_URL` says.
    pub fn kept_in(dir: &Path) -> Result<Database, Error> {
        Server::builder()
            .data_dir(dir)
            .start()
            .map(Database::Private)
    }

    /// Its address.
    pub fn url(&self) -> String {
        match self {
            Database::Named(url) => url.clone(),
            Database::Private(server) => server.url("postgres"),
        }
    }
}

/// For people, and therefore without a password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::Named(_) => f.write_str("the database DATABASE_URL names"),
            Database::Private(server) => server.fmt(f),
        }
    }
}
