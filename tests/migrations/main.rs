//! Migrations, on a real PostgreSQL.

mod agreement;
mod database;
mod dropped;
mod failures;
mod folder;
mod together;
mod undone;
mod up;
