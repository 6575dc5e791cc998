//! What is said to those who ask for a row that is not there.

use super::reference::Place;
use crate::entity::Entity;
use crate::error::Error;
use crate::sql::Table;

#[cold]
pub(super) fn stale<E: Entity>(place: Place) -> Error {
    let (entity, slot) = (E::TABLE.entity, place.slot);
    Error::usage(format!(
        "the `{entity}` that Ref({slot}) was for is no longer in this session, or never was"
    ))
}

#[cold]
pub(super) fn no_relation(table: &Table) -> Error {
    Error::usage(format!(
        "a session does not know this relation of `{}`; load it of the entity whose relation it is",
        table.entity
    ))
}

#[cold]
pub(super) fn pending<E: Entity>(place: Place) -> Error {
    let (entity, slot) = (E::TABLE.entity, place.slot);
    Error::usage(format!(
        "the `{entity}` of Ref({slot}) is not in the database yet; flush first, or ask for `new_row`"
    ))
}

#[cold]
pub(super) fn gone<E: Entity>(place: Place) -> Error {
    let (entity, slot) = (E::TABLE.entity, place.slot);
    Error::usage(format!("the `{entity}` of Ref({slot}) was removed"))
}

#[cold]
pub(super) fn expired<E: Entity>(place: Place) -> Error {
    let (entity, slot) = (E::TABLE.entity, place.slot);
    Error::usage(format!(
        "the `{entity}` of Ref({slot}) has expired; read it again with `refresh`, `get` or `find`"
    ))
}
