//! What there is to ask about a statement that failed: what was sent, and what the error tells of it.

use super::erased::AnyArena;
use super::failure::Failure;
use super::reference::Place;
use super::send::look;
use super::steps::{Arenas, FlushKind, FlushStep};
use crate::db::{Row, Source};
use crate::error::{Error, ErrorKind};
use crate::sql::{
    self, Blame, ColumnInfo, Sent, SentValues, Table, Told, folded, is_about, violated,
};
use crate::value::{ColumnValues, Encoded, Param, Value as _, list_of};
use std::mem;
use std::panic::Location;

/// For which rows a statement failed.
pub(super) struct Doubt {
    /// The rows that were sent, and others that have until later in the flush what some of them take.
    places: Vec<Place>,
    sent: usize,
    question: Blame,
}

/// A column, and the function of it that is told, if it is not the value itself.
type Column = (&'static ColumnInfo, Option<&'static str>);

impl Doubt {
    /// The rows it was, and the others that are in their way; none, where nobody can tell.
    pub(super) async fn look(
        &self,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> (Vec<Place>, Vec<Place>) {
        let mut positions: Vec<usize> = Vec::new();
        let on_row = &mut |row: Row<'_>| {
            let position = row.ty(0).map(|ty| i64::decode(ty, row.raw(0)));
            if let Some(Ok(position)) = position {
                // They are counted from 1.
                positions.extend(usize::try_from(position - 1));
            }
            Ok(())
        };
        if look(source, &self.question, on_row, caller).await.is_err() {
            return (Vec::new(), Vec::new());
        }
        positions.sort_unstable();
        let (sent, others): (Vec<usize>, _) = positions.into_iter().partition(|at| *at < self.sent);
        let place = |at: usize| self.places.get(at).copied();
        (
            sent.into_iter().filter_map(place).collect(),
            others.into_iter().filter_map(place).collect(),
        )
    }

    /// Nothing, where it is one row's fault in any case, or nobody can tell.
    pub(super) fn about(
        mut steps: Vec<FlushStep>,
        at: usize,
        error: &Error,
        arenas: &Arenas,
    ) -> Option<Box<Self>> {
        let step = steps.get(at)?;
        let (_, arena) = arenas.get(step.arena)?;
        let (table, all) = match &step.kind {
            FlushKind::Link { statement } => {
                (statement.through.table, statement.through.ends().collect())
            }
            _ => (arena.table(), arena.table().columns.to_vec()),
        };
        let (columns, told) = match error.kind() {
            ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation => {
                key_told(error, table, &all)?
            }
            ErrorKind::CheckViolation | ErrorKind::NotNullViolation if is_about(error, table) => {
                (written(step), row_told(error)?)
            }
            _ => return None,
        };
        let others: Vec<(u32, Encoded)> = match error.kind() {
            ErrorKind::UniqueViolation => {
                let same = steps
                    .iter()
                    .skip(at)
                    .filter(|other| other.arena == step.arena);
                let slots = same.flat_map(|step| giving_up(step, table, &columns));
                slots
                    .filter_map(|slot| Some((slot, stored(&**arena, slot)?)))
                    .collect()
            }
            _ => Vec::new(),
        };
        let sent = step.slots.len();
        if sent == 1 && others.is_empty() {
            return None;
        }
        let slots = step.slots.iter().chain(others.iter().map(|(slot, _)| slot));
        let places = slots.map(|slot| arena.place(*slot)).collect();
        // A whole row is told by what else it has.
        let all_needed = !matches!(told, Told::Row(_));
        let step = steps.get_mut(at)?;
        let mut of_columns = Vec::with_capacity(columns.len());
        for (column, folded) in columns {
            let values = match take_values(step, column, &**arena) {
                Some(values) => values,
                None if all_needed => return None,
                None => continue,
            };
            let place = table.positions(&[column]).pop();
            let others = place.filter(|_| !others.is_empty()).map(|place| {
                let others = others.iter();
                list_of(others.map(|(_, row)| row.part(place)))
            });
            of_columns.push(Sent {
                column,
                folded,
                values,
                others,
            });
        }
        if of_columns.is_empty() {
            return None;
        }
        let question = Blame {
            table,
            sent: of_columns,
            told,
        };
        Some(Box::new(Self {
            places,
            sent,
            question,
        }))
    }

    /// About the rows of an arena, where COMMIT was refused.
    pub(super) fn of_commit(arena: &dyn AnyArena, error: &Error) -> Option<(Failure, Self)> {
        if !matches!(
            error.kind(),
            ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation
        ) {
            return None;
        }
        let table = arena.table();
        let (columns, told) = key_told(error, table, table.columns)?;
        let rows = arena.written(matches!(told, Told::Referred { .. }));
        let of_column = |(column, folded): Column| {
            let place = table.positions(&[column]).pop()?;
            is_plain(column).then(|| Sent {
                column,
                folded,
                values: SentValues::Many(list_of(rows.iter().map(|(_, row)| row.part(place)))),
                others: None,
            })
        };
        let sent: Vec<Sent> = columns.into_iter().map(of_column).collect::<Option<_>>()?;
        let places: Vec<Place> = rows.iter().map(|(slot, _)| arena.place(*slot)).collect();
        if places.is_empty() {
            return None;
        }
        let columns = violated(error, table).into_iter();
        let columns = columns.map(|column| column.field).collect();
        let failure = Failure::new(table, places.clone(), columns, error.kind());
        let doubt = Self {
            sent: places.len(),
            places,
            question: Blame { table, sent, told },
        };
        Some((failure, doubt))
    }
}

/// The columns of a key that is in the way or missing, and its values.
fn key_told(
    error: &Error,
    table: &'static Table,
    columns: &[&'static ColumnInfo],
) -> Option<(Vec<Column>, Told)> {
    let (_, key) = error.detail()?.split_once(")=(")?;
    let key = Param::from_text(key.to_owned());
    if !error.referred().is_empty() {
        let constraint = Param::from_text(error.constraint()?.to_owned());
        return Some((
            named(error.referred(), columns)?,
            Told::Referred { key, constraint },
        ));
    }
    let is_its = is_about(error, table);
    let columns = is_its.then(|| named(error.columns(), columns)).flatten()?;
    Some((columns, Told::Key(key)))
}

/// The row that was refused.
fn row_told(error: &Error) -> Option<Told> {
    let detail = error.detail()?;
    let (start, end) = detail.find('(').zip(detail.rfind(')'))?;
    let row = format!(", {}, ", detail.get(start + 1..end)?);
    Some(Told::Row(Param::from_text(row)))
}

/// The columns of these names, if all are there, and the functions of them that are meant.
fn named(names: &[String], columns: &[&'static ColumnInfo]) -> Option<Vec<Column>> {
    let column = |name: &String| {
        let (function, name) = folded(name);
        let column = columns.iter().find(|column| column.name == name)?;
        Some((*column, function))
    };
    let found: Vec<_> = names.iter().map(column).collect::<Option<_>>()?;
    (!found.is_empty()).then_some(found)
}

/// The columns that a step writes or finds rows by, as they are then.
fn written(step: &FlushStep) -> Vec<Column> {
    match &step.kind {
        FlushKind::Insert { statement, .. } => {
            let columns = statement.columns.iter();
            columns.map(|column| (*column, None)).collect()
        }
        FlushKind::Update { statement, .. } | FlushKind::Follow { statement, .. } => {
            let is_version = |column: &ColumnInfo| {
                let version = statement.table.version;
                version.is_some_and(|version| std::ptr::eq(version, column))
            };
            let columns = statement.columns.iter().copied();
            let columns = columns.filter(|column| !is_version(column));
            columns.map(|column| (column, None)).collect()
        }
        FlushKind::Link { .. } | FlushKind::Remove { .. } => Vec::new(),
    }
}

/// The rows of a step that have other values in these columns behind it, or are gone.
fn giving_up(step: &FlushStep, table: &'static Table, columns: &[Column]) -> Vec<u32> {
    let columns: Vec<_> = columns.iter().map(|(column, _)| *column).collect();
    let places = table.positions(&columns);
    match &step.kind {
        FlushKind::Update { updates, .. } => {
            let mut slots = Vec::new();
            for update in updates {
                if update.columns.iter().any(|place| places.contains(place)) {
                    slots.push(update.slot);
                }
            }
            slots
        }
        FlushKind::Remove { .. } => step.slots.clone(),
        FlushKind::Insert { .. } | FlushKind::Follow { .. } | FlushKind::Link { .. } => Vec::new(),
    }
}

fn stored(arena: &dyn AnyArena, slot: u32) -> Option<Encoded> {
    let stored = arena.stored(slot)?;
    (stored.len() == arena.table().columns.len()).then_some(stored)
}

/// Whether `unnest` leaves its values as they are.
fn is_plain(column: &ColumnInfo) -> bool {
    !column.ty.holds_arrays() && !column.ty.is_composite()
}

/// What was sent in a column, unless it is of a kind that is not taken apart.
fn take_values(
    step: &mut FlushStep,
    column: &'static ColumnInfo,
    arena: &dyn AnyArena,
) -> Option<SentValues> {
    if !is_plain(column) {
        return None;
    }
    let is_it = |other: &&'static ColumnInfo| std::ptr::eq(*other, column);
    let place = arena.table().columns.iter().position(is_it);
    let values = match &mut step.kind {
        FlushKind::Insert { statement, .. } => {
            let at = statement.columns.iter().position(is_it)?;
            match &mut statement.rows {
                sql::Rows::One(values) => {
                    let value = mem::replace(values.get_mut(at)?, Param::null());
                    return Some(SentValues::One(value));
                }
                sql::Rows::Many(arrays) => plain(arrays.get_mut(at)?)?,
            }
        }
        FlushKind::Follow { statement, .. } => {
            let at = statement.columns.iter().position(is_it)?;
            plain(statement.arrays.get_mut(at)?)?
        }
        FlushKind::Update { updates, .. } => {
            let place = place?;
            list_of(updates.iter().map(|row| row.now.part(place)))
        }
        FlushKind::Link { statement } => {
            let at = statement.through.ends().position(|other| is_it(&other))?;
            mem::replace(statement.lists.get_mut(at)?, Param::null())
        }
        FlushKind::Remove { .. } => {
            let (place, slots) = (place?, step.slots.iter());
            let rows: Option<Vec<Encoded>> = slots.map(|slot| stored(arena, *slot)).collect();
            list_of(rows?.iter().map(|row| row.part(place)))
        }
    };
    Some(SentValues::Many(values))
}

fn plain(values: &mut ColumnValues) -> Option<Param> {
    match values {
        ColumnValues::Plain(values) => Some(mem::replace(values, Param::null())),
        ColumnValues::Chosen { values, .. } => plain(values),
        ColumnValues::Lists { .. } => None,
    }
}
