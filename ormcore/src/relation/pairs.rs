//! Who belongs to whom.

/// Owners and targets that have the same place belong together.
#[derive(Debug)]
pub struct Pairs {
    /// The places of the owners.
    pub(super) owners: Places,
    /// The places of the targets.
    pub(super) targets: Places,
    /// How many places there are.
    pub(super) count: usize,
}

/// The places of some things that have an order of their own.
#[derive(Debug)]
pub(super) enum Places {
    /// The first is at the first place, and so on.
    InOrder,
    /// Of each the place.
    Listed(Vec<usize>),
}

/// The place of what belongs to nobody.
pub(super) const NOWHERE: usize = usize::MAX;

impl Places {
    pub(super) fn of(&self, number: usize) -> usize {
        match self {
            Self::InOrder => number,
            Self::Listed(places) => places.get(number).copied().unwrap_or(NOWHERE),
        }
    }

    /// What is at each of so many places.
    pub(super) fn inverted(&self, count: usize) -> Self {
        let Self::Listed(places) = self else {
            return Self::InOrder;
        };
        let mut at = vec![NOWHERE; count];
        for (number, place) in places.iter().enumerate() {
            if let Some(at) = at.get_mut(*place) {
                *at = number;
            }
        }
        Self::Listed(at)
    }
}

impl Pairs {
    /// The numbers of the targets of each of so many owners.
    pub(super) fn of_each(&self, owners: usize, targets: usize) -> Vec<Vec<usize>> {
        let mut lists = vec![Vec::new(); self.count];
        for number in 0..targets {
            if let Some(list) = lists.get_mut(self.targets.of(number)) {
                list.push(number);
            }
        }
        let of = |owner| lists.get(self.owners.of(owner)).cloned();
        (0..owners)
            .map(|owner| of(owner).unwrap_or_default())
            .collect()
    }

    /// Sorts targets by their places, each list as long as it will be.
    pub(super) fn lists<T>(&self, found: Vec<T>) -> Vec<Vec<T>> {
        let mut lengths = vec![0_usize; self.count];
        for number in 0..found.len() {
            if let Some(length) = lengths.get_mut(self.targets.of(number)) {
                *length += 1;
            }
        }
        let mut lists: Vec<Vec<T>> = lengths.into_iter().map(Vec::with_capacity).collect();
        for (number, target) in found.into_iter().enumerate() {
            if let Some(list) = lists.get_mut(self.targets.of(number)) {
                list.push(target);
            }
        }
        lists
    }
}
