//! A row is one in a session, also where its table is read as several types: an enum of kinds, and the struct of a kind.

use super::Session;
use super::erased::AnyArena;
use super::steps::Arenas;
use super::tracked::Tracked;
use crate::error::{Error, Result};
use crate::sql::Table;
use crate::value::Keys;
use std::any::TypeId;

impl Session {
    /// Whether rows of the entity's table may be here as another type.
    pub(super) fn has_rivals<E: Tracked>(&mut self) -> Result<bool> {
        self.arena_mut::<E>()?;
        let kind = TypeId::of::<E>();
        let at = self.arenas.iter().position(|(other, _)| *other == kind);
        Ok(at.is_some_and(|at| has_rivals(&self.arenas, at)))
    }
}

/// Whether another type's rows are of the same table.
pub(super) fn has_rivals(arenas: &Arenas, at: usize) -> bool {
    rivals(arenas, at).next().is_some()
}

/// Refuses a row that is about to come as one type, and is known as another.
pub(super) fn is_one(arenas: &Arenas, at: usize, key: &Keys) -> Result<()> {
    let Some((_, own)) = arenas.get(at) else {
        return Ok(());
    };
    let known = rivals(arenas, at).find(|other| other.find(key).is_some());
    match known.filter(|_| own.find(key).is_none()) {
        Some(known) => Err(two_truths(own.table(), known.table())),
        None => Ok(()),
    }
}

fn rivals(arenas: &Arenas, at: usize) -> impl Iterator<Item = &dyn AnyArena> {
    let name = |arena: &dyn AnyArena| (arena.table().name, arena.table().schema);
    let own = arenas.get(at).map(|(_, arena)| name(&**arena));
    let arenas = arenas.iter().map(|(_, arena)| &**arena).enumerate();
    let others = arenas.filter(move |(other, arena)| *other != at && own == Some(name(*arena)));
    others.map(|(_, arena)| arena)
}

#[cold]
fn two_truths(asked: &Table, known: &Table) -> Error {
    let (asked, table, known) = (asked.entity, asked.name, known.entity);
    Error::usage(format!(
        "a row of table `{table}` was asked for as `{asked}`, and this session has it as `{known}`: it would be changed in one and \
         not in the other; ask for it as `{known}`, `detach` it first, or ask in another session"
    ))
}
