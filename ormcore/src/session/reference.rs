//! Handles: small, copied freely, and worth nothing without their session.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// A row of a [`Session`](super::Session): `&s[user]` reads it, `&mut s[user]` changes it.
///
/// The same row is the same `Ref`, however it was found. It is a number and not a reference: the session owns the row, so that
/// there is no lock and no count of references, and a `Ref` can be kept, sent and compared. One that is used after its row went,
/// or with another session, is told apart: indexing panics, and [`try_row`](super::Session::try_row) is an error.
pub struct Ref<E> {
    pub(super) place: Place,
    entity: PhantomData<fn() -> E>,
}

/// Where a row is, whatever its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) session: u64,
    pub(super) slot: u32,
    pub(super) generation: u32,
}

impl<E> Ref<E> {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            entity: PhantomData,
        }
    }
}

impl<E> Clone for Ref<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Ref<E> {}

impl<E> PartialEq for Ref<E> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl<E> Eq for Ref<E> {}

impl<E> Hash for Ref<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place.hash(state);
    }
}

/// Such as `Ref(3)`: the fourth row of its type that the session got to know.
impl<E> fmt::Debug for Ref<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ref").field(&self.place.slot).finish()
    }
}
