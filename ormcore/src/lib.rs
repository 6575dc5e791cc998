// Where the files are that the README points to: of two definitions of a link the first counts.
#![doc = "[examples]: https://github.com/ormcore/ormcore/blob/main/examples/README.md"]
#![doc = "[picture]: https://github.com/ormcore/ormcore/raw/main/examples/fastapi_otel/traces.png"]
#![doc = "[plot]: https://github.com/ormcore/ormcore/raw/main/benches/scale.svg"]
#![doc = ""]
#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

// The rooms from the ground up: error, value, sql, telemetry, db, entity, query, relation, session, schema, migrate. Each uses
// only those before it; `tests/architecture.rs` sees to that.
mod db;
mod entity;
mod error;
pub mod migrate;
mod query;
mod relation;
pub mod schema;
mod session;
mod sql;
mod telemetry;
pub mod value;

#[doc(hidden)]
pub mod codegen;

pub use async_trait::async_trait;
pub use db::{
    AdvisoryKey, AdvisoryLock, Begin, Config, Db, Event, Executor, Isolation, Lazy, Listener,
    Pinned, Retry, Row, Savepoint, Transaction, TransactionStatus,
};
pub use entity::{
    Aggregate, Alias, Argument, Assignment, Case, Column, Columns, Condition, Counter, Edge,
    Entity, Expression, Fragment, Insertable, Inserted, IntoCondition, IntoOrder, Key, Now, Order,
    Part, Patch, Projection, Ranking, Scoped, SoftDelete, Subquery, Term, Unit, Versioned, Whole,
    Window, case, count, cume_dist, dense_rank, excluded, fragment, inserted, now, ntile,
    percent_rank, random, rank, row, row_number,
};
pub use error::{Error, ErrorKind, InvalidField, Result, TransactionId};
pub use ormcore_derive::{Entity, Row, Value, embed_migrations, fragment, sql};
pub use query::{
    After, Compound, CopyIn, CopyItem, Cursor, Delete, DoNothing, DoUpdate, Find, FromRow, Get,
    GivenAs, Insert, InsertMany, NewRows, NumberedPage, OnConflict, Onward, Page, Referrer,
    Returning, Returns, RowRef, Rows, Select, Sql, Update, UpdateEach, Upsert, With, sql,
};
pub use relation::{
    BelongsTo, HasMany, HasOne, Include, Links, Many, ManyToMany, NewLinks, One, ToMany, ToOne,
};
pub use session::{
    Change, ChangeKind, Changes, Draft, Failure, Flush, Hooks, Ref, Related, RowHooks, RowState,
    Session, Tracked,
};
pub use telemetry::{NPlusOne, SpanNames};
