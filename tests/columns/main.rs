//! What columns say about their values: rules, who makes them, and how.

mod computed;
mod filled;
#[path = "../database/fresh.rs"]
#[allow(dead_code, reason = "the other tests use the rest of it")]
mod fresh;
mod kinds;
mod library;
mod rules;
mod rules_of_updates;
