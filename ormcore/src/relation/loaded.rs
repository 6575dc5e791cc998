//! What a relation field holds: nothing, what came with its owner, or what was asked for later.

use std::sync::OnceLock;

/// Kept apart, because a lock that is born full is dearer than the row that holds it, and most come with their owner.
///
/// What was asked for is in a box, so that a list of rows takes no more room than a list does.
#[derive(Clone)]
pub(super) enum Loaded<T> {
    /// It came with the owner.
    Given(T),
    /// It is asked for when it is needed, by whoever comes first.
    Asked(OnceLock<Box<T>>),
}

impl<T> Loaded<T> {
    pub(super) const fn nothing() -> Self {
        Self::Asked(OnceLock::new())
    }

    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Given(found) => Some(found),
            Self::Asked(found) => found.get().map(Box::as_ref),
        }
    }

    pub(super) fn get_or_init(&self, found: impl FnOnce() -> T) -> &T {
        match self {
            Self::Given(found) => found,
            Self::Asked(lock) => lock.get_or_init(|| Box::new(found())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Loaded;

    #[test]
    fn a_field_of_many_rows_takes_no_more_room_than_a_list() {
        assert_eq!(size_of::<Loaded<Vec<u8>>>(), size_of::<Vec<u8>>());
    }
}
