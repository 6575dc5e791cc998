//! Who belongs to whom.

/// Owners and targets that have the same place belong together.
#[derive(Debug)]
pub struct Pairs {
    /// The place of each owner, unless it leads nowhere.
    pub(super) owners: Vec<Option<usize>>,
    /// The place of each target; one that is not there is nobody's.
    pub(super) targets: Vec<usize>,
    /// How many places there are.
    pub(super) places: usize,
}

/// The place of what is nobody's.
pub(super) const NOWHERE: usize = usize::MAX;

impl Pairs {
    /// Sorts targets by their places, each list as long as it will be; `None` when one of them is nobody's.
    pub(super) fn lists<T>(&self, found: Vec<T>) -> Option<Vec<Vec<T>>> {
        let mut lengths = vec![0_usize; self.places];
        for place in &self.targets {
            *lengths.get_mut(*place)? += 1;
        }
        let mut lists: Vec<Vec<T>> = lengths.into_iter().map(Vec::with_capacity).collect();
        for (place, target) in self.targets.iter().zip(found) {
            lists.get_mut(*place)?.push(target);
        }
        Some(lists)
    }
}
