//! Find, insert, update, delete. Builders describe; `run.rs` performs.

mod compound;
mod cursor;
mod delete;
mod fetch;
mod find;
mod for_each;
mod from_row;
mod get;
mod insert;
mod lock;
mod page;
mod raw;
mod run;
mod run_select;
mod select;
mod source;
mod stream;
mod update;
mod with;

pub use compound::Compound;
pub use cursor::Cursor;
pub use delete::Delete;
pub(crate) use fetch::{Fetch, fetch};
pub use find::Find;
pub use for_each::RowRef;
pub use from_row::{FromRow, How};
pub use get::Get;
pub use insert::{Insert, InsertMany};
pub use page::{After, NumberedPage, Page};
pub use raw::{Sql, sql};
pub use select::Select;
pub use source::{Onward, Step};
pub use stream::Rows;
pub use update::Update;
pub use with::With;
pub(crate) use with::{Collect, Joins, Level};
