//! The names generated code may use, and nothing else. No part of the public interface.

pub use crate::db::Row;
pub use crate::entity::{
    Arrays, Changes, Column, CopyRow, Entity, Insertable, NewRow, Patch, Selection, SubSelect,
    same_key,
};
pub use crate::error::Result;
pub use crate::query::{
    CopyIn, CopyItem, Delete, Find, Get, How, Insert, InsertMany, Step, Update,
};
pub use crate::relation::{BelongsTo, HasMany, Link, Many, One, RelationInfo};
pub use crate::sql::{ColumnInfo, Reference, Table};
pub use crate::value::{IntoKey, KeyType, SqlType, Value};
pub use futures_util::Stream;
