//! Places by key.

use super::Keys;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// Where each key is. The common key is one number, and is looked up at a third of the cost of the rest.
#[derive(Debug, Default)]
pub(crate) struct KeyMap {
    integers: HashMap<i64, u32, RandomState>,
    others: HashMap<Keys, u32, RandomState>,
}

impl KeyMap {
    #[inline]
    pub(crate) fn get(&self, key: &Keys) -> Option<u32> {
        match key.as_integer() {
            Some(integer) => self.integers.get(&integer).copied(),
            None => self.others.get(key).copied(),
        }
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
