//! The real application on a real PostgreSQL: what clients get, and what was exported about it.

mod app;
mod exported;
mod problems;
mod steps;
mod traces;
mod tree;

pub(crate) use self::exported::exported;
