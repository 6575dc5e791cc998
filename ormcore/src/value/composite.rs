//! Composite types: a value made of named values.

use super::bytes::{Reader, put_part};
use super::field::settled;
use super::sql_type::readable;
use super::{DecodeError, Value};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{IsNull, Kind, Type, WasNull};
use smallvec::SmallVec;

/// The fields of a composite value, as they were sent. `#[derive(ormcore::Value)]` reads them.
#[derive(Debug)]
#[doc(hidden)]
pub struct Fields<'a> {
    ty: &'a Type,
    found: SmallVec<[Field<'a>; 8]>,
}

#[derive(Debug)]
struct Field<'a> {
    name: &'a str,
    ty: &'a Type,
    raw: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    /// Takes a value apart.
    ///
    /// # Errors
    /// When the bytes are not such a value.
    pub fn read(ty: &'a Type, raw: &'a [u8]) -> Result<Self, DecodeError> {
        let Kind::Composite(described) = ty.kind() else {
            return Err(format!("{ty} is no composite type").into());
        };
        let mut reader = Reader(raw);
        if reader.count()? != described.len() {
            return Err(format!("the value has not as many fields as the type {ty}").into());
        }
        let mut found = SmallVec::new();
        for field in described {
            // The type of the field, which is known already.
            reader.int()?;
            found.push(Field {
                name: field.name(),
                ty: field.type_(),
                raw: reader.part()?,
            });
        }
        reader.end()?;
        Ok(Self { ty, found })
    }

    /// Reads a field.
    ///
    /// # Errors
    /// When there is none of this name, or it cannot be read as `T`.
    pub fn get<T: Value>(&self, name: &str) -> Result<T, DecodeError> {
        let ty = self.ty;
        let Some(field) = self.found.iter().find(|field| field.name == name) else {
            return Err(format!("the type {ty} has no field `{name}`").into());
        };
        let field_ty = readable::<T>(field.ty);
        if !<T as Value>::accepts(field_ty) {
            let message = format!(
                "the field `{name}` of the type {ty} has type {field_ty}, where {} is expected",
                T::TYPE
            );
            return Err(message.into());
        }
        T::decode(field_ty, field.raw).map_err(|error| {
            if field.raw.is_none() && error.is::<WasNull>() {
                format!("the field `{name}` of the type {ty} is NULL, but it is not an Option")
                    .into()
            } else {
                format!("the field `{name}` of the type {ty}: {error}").into()
            }
        })
    }
}

/// Writes the fields in the order of the type. `write` knows them by name; of none it knows nothing.
///
/// # Errors
/// When the fields are not those of the type, or one of them cannot be written.
#[doc(hidden)]
pub fn write_fields(
    ty: &Type,
    out: &mut BytesMut,
    names: &[&str],
    write: &mut dyn FnMut(usize, &Type, &mut BytesMut) -> Result<IsNull, DecodeError>,
) -> Result<IsNull, DecodeError> {
    let Kind::Composite(fields) = ty.kind() else {
        return Err(format!("{ty} is no composite type").into());
    };
    let missing = |name: &&&str| !fields.iter().any(|field| field.name() == **name);
    if let Some(name) = names.iter().find(missing) {
        return Err(format!("the type {ty} has no field `{name}`").into());
    }
    out.put_i32(i32::try_from(fields.len())?);
    for field in fields {
        let Some(at) = names.iter().position(|name| *name == field.name()) else {
            let name = field.name();
            return Err(format!("the type {ty} has a field `{name}` that is not given").into());
        };
        out.put_u32(field.type_().oid());
        put_part(out, |out| write(at, field.type_(), out))?;
    }
    Ok(IsNull::No)
}

/// Writes the value of a field.
///
/// # Errors
/// When the field cannot hold it.
#[doc(hidden)]
pub fn write_field<T: Value>(
    value: &T,
    ty: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, DecodeError> {
    value.write(settled::<T>(ty)?, out)
}

/// Whether a `T` can be written as a value of this type.
#[doc(hidden)]
pub fn takes<T: Value>(ty: &Type) -> bool {
    T::takes(ty)
}
