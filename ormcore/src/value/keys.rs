//! Whole keys.

use super::KeyValue;
use std::hash::{Hash, Hasher};
use std::slice;
use std::sync::Arc;

/// A key with all its parts; the common one has one, and needs no memory of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// One column.
    Single(KeyValue),
    /// Several columns, in their order. Shared, so that to drop a key of one column is next to nothing.
    Several(Arc<[KeyValue]>),
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
    pub(super) fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Single(part) => part.as_integer(),
            Self::Several(_) => None,
        }
    }

    /// The key as a number, or as it is.
    #[inline]
    pub(super) fn into_integer(self) -> Result<i64, Self> {
        match self {
            Self::Single(part) => part.into_integer().map_err(Self::Single),
            several @ Self::Several(_) => Err(several),
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

    /// A number that is part of a key.
    pub(crate) fn of_number(number: usize) -> Self {
        // No result has more rows than that.
        Self::Single(KeyValue::from_i64(
            i64::try_from(number).unwrap_or(i64::MAX),
        ))
    }

    /// Both as one.
    pub(crate) fn followed_by(&self, other: &Self) -> Self {
        self.parts().iter().chain(other.parts()).cloned().collect()
    }

    /// Whether it leads to nothing: a part of it is NULL.
    pub(crate) fn is_null(&self) -> bool {
        self.parts().iter().any(KeyValue::is_null)
    }
}

impl<const N: usize> From<[KeyValue; N]> for Keys {
    #[inline]
    fn from(parts: [KeyValue; N]) -> Self {
        let mut parts = parts.into_iter();
        match parts.next() {
            Some(only) if N == 1 => Self::Single(only),
            first => Self::Several(first.into_iter().chain(parts).collect()),
        }
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
