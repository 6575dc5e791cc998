//! The names generated code may use, and nothing else. No part of the public interface.

pub use crate::db::{Lazy, Row};
pub use crate::entity::{
    Arrays, Changes, Check, Column, Columns, CopyRow, Entity, Holds, Insertable, Length, NewRow,
    Patch, SameKey, Scoped, Selection, SoftDelete, SubSelect, Versioned, check_kind, is_at_least,
    is_at_most, is_email, is_kind, is_long, is_moment, is_url, kind_column, kind_name, leads_to,
    read_kind, ruled, same_key, same_type, unknown_kind,
};
pub use crate::error::Result;
pub use crate::migrate::embedded_migrations;
pub use crate::query::{
    CopyIn, CopyItem, Delete, Find, FromRow, Get, How, Insert, InsertMany, Step, Update,
    UpdateEach, Upsert,
};
pub use crate::relation::{
    BelongsTo, HasMany, HasOne, Link, Many, ManyToMany, OfAKind, One, RelationInfo, When,
};
pub use crate::session::{
    Draft, EachRelation, KeyFields, Lead, MakesKey, Tracked, Variant, leads_of_kind, put_of_kind,
    set_of_kind,
};
pub use crate::sql::{
    ColumnInfo, Index, Kind, Reference, Rule, ScopeColumn, Table, Through, columns_of_kinds,
    gathered, kinds_of_one_table, link_column, link_scope, one_column, other_kind, places_of_kind,
    scope_column, scope_is_beside, shares_scope, unique_key,
};
pub use crate::value::{
    ColumnValues, DecodeError, Definition, Fields, Form, Fraction, IdText, IntoKey, JsonDocument,
    KeyType, KeyValue, KindName, Label, Moment, Network, Number, Param, RangeElement, RangeSet,
    SqlType, TextValue, Type, Value, is_text, put_column, read_label, takes, write_field,
    write_fields, write_label,
};
pub use bytes::BytesMut;
pub use futures_util::Stream;
pub use postgres_types::{FromSql, IsNull, ToSql, to_sql_checked};
pub use serde::ser::{Serialize, SerializeStruct, Serializer};
