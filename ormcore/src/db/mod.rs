//! The only door to PostgreSQL: pool, connections, transactions.
//!
//! The rules that hold here: a connection is marked before anything is sent and cleared only when the reply has been read
//! to its end. One that is not clear is brought to rest, with what still runs on it cancelled, or else closed: it never
//! goes to anybody as it is. A COMMIT counts only when every earlier reply was read and was Ok, because the server answers
//! the COMMIT of a failed transaction with Ok too. Statements are prepared; the driver's unprepared ones hang on types it
//! does not know, and are sent only where it knows them all.

mod address;
mod advisory;
mod advisory_session;
mod at_hand;
mod attempt;
mod begin;
mod burst;
mod cancel;
mod columns;
mod comment;
mod config;
mod connect;
mod connection;
mod copied;
mod copy;
mod copy_flow;
mod copy_out;
mod copy_pipe;
mod course;
mod dedicated;
mod detail;
mod effect;
mod encryption;
mod exchange;
mod executor;
mod first;
mod hold;
mod holders;
mod identity;
mod isolation;
mod keeper;
mod kept;
mod lease;
mod limits;
mod line;
mod link;
mod listen;
#[cfg(not(feature = "tls"))]
mod no_tls;
mod opening;
mod peers;
mod pieces;
mod pinned;
mod plan;
mod pool;
mod pooler;
mod prepared;
mod refusal;
mod replica;
mod retry;
mod run;
mod savepoint;
mod scope;
mod shared;
mod snapshot;
mod standing;
mod status;
mod terms;
mod time;
#[cfg(feature = "tls")]
mod tls;
mod transaction;
mod wire;

#[cfg(not(feature = "tls"))]
use no_tls as tls;

pub use advisory::AdvisoryKey;
pub use advisory_session::AdvisoryLock;
pub use begin::Begin;
pub use config::Config;
pub(crate) use copy::{Feed, Halt, copy_in};
pub(crate) use copy_out::{EachPiece, EachRow, copy_out};
pub use executor::Executor;
pub(crate) use executor::Source;
pub(crate) use identity::Identity;
pub use isolation::Isolation;
pub use listen::{Event, Listener};
pub use peers::Lazy;
pub(crate) use peers::{Batch, Peers};
pub use pinned::Pinned;
pub(crate) use plan::{Reader, Reads, text};
pub use pool::Db;
pub use retry::Retry;
pub(crate) use run::{Done, Request, batch, run, run_alone};
pub use savepoint::Savepoint;
pub(crate) use snapshot::Snapshot;
pub use status::TransactionStatus;
pub use transaction::Transaction;
pub use wire::Row;
pub(crate) use wire::Then;
