//! The tables that entities describe: creates them, compares them with those of a database, and writes what makes these fit.

mod changes;
mod compare_tables;
mod compare_types;
mod conversion;
mod create;
mod diff;
mod difference;
mod gap;
mod live;
mod mend_tables;
mod mend_types;
mod retype;
mod verify;

pub use crate::sql::Table;
pub use changes::{Changes, Risk, Statement};
pub use create::create;
pub use diff::diff;
pub use difference::{Difference, DifferenceKind};
pub use verify::{differences, verify};

/// The tables of some entities, for [`schema::create`](crate::schema::create): `entities![User, Post]`.
#[macro_export]
macro_rules! entities {
    ($($entity:ty),* $(,)?) => {
        [$(<$entity as $crate::Entity>::TABLE),*]
    };
}
