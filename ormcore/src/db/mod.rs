//! The only door to PostgreSQL: pool, connections, transactions.
//!
//! The rules that hold here: a connection is marked before anything is sent and cleared only when the reply has been read
//! to its end; one that is not clear is closed, never pooled, and what still runs on it is cancelled. A COMMIT counts only
//! when every earlier reply was read and was Ok, because the server answers the COMMIT of a failed transaction with Ok
//! too. Statements are prepared; the driver's unprepared ones hang on types it does not know, and are sent only where it
//! knows them all.

mod at_hand;
mod attempt;
mod begin;
mod columns;
mod config;
mod connect;
mod connection;
mod copy;
mod copy_pipe;
mod effect;
mod executor;
mod first;
mod hold;
mod lease;
mod link;
mod plan;
mod pool;
mod prepared;
mod refusal;
mod run;
mod savepoint;
mod shared;
mod transaction;
mod wire;

pub use config::Config;
pub(crate) use copy::{Feed, Halt, copy_in};
pub use executor::Executor;
pub(crate) use executor::Source;
pub(crate) use plan::{Reader, Reads};
pub use pool::Db;
pub(crate) use run::{Done, Request, batch, run, run_alone};
pub use savepoint::Savepoint;
pub use transaction::Transaction;
pub use wire::Row;
pub(crate) use wire::Then;
