//! Rows that came together: what one of them leads to is loaded for all.

use super::Session;
use super::arena::Arena;
use super::edges::Edge;
use super::reference::{Place, Ref};
use super::refusal::stale;
use super::tracked::Tracked;
use crate::error::Result;

impl Session {
    /// The rows that a relation is loaded for together with this one, and the question they came with. Whoever loads row by
    /// row, without wishes, goes through all of them once.
    pub(super) fn loaded_with<E: Tracked>(
        &self,
        edge: Edge,
        owner: Ref<E>,
        plain: bool,
    ) -> Result<(Vec<Place>, u32)> {
        let owners = self.arena::<E>();
        let owners = owners.ok_or_else(|| stale::<E>(owner.place))?;
        let question = owners.row(owner.place)?.set;
        let was_asked = plain && self.lists.was_asked(edge.info, question);
        let rows = match was_asked && self.leads_to_known(edge, owner) {
            true => vec![owner.place],
            false => owners.peers(owner.place, question),
        };
        Ok((rows, question))
    }

    /// Whether what a row leads to is there.
    fn leads_to_known<E: Tracked>(&self, edge: Edge, owner: Ref<E>) -> bool {
        let info = edge.info;
        if !info.refers {
            return self.lists.has_all(info, owner.place);
        }
        let owners = self.arena::<E>();
        let key = owners.and_then(|owners| owners.keys_at(owner.place.slot, info.owner_columns));
        let targets = self.arenas.iter().find(|(kind, _)| *kind == edge.target);
        key.is_some_and(|key| {
            key.is_null() || targets.is_some_and(|(_, targets)| targets.is_known(&key))
        })
    }
}

impl<E: Tracked> Arena<E> {
    /// The rows that came with the same question, this one first.
    fn peers(&self, place: Place, question: u32) -> Vec<Place> {
        let mut peers = vec![place];
        if question == 0 {
            return peers;
        }
        let slots = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        for slot in (0..slots).filter(|slot| *slot != place.slot) {
            let peer = self.place(slot);
            if self.row(peer).is_ok_and(|other| other.set == question) {
                peers.push(peer);
            }
        }
        peers
    }
}
