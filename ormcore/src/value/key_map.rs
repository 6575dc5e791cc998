//! Places by key.

use super::Keys;
use foldhash::fast::RandomState;
use std::collections::hash_map::{self, HashMap};

/// Where each key is. The common key is one number, and is looked up at a third of the cost of the rest.
#[derive(Debug, Default)]
pub(crate) struct KeyMap {
    integers: HashMap<i64, u32, RandomState>,
    others: HashMap<Keys, u32, RandomState>,
}

/// A key, known or not.
pub(crate) enum Entry<'a> {
    At(u32),
    Integer(hash_map::VacantEntry<'a, i64, u32>),
    Other(hash_map::VacantEntry<'a, Keys, u32>),
}

impl Entry<'_> {
    /// Puts the key here, if it was not known.
    #[inline]
    pub(crate) fn fill(self, place: u32) {
        match self {
            Self::At(_) => {}
            Self::Integer(free) => drop(free.insert(place)),
            Self::Other(free) => drop(free.insert(place)),
        }
    }
}

impl KeyMap {
    #[inline]
    pub(crate) fn get(&self, key: &Keys) -> Option<u32> {
        match key.as_integer() {
            Some(integer) => self.integers.get(&integer).copied(),
            None => self.others.get(key).copied(),
        }
    }

    /// Where the key is, or is to be.
    #[inline]
    pub(crate) fn entry(&mut self, key: Keys) -> Entry<'_> {
        match key.into_integer() {
            Ok(integer) => match self.integers.entry(integer) {
                hash_map::Entry::Occupied(found) => Entry::At(*found.get()),
                hash_map::Entry::Vacant(free) => Entry::Integer(free),
            },
            Err(key) => match self.others.entry(key) {
                hash_map::Entry::Occupied(found) => Entry::At(*found.get()),
                hash_map::Entry::Vacant(free) => Entry::Other(free),
            },
        }
    }

    /// Makes room for so many more keys that are numbers.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.integers.reserve(more);
    }

    /// Puts the key here, wherever it was.
    #[inline]
    pub(crate) fn insert(&mut self, key: Keys, place: u32) {
        match key.into_integer() {
            Ok(integer) => self.integers.insert(integer, place),
            Err(key) => self.others.insert(key, place),
        };
    }

    /// Forgets the key, if it is here.
    pub(crate) fn remove(&mut self, key: &Keys, place: u32) {
        if self.get(key) == Some(place) {
            match key.as_integer() {
                Some(integer) => self.integers.remove(&integer),
                None => self.others.remove(key),
            };
        }
    }
}
