//! The real application on a real PostgreSQL: what clients get, and what was exported about it.

mod accounts;
mod app;
mod docs;
mod exported;
mod front;
mod owners;
mod problems;
mod readme;
mod secrecy;
mod steps;
mod tokens;
mod traces;
mod tree;

pub(crate) use self::exported::{Written, exported};
