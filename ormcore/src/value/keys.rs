//! Whole keys, and maps by them.

use super::KeyValue;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::slice;

/// A key with all its parts; the common one has one, and needs no memory of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// One column.
    Single(KeyValue),
    /// Several columns, in their order.
    Several(Box<[KeyValue]>),
}

/// Numbers keys as they come: the first is 0, and each that has not been seen before the next.
///
/// Keys come from rows, whose numbers are often consecutive: the standard hasher costs more than the rest of a look-up.
#[derive(Default)]
pub(crate) struct Numbering {
    /// The common ones, at a third of the cost.
    integers: HashMap<i64, usize, RandomState>,
    others: HashMap<Keys, usize, RandomState>,
    /// How many there will be, as far as is known.
    expected: usize,
}

impl Numbering {
    /// One for about as many keys.
    pub(crate) fn expecting(expected: usize) -> Self {
        Self {
            expected,
            ..Self::default()
        }
    }

    /// The key's number.
    #[inline]
    pub(crate) fn number(&mut self, key: Keys) -> usize {
        let next = self.integers.len() + self.others.len();
        if next == 0 {
            self.make_room(&key);
        }
        match key.into_integer() {
            Ok(integer) => *self.integers.entry(integer).or_insert(next),
            Err(key) => *self.others.entry(key).or_insert(next),
        }
    }

    /// The key's number, if it has one.
    #[inline]
    pub(crate) fn find(&self, key: &Keys) -> Option<usize> {
        match key.as_integer() {
            Some(integer) => self.integers.get(&integer).copied(),
            None => self.others.get(key).copied(),
        }
    }

    /// Keys of one relation are all of one kind.
    fn make_room(&mut self, key: &Keys) {
        match key.as_integer() {
            Some(_) => self.integers.reserve(self.expected),
            None => self.others.reserve(self.expected),
        }
    }
}

impl Keys {
    /// The parts, in the order of the columns.
    #[must_use]
    pub fn parts(&self) -> &[KeyValue] {
        match self {
            Self::Single(part) => slice::from_ref(part),
            Self::Several(parts) => parts,
        }
    }

    /// The key as a number, if it is one.
    #[inline]
    fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Single(part) => part.as_integer(),
            Self::Several(_) => None,
        }
    }

    /// The key as a number, or as it is.
    #[inline]
    fn into_integer(self) -> Result<i64, Self> {
        match self.as_integer() {
            Some(integer) => Ok(integer),
            None => Err(self),
        }
    }

    /// The only part, if there is but one.
    #[inline]
    pub(crate) fn into_only(self) -> Option<KeyValue> {
        match self {
            Self::Single(part) => Some(part),
            Self::Several(_) => None,
        }
    }

    /// The parts, one by one.
    pub(crate) fn into_parts(self) -> impl Iterator<Item = KeyValue> {
        let (one, several) = match self {
            Self::Single(part) => (Some(part), None),
            Self::Several(parts) => (None, Some(parts)),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }

    /// Whether it leads to nothing: a part of it is NULL.
    pub(crate) fn is_null(&self) -> bool {
        self.parts().iter().any(KeyValue::is_null)
    }
}

impl<const N: usize> From<[KeyValue; N]> for Keys {
    #[inline]
    fn from(parts: [KeyValue; N]) -> Self {
        parts.into_iter().collect()
    }
}

impl FromIterator<KeyValue> for Keys {
    fn from_iter<I: IntoIterator<Item = KeyValue>>(parts: I) -> Self {
        let mut parts = parts.into_iter();
        match (parts.next(), parts.next()) {
            (Some(only), None) => Self::Single(only),
            (first, second) => {
                Self::Several(first.into_iter().chain(second).chain(parts).collect())
            }
        }
    }
}

/// As many words as there are parts: keys of one relation are all of one form.
impl Hash for Keys {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        for part in self.parts() {
            part.hash(state);
        }
    }
}
