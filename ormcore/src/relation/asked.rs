//! The keys of owners, as they are asked for.

use super::{NOWHERE, Pairs, Places};
use crate::value::{Keys, Numbering};

/// The keys to ask for: each once, without those that lead to nothing.
pub(super) struct Asked {
    pub(super) keys: Vec<Keys>,
    /// Where each of them is in `keys`.
    pub(super) places: Numbering,
    /// Where each owner's is.
    pub(super) owners: Vec<usize>,
    /// Whether owners of one key each have the rows for themselves.
    pub(super) many: bool,
}

/// Owners of one are taken to lead to no more rows than this.
const LIKELY: usize = 256;

impl Asked {
    pub(super) fn of<'k>(
        of_owners: impl ExactSizeIterator<Item = Option<&'k Keys>> + Clone,
        many: bool,
    ) -> Self {
        // Owners of many have a key each; those of one may share theirs.
        let likely = of_owners.len().min(if many { usize::MAX } else { LIKELY });
        let mut keys = Vec::with_capacity(likely);
        let of_owners = of_owners.map(|key: Option<&Keys>| key.filter(|key| !key.is_null()));
        let mut places = Numbering::of(of_owners.clone().flatten());
        let place = |key: Option<&Keys>| {
            let Some(key) = key else {
                return NOWHERE;
            };
            let place = places.number(key.clone());
            if place == keys.len() {
                keys.push(key.clone());
            }
            place
        };
        let owners = of_owners.map(place).collect();
        Self {
            keys,
            places,
            owners,
            many,
        }
    }

    pub(super) fn nothing(self) -> Pairs {
        Pairs {
            owners: Places::Listed(self.owners),
            targets: Places::InOrder,
            count: 0,
        }
    }

    /// The owners of each key, where some share one although each has its rows for itself.
    pub(super) fn sharers(&self) -> Option<Vec<Vec<usize>>> {
        let mut held = self.owners.iter().filter(|place| **place != NOWHERE);
        if !self.many || held.by_ref().count() == self.keys.len() {
            return None;
        }
        let mut sharers = vec![Vec::new(); self.keys.len()];
        for (owner, place) in self.owners.iter().enumerate() {
            if let Some(sharers) = sharers.get_mut(*place) {
                sharers.push(owner);
            }
        }
        Some(sharers)
    }
}
