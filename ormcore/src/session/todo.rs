//! What a flush has to write of one entity's rows, found out without changing anything.

use super::arena::{Arena, encode, encode_into, position};
use super::erased::{DirtyRow, Insertion, LeavingRow, Replace, Todo, Wrong};
use super::kept::{Content, Removed};
use super::pending::{Pending, RawPart};
use super::tracked::Tracked;
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{ColumnInfo, Insert, Returning, Rows, Table};
use crate::value::{ColumnValues, Encoded, KeyValue, column_of};
use std::any::Any;

impl<E: Tracked> Arena<E> {
    pub(super) fn draft(&self, slot: u32) -> Option<&dyn Pending<E>> {
        match &self.slots.get(slot as usize)?.content {
            Content::Pending(draft) => Some(&**draft),
            _ => None,
        }
    }

    pub(super) fn find_todo(&self, strict: bool) -> Result<Todo, Wrong> {
        let (mut todo, mut now) = (Todo::default(), Encoded::default());
        for slot in self.touched.iter().copied() {
            match self.slots.get(slot as usize).map(|slot| &slot.content) {
                None | Some(Content::Vacant) => {}
                Some(Content::Pending(_)) => todo.inserts.push(slot),
                Some(Content::Row(kept)) if kept.again.is_some() => todo.inserts.push(slot),
                Some(Content::Row(kept)) => match (kept.removed, &kept.before) {
                    (Removed::Done, _) | (Removed::No, None) => {}
                    (Removed::Wanted, Some(before)) => todo.deletes.push(LeavingRow {
                        slot,
                        before: (**before).clone(),
                    }),
                    (Removed::Wanted, None) => todo.deletes.push(LeavingRow {
                        slot,
                        before: encode(&kept.row, &self.types).0,
                    }),
                    (Removed::No, Some(before)) => {
                        let update = self.update(slot, (&kept.row, before), &mut now, strict)?;
                        todo.updates.extend(update);
                    }
                },
            }
        }
        Ok(todo)
    }

    fn update(
        &self,
        slot: u32,
        (row, before): (&E, &Encoded),
        now: &mut Encoded,
        strict: bool,
    ) -> Result<Option<DirtyRow>, Wrong> {
        let failed = encode_into(now, row, &self.types);
        if let (true, Some((column, error))) = (strict, failed) {
            return Err(wrong(slot, column_of_table(E::TABLE, column), error));
        }
        let columns = changed(before, now, E::TABLE);
        for column in columns.iter().filter(|_| strict) {
            let info = column_of_table(E::TABLE, *column);
            if let Some(info) = info.filter(|info| is_key(E::TABLE, info)) {
                let message = format!(
                    "`{}::{}` is part of the primary key of a row that is stored, which finds it and stays as it is; remove \
                     the row and add another",
                    E::TABLE.entity,
                    info.field
                );
                return Err(wrong(slot, Some(info), Error::usage(message)));
            }
        }
        let scope = E::TABLE.scope.map(|scope| scope.column);
        let moves = columns.iter().filter(|_| strict);
        let mut moves = moves.filter_map(|column| column_of_table(E::TABLE, *column));
        if let Some(info) = moves.find(|info| scope.is_some_and(|scope| std::ptr::eq(scope, *info)))
        {
            let message = format!(
                "`{}::{}` says which scope a row is of, and stays as it is; remove the row, and add it in the other scope",
                E::TABLE.entity,
                info.field
            );
            return Err(wrong(slot, Some(info), Error::usage(message)));
        }
        Ok((!columns.is_empty()).then_some(DirtyRow {
            slot,
            columns,
            now: now.clone(),
            version: E::TABLE
                .version
                .and_then(position::<E>)
                .map(|at| before.part(at).to_vec()),
            resolved: Vec::new(),
        }))
    }

    pub(super) fn make_insertions(
        &self,
        slots: &[u32],
        made: &dyn Fn(u32) -> Option<RawPart>,
        replace: &mut Replace<'_>,
    ) -> Result<Vec<Insertion>, Wrong> {
        let mut groups: Vec<Group<E>> = Vec::new();
        for slot in slots.iter().copied() {
            let Some(draft) = self.draft(slot) else {
                continue;
            };
            let mut draft = draft.copy();
            let resolved = draft.resolve(&mut |column, key| replace(slot, column, key));
            if let Err(error) = resolved {
                let message = format!("a new `{}` cannot be stored", E::TABLE.entity);
                let error = Error::new(ErrorKind::Encode, message).with_source(error);
                return Err(wrong(slot, None, error));
            }
            let key = made(slot);
            let (kind, has_key) = (draft.as_any().type_id(), key.is_some());
            let is_its = |group: &&mut Group<E>| {
                let first = group.drafts.first();
                first.is_some_and(|first| first.as_any().type_id() == kind)
                    && group.keys.is_empty() != has_key
            };
            let group = match groups.iter_mut().find(is_its) {
                Some(group) => group,
                None => {
                    groups.push(Group::default());
                    let last = groups.len() - 1;
                    &mut groups[last]
                }
            };
            group.slots.push(slot);
            group.drafts.push(draft);
            group.keys.extend(key);
        }
        // Those that were there before come first: newer ones may refer to them.
        let mut insertions: Vec<Insertion> = self.repeat(slots, replace)?.into_iter().collect();
        for group in groups {
            insertions.push(group.into_insertion()?);
        }
        Ok(insertions)
    }

    /// The columns of a row that is to be inserted again: those it was given, and its key, which stays.
    pub(super) fn again(&self, slot: u32) -> Vec<&'static ColumnInfo> {
        let Some(given) = self.kept(slot).and_then(|kept| kept.again) else {
            return Vec::new();
        };
        let is_given = |key: &&ColumnInfo| given.iter().any(|other| std::ptr::eq(*other, *key));
        let keys = E::TABLE.key.iter().copied().filter(|key| !is_given(key));
        keys.chain(given.iter().copied()).collect()
    }

    fn repeat(&self, slots: &[u32], replace: &mut Replace<'_>) -> Result<Option<Insertion>, Wrong> {
        let (mut again, mut rows, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for slot in slots.iter().copied() {
            let Some(kept) = self.kept(slot) else {
                continue;
            };
            let (mut now, failed) = encode(&kept.row, &self.types);
            if let Some((column, error)) = failed {
                return Err(wrong(slot, column_of_table(E::TABLE, column), error));
            }
            for lead in &self.leads {
                let key = self.lead_key(&now, lead.column);
                if let Some(part) = key.and_then(|key| replace(slot, lead.column, key)) {
                    now = now.with(lead.column, &with_length(part.raw.as_deref()));
                }
            }
            columns = self.again(slot);
            again.push(slot);
            rows.push(now);
        }
        let Some(first) = again.first().copied() else {
            return Ok(None);
        };
        let arrays = columns.iter().copied().map(|column| {
            let at = position::<E>(column).unwrap_or(usize::MAX);
            let array = column_of(column.ty, rows.iter().map(|row| row.part(at)));
            array.map_err(|error| {
                let error =
                    Error::new(ErrorKind::Encode, "a row cannot be sent").with_source(error);
                wrong(first, Some(column), error)
            })
        });
        let arrays = arrays.collect::<Result<Vec<_>, Wrong>>()?;
        let statement = Insert {
            table: E::TABLE,
            columns,
            rows: Rows::Many(arrays),
            returning: Returning::Rows,
            conflict: None,
            said: None,
        };
        Ok(Some(Insertion {
            slots: again,
            statement,
        }))
    }

    /// The value of a column as a key.
    pub(super) fn lead_key(&self, encoded: &Encoded, column: usize) -> Option<KeyValue> {
        let (info, ty) = (E::TABLE.columns.get(column)?, self.types.get(column)?);
        (info.key)(ty, encoded.raw(column)).ok()
    }
}

/// New rows of one kind, with the keys they are given, if they are.
struct Group<E> {
    slots: Vec<u32>,
    drafts: Vec<Box<dyn Pending<E>>>,
    keys: Vec<RawPart>,
}

impl<E> Default for Group<E> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            drafts: Vec::new(),
            keys: Vec::new(),
        }
    }
}

impl<E: Tracked> Group<E> {
    fn into_insertion(self) -> Result<Insertion, Wrong> {
        let Self {
            slots,
            drafts,
            keys,
        } = self;
        let mut drafts = drafts.into_iter();
        let Some(first) = drafts.next() else {
            return Err(wrong(0, None, Error::usage("there is nothing to insert")));
        };
        let (mut columns, rows);
        if slots.len() == 1 && keys.is_empty() {
            let row = first.into_row();
            (columns, rows) = (row.columns, Rows::One(row.values));
        } else {
            columns = first.columns().to_vec();
            let mut arrays = first.into_arrays(drafts.collect()).0;
            if let (false, [key]) = (keys.is_empty(), E::TABLE.key) {
                let array = made_keys(key, &keys);
                let slot = slots.first().copied().unwrap_or(0);
                arrays.push(array.map_err(|error| wrong(slot, Some(key), error))?);
                columns.push(key);
            }
            rows = Rows::Many(arrays);
        }
        let statement = Insert {
            table: E::TABLE,
            columns,
            rows,
            returning: Returning::Rows,
            conflict: None,
            said: None,
        };
        Ok(Insertion { slots, statement })
    }
}

/// Keys as an array.
pub(super) fn made_keys(column: &'static ColumnInfo, keys: &[RawPart]) -> Result<ColumnValues> {
    let mut encoded = Encoded::default();
    for key in keys {
        encoded.push_part(&with_length(key.raw.as_deref()));
    }
    let parts = (0..encoded.len()).map(|at| encoded.part(at));
    column_of(column.ty, parts)
        .map_err(|error| Error::new(ErrorKind::Encode, "a key cannot be sent").with_source(error))
}

/// Bytes with their length before them.
pub(super) fn with_length(raw: Option<&[u8]>) -> Vec<u8> {
    let length = raw.map_or(-1, |raw| i32::try_from(raw.len()).unwrap_or(i32::MAX));
    let mut part = length.to_be_bytes().to_vec();
    part.extend_from_slice(raw.unwrap_or_default());
    part
}

/// The places of the columns that differ. The version is the flush's own business.
pub(super) fn changed(before: &Encoded, now: &Encoded, table: &'static Table) -> Vec<usize> {
    let is_version = |at: usize| {
        let column = table.columns.get(at).zip(table.version);
        column.is_some_and(|(column, version)| std::ptr::eq(*column, version))
    };
    let columns = (0..now.len()).filter(|at| before.part(*at) != now.part(*at));
    columns.filter(|at| !is_version(*at)).collect()
}

pub(super) fn is_key(table: &'static Table, column: &ColumnInfo) -> bool {
    table.key.iter().any(|key| std::ptr::eq(*key, column))
}

fn column_of_table(table: &'static Table, at: usize) -> Option<&'static ColumnInfo> {
    table.columns.get(at).copied()
}

pub(super) fn wrong(slot: u32, column: Option<&'static ColumnInfo>, error: Error) -> Wrong {
    Wrong {
        slot,
        columns: column.map(|column| column.field).into_iter().collect(),
        error,
    }
}

impl<E: Tracked> Arena<E> {
    /// A new row as the struct it was given as.
    pub(super) fn new_row<D: Any>(&self, slot: u32) -> Option<&D> {
        self.draft(slot)?.as_any().downcast_ref()
    }

    pub(super) fn new_row_mut<D: Any>(&mut self, slot: u32) -> Option<&mut D> {
        match &mut self.slots.get_mut(slot as usize)?.content {
            Content::Pending(draft) => draft.as_any_mut().downcast_mut(),
            _ => None,
        }
    }

    /// The columns of a row that differ from what the database has.
    pub(super) fn dirty_columns(&self, slot: u32) -> Vec<&'static ColumnInfo> {
        let Some((kept, before)) = self
            .kept(slot)
            .and_then(|kept| Some((kept, kept.before.as_ref()?)))
        else {
            return Vec::new();
        };
        let (now, _) = encode(&kept.row, &self.types);
        let columns = changed(before, &now, E::TABLE).into_iter();
        columns
            .filter_map(|at| column_of_table(E::TABLE, at))
            .collect()
    }
}
