//! Sets of ranges: `int4multirange`, `tstzmultirange` and the others.

use super::bytes::{Reader, put_part};
use super::sql_type::{readable, writable};
use super::{DecodeError, Range, RangeElement, SqlType, Value, null, range};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};
use std::slice;
use std::vec;

/// A set of ranges. From the database they come in order, none touches another, and none is empty.
///
/// # Examples
/// ```no_run
/// use ormcore::value::Multirange;
/// use ormcore::{Db, Entity};
///
/// #[derive(Entity, Debug)]
/// #[orm(insert(NewShop))]
/// struct Shop {
///     #[orm(primary_key)]
///     name: String,
///     hours: Multirange<i32>,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/town").await?;
///     let hours = Multirange::from_iter([8..12, 14..18]);
///     Shop::insert(NewShop { name: "Baker".into(), hours }).execute(&db).await?;
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Multirange<T>(Vec<Range<T>>);

impl<T> Multirange<T> {
    /// The ranges.
    #[must_use]
    pub fn ranges(&self) -> &[Range<T>] {
        &self.0
    }

    /// The ranges themselves.
    #[must_use]
    pub fn into_ranges(self) -> Vec<Range<T>> {
        self.0
    }

    /// Whether the value lies in one of the ranges.
    pub fn contains(&self, value: &T) -> bool
    where
        T: PartialOrd,
    {
        self.0.iter().any(|range| range.contains(value))
    }
}

impl<T> Default for Multirange<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, R: Into<Range<T>>> FromIterator<R> for Multirange<T> {
    fn from_iter<I: IntoIterator<Item = R>>(ranges: I) -> Self {
        Self(ranges.into_iter().map(Into::into).collect())
    }
}

impl<T> IntoIterator for Multirange<T> {
    type Item = Range<T>;
    type IntoIter = vec::IntoIter<Range<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Multirange<T> {
    type Item = &'a Range<T>;
    type IntoIter = slice::Iter<'a, Range<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

fn element(ty: &Type) -> Option<&Type> {
    match ty.kind() {
        Kind::Multirange(element) => Some(element),
        _ => None,
    }
}

impl<'a, T: RangeElement> FromSql<'a> for Multirange<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, DecodeError> {
        let element = element(ty).ok_or_else(|| format!("{ty} is no multirange"))?;
        let element = readable::<T>(element);
        let mut reader = Reader(raw);
        let ranges = (0..reader.count()?)
            .map(|_| range::read(element, reader.part()?.ok_or_else(null)?))
            .collect::<Result<_, DecodeError>>()?;
        reader.end()?;
        Ok(Self(ranges))
    }

    fn accepts(ty: &Type) -> bool {
        element(ty).is_some_and(|element| <T as Value>::accepts(readable::<T>(element)))
    }
}

impl<T: RangeElement> ToSql for Multirange<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        let element = element(ty).ok_or_else(|| format!("{ty} is no multirange"))?;
        let element = writable::<T>(element);
        out.put_i32(i32::try_from(self.0.len())?);
        for range in &self.0 {
            put_part(out, |out| range::write(range, element, out))?;
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        element(ty).is_some_and(|element| T::takes(writable::<T>(element)))
    }

    to_sql_checked!();
}

impl<T: RangeElement> Value for Multirange<T> {
    const TYPE: SqlType = T::MULTIRANGE;
    type Scalar = Self;
    type With<U: Value<Scalar = U>> = U;
}
