//! What connections and transactions promise, on a real PostgreSQL: through a proxy that counts, slows down, freezes and
//! cuts, where the server alone would be too quick or too well behaved.

mod blog;
mod proxy;
mod stage;

mod advisory_locks;
mod begin;
mod cancellation;
mod cancelled_questions;
mod cancelled_sessions;
mod classes;
mod comments;
mod consistent;
mod errors;
mod first;
mod kept;
mod listening;
mod multiplexed;
mod outcomes;
mod pinned;
mod pool;
mod pooler;
mod refusals;
mod replica;
mod retries;
mod retries_after_losses;
mod savepoints;
mod sessions;
mod siblings;
mod statements;
mod stopped;
mod terms;
mod timeouts;
mod transactions;
