//! Relations that came with their owners, taken out of the owners' fields.

use super::select_in::{Question, about, leading_to};
use super::{Relation, RelationInfo, Shared};
use crate::entity::Entity;
use crate::sql::{Operation, Output, Select, Table};
use crate::value::Keys;
use std::fmt;
use std::sync::Arc;

/// What one owner's field held.
pub enum Held<T> {
    /// It was not loaded.
    Nothing,
    /// Rows of its own.
    Many(Vec<T>),
    /// A row that others may lead to as well, if there is one.
    One(Option<Shared<T>>),
}

impl<T> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "(not loaded)",
            Self::Many(_) | Self::One(_) => "…",
        })
    }
}

/// What was taken from all owners: each row once, and whose they are.
pub(crate) struct Taken<T> {
    pub(crate) rows: Vec<T>,
    /// For each owner the places of its rows; none, where nothing was loaded.
    pub(crate) owners: Vec<Option<Vec<usize>>>,
}

/// Takes what a relation holds.
pub(crate) fn take<R: Relation>(relation: R, owners: &mut [R::Owner]) -> Taken<R::Target> {
    let mut taken = Taken {
        rows: Vec::new(),
        owners: Vec::with_capacity(owners.len()),
    };
    let mut groups: Vec<Arc<Vec<R::Target>>> = Vec::new();
    let mut shared = Vec::with_capacity(owners.len());
    for owner in owners {
        let (rows, lead) = match relation.take(owner) {
            Held::Nothing => (None, None),
            Held::Many(rows) => {
                let start = taken.rows.len();
                taken.rows.extend(rows);
                (Some((start..taken.rows.len()).collect()), None)
            }
            Held::One(None) => (Some(Vec::new()), None),
            Held::One(Some(row)) => {
                let Shared { group, at } = row;
                let known = groups.iter().position(|other| Arc::ptr_eq(other, &group));
                let number = known.unwrap_or_else(|| {
                    groups.push(group);
                    groups.len() - 1
                });
                (Some(Vec::new()), Some((number, at)))
            }
        };
        taken.owners.push(rows);
        shared.push(lead);
    }
    // Nobody else holds them any more.
    let mut starts = Vec::with_capacity(groups.len());
    for group in groups {
        starts.push(taken.rows.len());
        taken
            .rows
            .extend(Arc::try_unwrap(group).unwrap_or_default());
    }
    for (owner, lead) in taken.owners.iter_mut().zip(shared) {
        if let (Some(rows), Some((group, at))) = (owner, lead) {
            rows.extend(starts.get(group).map(|start| start + at));
        }
    }
    taken
}

/// The question for the rows that keys lead to, and where in its rows the key is that led there.
pub(crate) struct Leading {
    pub(crate) select: Select,
    /// The table whose columns hold it, and where they begin.
    pub(crate) holder: &'static Table,
    pub(crate) offset: usize,
    pub(crate) lead: Vec<usize>,
}

/// Asks nothing yet.
pub(crate) fn leading<T: Entity>(info: &'static RelationInfo, keys: Vec<Keys>) -> Leading {
    let question = Question::<T>::plain(info);
    let columns = info.keyed();
    let (owners_are, said) = leading_to(info.common(), columns.clone(), keys);
    let (mut base, led_by) = about(info, question, owners_are);
    if let Some(said) = said {
        base.more().said = Some(Arc::new(said));
    }
    let mut select = Select::new(Operation::Find, Output::Columns, base);
    select.joins = led_by.into_iter().collect();
    let (holder, offset, lead) = match info.through() {
        None => (T::TABLE, 0, T::TABLE.positions(&columns)),
        Some(through) => {
            let owners = through.owners;
            (owners, T::TABLE.columns.len(), owners.positions(&columns))
        }
    };
    Leading {
        select,
        holder,
        offset,
        lead,
    }
}
