//! Keys that are numbered as they come.

use super::Keys;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::hash::BuildHasher;

/// Numbers keys as they come: the first is 0, and each that has not been seen before the next.
///
/// Keys come from rows, whose numbers are often consecutive: the standard hasher costs more than the rest of a look-up.
#[derive(Default)]
pub(crate) struct Numbering {
    /// The numbers of neighbouring integers, from `start` on: nothing is hashed.
    slots: Vec<u32>,
    start: i64,
    /// Other integers, at a tenth of the cost of the rest.
    integers: Integers,
    others: HashMap<Keys, usize, RandomState>,
    /// How many have a number.
    count: usize,
    /// How many there will be, as far as is known.
    expected: usize,
}

/// Integers and their numbers, each at or behind the place that its product with a factor points to. Nobody knows the factor
/// beforehand, so that nobody can choose keys that all point to one place.
#[derive(Default)]
struct Integers {
    /// A power of two of them, at most half of which are taken; none before the first.
    places: Vec<(i64, usize)>,
    taken: usize,
    factor: u64,
    /// How far to the right a product is moved to be a place.
    shift: u32,
}

/// The number of a place that is not taken.
const FREE: usize = usize::MAX;

impl Integers {
    #[inline]
    fn is_full(&self) -> bool {
        self.taken * 2 >= self.places.len()
    }

    /// Makes room for one more, and for so many in all.
    #[cold]
    fn reserve(&mut self, count: usize) {
        let wanted = count.max(self.taken + 1).max(4);
        let wanted = wanted.saturating_mul(2).next_power_of_two();
        self.factor = RandomState::default().hash_one(0_u8) | 1;
        self.shift = u64::BITS - wanted.ilog2();
        let before = std::mem::replace(&mut self.places, vec![(0, FREE); wanted]);
        self.taken = 0;
        for (integer, number) in before.into_iter().filter(|(_, number)| *number != FREE) {
            self.get_or_insert(integer, number);
        }
    }

    #[inline]
    fn get(&self, integer: i64) -> Option<usize> {
        let mut at = self.first(integer);
        loop {
            let (other, number) = self.places.get(at & self.mask())?;
            if *number == FREE {
                return None;
            }
            if *other == integer {
                return Some(*number);
            }
            at += 1;
        }
    }

    /// There has to be room.
    #[inline]
    fn get_or_insert(&mut self, integer: i64, next: usize) -> usize {
        let (mut at, mask) = (self.first(integer), self.mask());
        while let Some((other, number)) = self.places.get_mut(at & mask) {
            if *number == FREE {
                (*other, *number) = (integer, next);
                self.taken += 1;
                return next;
            }
            if *other == integer {
                return *number;
            }
            at += 1;
        }
        next
    }

    /// The place that the product points to.
    #[inline]
    fn first(&self, integer: i64) -> usize {
        let product = integer.cast_unsigned().wrapping_mul(self.factor);
        usize::try_from(product.wrapping_shr(self.shift)).unwrap_or(0)
    }

    #[inline]
    fn mask(&self) -> usize {
        self.places.len().wrapping_sub(1)
    }
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
        let key = match key.into_integer() {
            Ok(integer) => return self.number_of(integer),
            Err(key) => key,
        };
        let next = self.count;
        let number = *self.others.entry(key).or_insert(next);
        self.count += usize::from(number == next);
        number
    }

    /// The number of a key that is an integer.
    #[inline]
    pub(crate) fn number_of(&mut self, integer: i64) -> usize {
        let next = self.count;
        let place = self.place(integer);
        let number = match (self.slots.get_mut(place), u32::try_from(next)) {
            (Some(slot), Ok(next)) => {
                if *slot == VACANT {
                    *slot = next;
                }
                *slot as usize
            }
            _ => {
                if self.integers.is_full() {
                    self.integers.reserve(self.expected);
                }
                self.integers.get_or_insert(integer, next)
            }
        };
        self.count += usize::from(number == next);
        number
    }

    /// The key's number, if it has one.
    #[inline]
    pub(crate) fn find(&self, key: &Keys) -> Option<usize> {
        match key.as_integer() {
            Some(integer) => self.find_of(integer),
            None => self.others.get(key).copied(),
        }
    }

    /// The same of a key that is an integer.
    #[inline]
    pub(crate) fn find_of(&self, integer: i64) -> Option<usize> {
        match self.slots.get(self.place(integer)) {
            Some(slot) => (*slot != VACANT).then_some(*slot as usize),
            None => self.integers.get(integer),
        }
    }

    /// What lies before the first slot wraps around to behind the last.
    #[inline]
    fn place(&self, integer: i64) -> usize {
        usize::try_from(integer.wrapping_sub(self.start).cast_unsigned()).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Numbering;
    use crate::value::{KeyValue, Keys};

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

    #[test]
    fn many_that_are_far_apart_are_told_from_each_other() {
        let mut numbering = Numbering::default();
        let far = |n: i64| (n % 1000).wrapping_mul(0x1234_5678_9abc_def1);
        for round in 0..3000_i64 {
            let first = round.rem_euclid(1000);
            assert_eq!(
                numbering.number_of(far(round)),
                usize::try_from(first).unwrap()
            );
        }
        assert_eq!(numbering.find_of(5), None);
    }
}
