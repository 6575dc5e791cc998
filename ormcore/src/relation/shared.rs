//! Rows that owners share.

use std::fmt;
use std::sync::Arc;

/// A row that any number of owners lead to. It was found together with others, and is kept together with them: memory is
/// asked for, and given back, once for all of them.
pub(super) struct Shared<T> {
    pub(super) group: Arc<Vec<T>>,
    pub(super) at: usize,
}

/// Whoever keeps one row keeps less than this many in all.
const GROUP: usize = 64;

impl<T> Shared<T> {
    /// The first row that was found.
    pub(super) fn first(mut found: Vec<T>) -> Option<Self> {
        found.truncate(1);
        Groups::of(found).row(0)
    }

    pub(super) fn row(&self) -> Option<&T> {
        self.group.get(self.at)
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self {
            group: Arc::clone(&self.group),
            at: self.at,
        }
    }
}

/// All the rows that were found.
pub(super) struct Groups<T>(Vec<Arc<Vec<T>>>);

impl<T> Groups<T> {
    pub(super) fn of(mut found: Vec<T>) -> Self {
        if found.len() <= GROUP {
            found.shrink_to_fit();
            return Self(vec![Arc::new(found)]);
        }
        let mut groups = Vec::with_capacity(found.len().div_ceil(GROUP));
        let mut rows = found.into_iter();
        while rows.len() > 0 {
            let mut group = Vec::with_capacity(rows.len().min(GROUP));
            group.extend(rows.by_ref().take(GROUP));
            groups.push(Arc::new(group));
        }
        Self(groups)
    }

    /// The row of this number, to be shared.
    pub(super) fn row(&self, number: usize) -> Option<Shared<T>> {
        let (group, at) = (self.0.get(number / GROUP)?, number % GROUP);
        (at < group.len()).then(|| Shared {
            group: Arc::clone(group),
            at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{GROUP, Groups, Shared};

    #[test]
    fn every_row_is_found_by_its_number_and_no_other() {
        for count in [0, 1, GROUP - 1, GROUP, GROUP + 1, 3 * GROUP, 3 * GROUP + 1] {
            let groups = Groups::of((0..count).collect());
            for number in 0..count {
                let row = groups.row(number);
                assert_eq!(row.as_ref().and_then(Shared::row), Some(&number));
            }
            assert!(groups.row(count).is_none());
        }
    }

    #[test]
    fn whoever_keeps_a_row_does_not_keep_all_of_them() {
        let kept = Groups::of(vec![(); 10 * GROUP]).row(5).expect("a row");
        assert_eq!(kept.group.len(), GROUP);
    }
}
