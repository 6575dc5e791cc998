//! The names generated code may use, and nothing else. No part of the public interface.

pub use crate::db::{Lazy, Row};
pub use crate::entity::{
    Arrays, Changes, Column, Columns, CopyRow, Entity, Insertable, NewRow, Patch, Selection,
    SoftDelete, SubSelect, Versioned, is_moment, leads_to, same_key,
};
pub use crate::error::Result;
pub use crate::query::{
    CopyIn, CopyItem, Delete, Find, FromRow, Get, How, Insert, InsertMany, Step, Update,
    UpdateEach, Upsert,
};
pub use crate::relation::{
    BelongsTo, HasMany, HasOne, Link, Many, ManyToMany, One, RelationInfo, When,
};
pub use crate::sql::{ColumnInfo, Reference, Table, Through, link_column, unique_key};
pub use crate::value::{
    ColumnValues, DecodeError, Definition, Fields, Form, Fraction, IntoKey, JsonDocument, KeyType,
    KeyValue, Label, Moment, Network, Number, Param, RangeElement, RangeSet, SqlType, TextValue,
    Type, Value, is_text, read_label, takes, write_field, write_fields, write_label,
};
pub use bytes::BytesMut;
pub use futures_util::Stream;
pub use postgres_types::{FromSql, IsNull, ToSql, to_sql_checked};
