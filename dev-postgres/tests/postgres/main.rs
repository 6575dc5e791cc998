//! What programs may expect of a PostgreSQL with no set-up.

mod databases;
mod fetching;
mod leftovers;
mod lifetime;
mod starting;
mod support;
mod templates;
