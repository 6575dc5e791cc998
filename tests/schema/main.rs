//! Entities against the database as it is: what differs, and the SQL that mends it.

mod columns;
mod described;
#[path = "../database/fresh.rs"]
#[allow(dead_code, reason = "the other tests use the rest of it")]
mod fresh;
mod keys;
#[allow(dead_code, reason = "their rows are of no interest")]
mod library;
mod mended;
mod own_types;
mod tolerated;
mod whole;
