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
    /// The numbers of neighbouring integers, from `start` on: nothing is hashed.
    slots: Vec<u32>,
    start: i64,
    /// Other integers, at a third of the cost of the rest.
    integers: HashMap<i64, usize, RandomState>,
    others: HashMap<Keys, usize, RandomState>,
    /// How many have a number.
    count: usize,
    /// How many there will be, as far as is known.
    expected: usize,
}

/// A slot without a number.
const VACANT: u32 = u32::MAX;

impl Numbering {
    /// One for about as many keys.
    pub(crate) fn expecting(expected: usize) -> Self {
        Self {
            expected,
            ..Self::default()
        }
    }

    /// One for these keys.
    pub(crate) fn of<'k>(keys: impl Iterator<Item = &'k Keys>) -> Self {
        let (mut count, mut least, mut greatest) = (0_usize, i64::MAX, i64::MIN);
        for integer in keys.filter_map(Keys::as_integer) {
            count += 1;
            least = least.min(integer);
            greatest = greatest.max(integer);
        }
        // A table of their own may be larger than a map of them, but not by much.
        let wanted = greatest.checked_sub(least).and_then(|span| {
            let span = usize::try_from(span).ok()?;
            (span < count.saturating_mul(4)).then_some(span + 1)
        });
        Self {
            slots: vec![VACANT; wanted.unwrap_or(0)],
            start: least,
            ..Self::expecting(count)
        }
    }

    /// The key's number.
    #[inline]
    pub(crate) fn number(&mut self, key: Keys) -> usize {
        let next = self.count;
        let number = match key.into_integer() {
            Ok(integer) => match (self.slot(integer), u32::try_from(next)) {
                (Some(slot), Ok(next)) => {
                    if *slot == VACANT {
                        *slot = next;
                    }
                    *slot as usize
                }
                _ => {
                    if next == 0 {
                        self.integers.reserve(self.expected);
                    }
                    *self.integers.entry(integer).or_insert(next)
                }
            },
            Err(key) => *self.others.entry(key).or_insert(next),
        };
        self.count += usize::from(number == next);
        number
    }

    /// The key's number, if it has one.
    #[inline]
    pub(crate) fn find(&self, key: &Keys) -> Option<usize> {
        let Some(integer) = key.as_integer() else {
            return self.others.get(key).copied();
        };
        match self.slots.get(self.place(integer)) {
            Some(slot) => (*slot != VACANT).then_some(*slot as usize),
            None => self.integers.get(&integer).copied(),
        }
    }

    #[inline]
    fn slot(&mut self, integer: i64) -> Option<&mut u32> {
        let place = self.place(integer);
        self.slots.get_mut(place)
    }

    /// What lies before the first slot wraps around to behind the last.
    #[inline]
    fn place(&self, integer: i64) -> usize {
        usize::try_from(integer.wrapping_sub(self.start).cast_unsigned()).unwrap_or(usize::MAX)
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

    /// A number that is part of a key.
    pub(crate) fn of_number(number: usize) -> Self {
        // No result has more rows than that.
        Self::Single(KeyValue::from_i64(
            i64::try_from(number).unwrap_or(i64::MAX),
        ))
    }

    /// Both as one.
    pub(crate) fn followed_by(self, other: Self) -> Self {
        self.into_parts().chain(other.into_parts()).collect()
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

#[cfg(test)]
mod tests {
    use super::{KeyValue, Keys, Numbering};

    fn integers(list: &[i64]) -> Vec<Keys> {
        let key = |integer: &i64| Keys::Single(KeyValue::from_i64(*integer));
        list.iter().map(key).collect()
    }

    #[test]
    fn each_key_has_the_number_of_its_first_appearance() {
        let lists: [&[i64]; 5] = [
            &[7, 8, 9, 8, 7, 12],
            &[0, 1_000_000, 0, -1_000_000],
            &[i64::MIN, i64::MAX, i64::MIN],
            &[i64::MAX, i64::MAX - 1],
            &[i64::MIN + 1, i64::MIN],
        ];
        for list in lists {
            let keys = integers(list);
            for mut numbering in [Numbering::default(), Numbering::of(keys.iter())] {
                let mut seen = Vec::new();
                for key in &keys {
                    assert_eq!(numbering.find(key).is_some(), seen.contains(key));
                    if !seen.contains(key) {
                        seen.push(key.clone());
                    }
                    let expected = seen.iter().position(|other| other == key);
                    assert_eq!(Some(numbering.number(key.clone())), expected);
                    assert_eq!(numbering.find(key), expected);
                }
                for key in integers(&[-1, 2, 10, 11, 13, i64::MAX - 2, i64::MIN + 2]) {
                    assert_eq!(numbering.find(&key), None);
                }
            }
        }
    }

    #[test]
    fn keys_of_other_kinds_are_numbered_with_them() {
        let text = |text| Keys::Single(KeyValue::from_text(text));
        let keys = [text("a"), text("b"), text("a")];
        let mut numbering = Numbering::of(keys.iter());
        assert_eq!(keys.map(|key| numbering.number(key)), [0, 1, 0]);
        assert_eq!(numbering.find(&text("b")), Some(1));
        assert_eq!(numbering.find(&text("c")), None);
    }
}
