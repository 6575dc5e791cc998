//! Rows of several tenants, with the same keys in each: nobody who speaks for one gets to those of another, whichever way.

mod distributed;
mod forgotten;
#[path = "../database/fresh.rs"]
#[allow(dead_code, reason = "the other tests use the rest of it")]
mod fresh;
mod half;
mod in_keys;
mod kinds;
#[allow(dead_code, reason = "not all columns are looked at")]
mod library;
mod links;
mod links_in_keys;
mod questions;
mod reading;
mod saying;
mod sessions;
mod writing;
