//! What a relation field holds: nothing, what came with its owner, or what was asked for later.

use super::Link;
use crate::db::{Lazy, Peers, Row};
use crate::error::{Error, ErrorKind};
use crate::value::Keys;
use std::any::Any;
use std::sync::{Arc, OnceLock, Weak};

/// Kept apart, because a lock that is born full is dearer than the row that holds it, and most come with their owner.
///
/// What was asked for is in a box, so that a list of rows takes no more room than a list does.
#[derive(Clone)]
pub(super) enum Loaded<T> {
    /// It came with the owner.
    Given(T),
    /// It is asked for when it is needed, by whoever comes first.
    Asked(OnceLock<Box<T>>),
    /// It is asked for together with those of its owner's peers, when one of them is needed.
    Peer(Arc<Place<T>>),
    /// It is not asked for.
    Barred,
}

/// Where one of several peers has what is loaded for it.
pub(super) struct Place<T> {
    pub(super) key: Keys,
    pub(super) found: OnceLock<T>,
    pub(super) peers: Arc<Peers>,
}

impl<T> Loaded<T> {
    pub(super) const fn nothing() -> Self {
        Self::Asked(OnceLock::new())
    }

    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Given(found) => Some(found),
            Self::Asked(found) => found.get().map(Box::as_ref),
            Self::Peer(place) => place.found.get(),
            Self::Barred => None,
        }
    }

    /// That there is nothing, and how there would be.
    pub(super) fn missing(&self, relation: &str) -> Error {
        let or_load = match self {
            Self::Barred => "",
            Self::Given(_) | Self::Asked(_) | Self::Peer(_) => ", or await `.load(&db)`",
        };
        Error::new(
            ErrorKind::NotLoaded,
            format!("{relation} is not loaded; add `.with({relation})` to the query{or_load}"),
        )
    }

    /// Keeps what was found, unless something is kept already.
    pub(super) fn keep(&self, found: T) {
        match self {
            Self::Given(_) | Self::Barred => {}
            Self::Asked(lock) => {
                lock.get_or_init(|| Box::new(found));
            }
            Self::Peer(place) => {
                place.found.get_or_init(|| found);
            }
        }
    }
}

impl<T: Send + Sync + 'static> Loaded<T> {
    /// What the field of a row holds that was just read.
    #[inline]
    pub(super) fn of_row(link: &Link, row: &Row<'_>) -> Self {
        match row.lazy().or(link.relation.lazy) {
            None | Some(Lazy::One) => Self::nothing(),
            Some(Lazy::Raise) => Self::Barred,
            Some(Lazy::Peers) => Self::among(link, row.peers()),
        }
    }

    #[cold]
    fn among(link: &Link, peers: Option<&Arc<Peers>>) -> Self {
        let Some(peers) = peers else {
            return Self::nothing();
        };
        let place = Arc::new(Place {
            key: link.key.clone(),
            found: OnceLock::new(),
            peers: Arc::clone(peers),
        });
        let waiting: Weak<Place<T>> = Arc::downgrade(&place);
        peers.add(link.relation.constant, waiting);
        Self::Peer(place)
    }
}

impl<T: Send + Sync + 'static> Place<T> {
    /// The places of all peers, its own included, that have nothing yet.
    pub(super) fn waiting(&self, link: &Link) -> Vec<Arc<Self>> {
        let there = self.peers.of(link.relation.constant).into_iter();
        let places = there.filter_map(|place: Arc<dyn Any + Send + Sync>| place.downcast().ok());
        places
            .filter(|place: &Arc<Self>| place.found.get().is_none())
            .collect()
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
