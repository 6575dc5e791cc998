//! What a relation is: plain static data that the derive writes.

use crate::sql::{ColumnInfo, Table};
use std::fmt;

/// A relation, as a field describes it.
pub struct RelationInfo {
    /// The field's name.
    pub name: &'static str,
    /// The constant's name, such as `User::POSTS`, for messages.
    pub constant: &'static str,
    /// The entity that has it, for messages.
    pub owner: &'static str,
    /// The table it leads to. A function, because two entities may lead to each other.
    pub target: fn() -> &'static Table,
    /// The owner's columns that hold the key.
    pub owner_columns: &'static [&'static ColumnInfo],
    /// The target's columns that match them, one by one.
    pub target_columns: fn() -> &'static [&'static ColumnInfo],
}

impl fmt::Debug for RelationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.constant)
    }
}
