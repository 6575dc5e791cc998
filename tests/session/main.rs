//! What a session promises, on a real PostgreSQL.

#[path = "../database/fresh.rs"]
#[allow(dead_code, reason = "other tests use what these do not")]
mod fresh;

mod conflicts;
mod dropped;
mod flushes;
mod identity;
mod keys;
mod orders;
mod shop;
