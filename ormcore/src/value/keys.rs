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

/// Found by key. Keys come from rows, whose numbers are often consecutive: the standard hasher costs more than the rest
/// of a look-up.
pub(crate) type KeyMap<V> = HashMap<Keys, V, RandomState>;

impl Keys {
    /// The parts, in the order of the columns.
    #[must_use]
    pub fn parts(&self) -> &[KeyValue] {
        match self {
            Self::Single(part) => slice::from_ref(part),
            Self::Several(parts) => parts,
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
