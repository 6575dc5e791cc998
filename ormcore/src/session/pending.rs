//! Rows that are not there yet, whatever struct they are given as.

use super::tracked::{Draft, KeyFields, MakesKey, Tracked};
use crate::entity::{Arrays, Check, Entity, NewRow};
use crate::error::Result;
use crate::sql::ColumnInfo;
use crate::value::{DecodeError, KeyValue, Type, Value};
use std::any::Any;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A part of a key as the database writes it.
#[derive(Clone, Debug)]
pub(super) struct RawPart {
    pub(super) ty: Type,
    pub(super) raw: Option<Vec<u8>>,
}

/// What is to be put in the place of a key, by its column's place in the table.
pub(super) type Resolve<'a> = dyn FnMut(usize, KeyValue) -> Option<RawPart> + 'a;

/// A new row that waits for the flush.
pub(super) trait Pending<E: Tracked>: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    fn copy(&self) -> Box<dyn Pending<E>>;

    /// The columns that a statement for many of its kind fills.
    fn columns(&self) -> &'static [&'static ColumnInfo];

    /// The columns that this one has values for.
    fn given(&self) -> Vec<&'static ColumnInfo>;

    /// Looks at its values.
    fn check(&self, check: &mut Check);

    /// Puts others in the place of keys.
    fn resolve(&mut self, resolve: &mut Resolve<'_>) -> Result<(), DecodeError>;

    /// The key it will have.
    fn key(&self, provisional: &mut Provisional) -> Option<E::Key>;

    /// Its values alone.
    fn into_row(self: Box<Self>) -> NewRow;

    /// Its values and those of others of its kind.
    fn into_arrays(self: Box<Self>, others: Vec<Box<dyn Pending<E>>>) -> Arrays;
}

impl<D: Draft> Pending<D::Entity> for D {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn copy(&self) -> Box<dyn Pending<D::Entity>> {
        Box::new(self.clone())
    }

    fn columns(&self) -> &'static [&'static ColumnInfo] {
        D::COLUMNS
    }

    fn given(&self) -> Vec<&'static ColumnInfo> {
        let mut columns = Vec::with_capacity(D::COLUMNS.len());
        D::given(self, &mut columns);
        columns
    }

    fn check(&self, check: &mut Check) {
        D::check(self, check);
    }

    fn resolve(&mut self, resolve: &mut Resolve<'_>) -> Result<(), DecodeError> {
        let mut resolving = Resolving {
            resolve,
            failed: None,
        };
        self.keys(&mut resolving);
        resolving.failed.map_or(Ok(()), Err)
    }

    fn key(&self, provisional: &mut Provisional) -> Option<<D::Entity as Entity>::Key> {
        D::key(self, provisional)
    }

    fn into_row(self: Box<Self>) -> NewRow {
        let mut row = NewRow::default();
        D::row(*self, &mut row);
        row
    }

    fn into_arrays(self: Box<Self>, others: Vec<Box<dyn Pending<D::Entity>>>) -> Arrays {
        let others = others.into_iter().map(Pending::into_any);
        let others = others.filter_map(|other| other.downcast::<D>().ok());
        let rows = std::iter::once(self).chain(others).map(|row| *row);
        let mut arrays = Arrays::default();
        D::arrays(rows.collect(), &mut arrays);
        arrays
    }
}

struct Resolving<'a, 'r> {
    resolve: &'a mut Resolve<'r>,
    failed: Option<DecodeError>,
}

impl KeyFields for Resolving<'_, '_> {
    fn field<T: Value>(&mut self, column: usize, value: &mut T) {
        let part = value.as_key().and_then(|key| (self.resolve)(column, key));
        match part.map(|part| T::decode(&part.ty, part.raw.as_deref())) {
            None => {}
            Some(Ok(real)) => *value = real,
            Some(Err(error)) => self.failed = Some(error),
        }
    }
}

/// Makes keys that are not those of any row: numbers counted from the least there is, and UUIDs. Of one number they are
/// always the same.
#[derive(Debug)]
pub(super) struct Provisional {
    base: [u8; 16],
    /// What new rows have as their scope, and in which column: that is no secret of the database's.
    scope: Option<(usize, KeyValue)>,
    pub(super) number: u32,
    /// The parts of the key that were made.
    pub(super) parts: Vec<KeyValue>,
}

impl Provisional {
    pub(super) fn new(scope: Option<(usize, KeyValue)>) -> Self {
        Self {
            base: random(),
            scope,
            number: 0,
            parts: Vec::new(),
        }
    }

    /// The same, of which nothing was made yet.
    pub(super) fn unused(&self) -> Self {
        Self {
            base: self.base,
            scope: self.scope.clone(),
            number: 0,
            parts: Vec::new(),
        }
    }

    /// For the key of this number.
    pub(super) fn of(&mut self, number: u32) -> &mut Self {
        self.number = number;
        self.parts.clear();
        self
    }

    fn uuid(&self) -> [u8; 16] {
        let mut bytes = self.base;
        for (byte, number) in bytes[12..].iter_mut().zip(self.number.to_be_bytes()) {
            *byte ^= number;
        }
        bytes
    }
}

impl MakesKey for Provisional {
    fn part<T: Value>(&mut self, column: usize) -> Option<T> {
        if let Some((_, scope)) = self.scope.as_ref().filter(|(at, _)| *at == column) {
            let (ty, raw) = scope.encode(None).ok()?;
            return T::decode(&ty, raw.as_deref()).ok();
        }
        let number = self.number;
        let part: T = match T::TYPE.base() {
            "bigint" => {
                let least = i64::MIN + i64::from(number);
                T::decode(&Type::INT8, Some(&least.to_be_bytes()))
            }
            "integer" => {
                let least = i32::MIN.checked_add_unsigned(number)?;
                T::decode(&Type::INT4, Some(&least.to_be_bytes()))
            }
            "smallint" => {
                let least = i16::MIN.checked_add_unsigned(u16::try_from(number).ok()?)?;
                T::decode(&Type::INT2, Some(&least.to_be_bytes()))
            }
            "uuid" => T::decode(&Type::UUID, Some(&self.uuid())),
            _ => return None,
        }
        .ok()?;
        self.parts.push(part.as_key()?);
        Some(part)
    }
}

/// A UUID of the fourth version that nobody else has.
fn random() -> [u8; 16] {
    let half = || RandomState::new().build_hasher().finish().to_be_bytes();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&half());
    bytes[8..].copy_from_slice(&half());
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}
