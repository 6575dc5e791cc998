#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

// The rooms, each using only those above it in this list.
mod db;
mod entity;
mod error;
mod query;
mod relation;
pub mod schema;
mod sql;
mod telemetry;
pub mod value;

#[doc(hidden)]
pub mod codegen;

pub use db::{Config, Db, Executor, Row, Savepoint, Transaction};
pub use entity::{Column, Condition, Entity, Insertable, IntoOrder, Key, Order, Patch};
pub use error::{Error, ErrorKind, Result};
pub use ormcore_derive::Entity;
pub use query::{Delete, Find, Get, Insert, InsertMany, Sql, Update, With, sql};
pub use relation::{BelongsTo, HasMany, Include, Many, One, ToOne};
pub use telemetry::{NPlusOne, SpanNames};
