//! What a session has to know about an entity, and about what is inserted as one; written by the derive.

use crate::entity::{Entity, Insertable};
use crate::relation::Relation;
use crate::sql::Table;
use crate::value::{DecodeError, Type, Value};
use bytes::BytesMut;

/// An entity whose rows a [`Session`](super::Session) can keep. `#[derive(ormcore::Entity)]` makes every entity one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "not a row of a table",
    note = "derive it: `#[derive(ormcore::Entity)]`"
)]
pub trait Tracked: Entity {
    /// The columns that hold another row's key by themselves.
    #[doc(hidden)]
    fn leads() -> Vec<Lead>;

    /// Writes the value of a column, with its length before it.
    ///
    /// # Errors
    /// When the column cannot hold it.
    #[doc(hidden)]
    fn put(&self, column: usize, ty: &Type, out: &mut BytesMut) -> Result<(), DecodeError>;

    /// Sets a column to a value as the database writes it.
    ///
    /// # Errors
    /// When the bytes are no such value.
    #[doc(hidden)]
    fn set(&mut self, column: usize, ty: &Type, raw: Option<&[u8]>) -> Result<(), DecodeError>;

    /// Names the relations.
    #[doc(hidden)]
    fn relations(each: &mut impl EachRelation<Self>);
}

/// A column that holds the key of a row of another table, or of its own.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct Lead {
    /// The column's place in the table.
    pub column: usize,
    /// The other table. A function, because two entities may refer to each other.
    pub table: fn() -> &'static Table,
}

/// What is inserted and can wait in a [`Session`](super::Session): the struct of `#[orm(insert(NewUser))]`.
pub trait Draft: Insertable<Entity: Tracked> + Clone + Sync {
    /// Names the values that are keys of other rows.
    #[doc(hidden)]
    fn keys(&mut self, keys: &mut impl KeyFields);

    /// The key the row will have; none, when a part of it cannot be known.
    #[doc(hidden)]
    fn key(&self, makes: &mut impl MakesKey) -> Option<<Self::Entity as Entity>::Key>;
}

/// Takes the relations of an entity.
#[doc(hidden)]
pub trait EachRelation<E> {
    /// The next one.
    fn relation<R: Relation<Owner = E>>(&mut self, relation: R)
    where
        R::Target: Tracked;
}

/// Takes values that are keys of other rows.
#[doc(hidden)]
pub trait KeyFields {
    /// The next one, by its column's place in the table.
    fn field<T: Value>(&mut self, column: usize, value: &mut T);
}

/// Makes the parts of a key that the database would make.
#[doc(hidden)]
pub trait MakesKey {
    /// One part, by its column's place in the table; none, when nobody but the database can.
    fn part<T: Value>(&mut self, column: usize) -> Option<T>;
}

/// What a variant of an enum of kinds holds; called by generated code, so that what is no entity is complained about once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "a variant holds an entity that is one kind of a table's rows",
    note = "derive it: `#[derive(ormcore::Entity)]`"
)]
#[doc(hidden)]
pub trait Variant {
    /// The same.
    type Entity: Tracked;
}

#[diagnostic::do_not_recommend]
impl<E: Tracked> Variant for E {
    type Entity = E;
}

/// The columns that hold keys in rows of one kind, by their places among those of all kinds; called by generated code.
pub fn leads_of_kind<E: Tracked>(places: &[usize], leads: &mut Vec<Lead>) {
    for lead in E::leads() {
        if let Some(column) = places.get(lead.column).copied()
            && !leads.iter().any(|other| other.column == column)
        {
            leads.push(Lead { column, ..lead });
        }
    }
}

/// Writes a column of all kinds of a row of one: NULL, if this kind has none such; called by generated code.
///
/// # Errors
/// When the column cannot hold the value.
pub fn put_of_kind<E: Tracked>(
    row: &E,
    places: &[usize],
    at: usize,
    ty: &Type,
    out: &mut BytesMut,
) -> Result<(), DecodeError> {
    match places.iter().position(|place| *place == at) {
        Some(column) => row.put(column, ty, out),
        None => {
            out.extend_from_slice(&(-1_i32).to_be_bytes());
            Ok(())
        }
    }
}

/// Sets a column of all kinds in a row of one; called by generated code.
///
/// # Errors
/// When the bytes are no such value.
pub fn set_of_kind<E: Tracked>(
    row: &mut E,
    places: &[usize],
    at: usize,
    ty: &Type,
    raw: Option<&[u8]>,
) -> Result<(), DecodeError> {
    match places.iter().position(|place| *place == at) {
        Some(column) => row.set(column, ty, raw),
        None => Ok(()),
    }
}
