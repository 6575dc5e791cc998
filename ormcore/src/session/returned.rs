//! What comes back of rows that a flush has changed.

use super::pending::RawPart;
use crate::db::Row;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::ColumnInfo;
use crate::value::Keys;

/// What came back of rows that were changed.
pub(super) struct Returned {
    /// The columns, those of the key first.
    columns: Vec<&'static ColumnInfo>,
    key: usize,
    pub(super) rows: Vec<(Keys, Vec<RawPart>)>,
    /// How many rows were written.
    pub(super) written: u64,
}

impl Returned {
    pub(super) fn new(columns: Vec<&'static ColumnInfo>, key: usize) -> Self {
        Self {
            columns,
            key,
            rows: Vec::new(),
            written: 0,
        }
    }

    pub(super) fn read(&mut self, row: &Row<'_>) -> Result<()> {
        let mut key = Vec::with_capacity(self.key);
        let mut parts = Vec::with_capacity(self.columns.len() - self.key);
        for (at, column) in self.columns.iter().enumerate() {
            let Some(ty) = row.ty(at) else { continue };
            if at < self.key {
                let part = (column.key)(ty, row.raw(at)).map_err(|error| {
                    let message = format!("column `{}` cannot be read", column.name);
                    Error::new(ErrorKind::Decode, message).with_source(error)
                })?;
                key.push(part);
            } else {
                parts.push(RawPart {
                    ty: ty.clone(),
                    raw: row.raw(at).map(<[u8]>::to_vec),
                });
            }
        }
        self.rows.push((key.into_iter().collect(), parts));
        Ok(())
    }
}
