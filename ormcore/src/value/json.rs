//! JSON documents, as `jsonb`: any, or those a type describes.

use super::{DecodeError, JsonDocument, SqlType, Value, values};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::any::type_name;
use std::fmt::Debug;
use std::ops::{Deref, DerefMut};

values! {
    serde_json::Value => "jsonb";
}

impl JsonDocument for serde_json::Value {
    type Part = Self;
}

/// A value of the program's own, stored as a JSON document.
///
/// A document that does not fit `T` is an error when it is read; the error names the column and not what stands in it.
///
/// # Examples
/// ```no_run
/// use ormcore::value::Json;
/// use ormcore::{Db, Entity};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, Serialize, Deserialize)]
/// struct Settings {
///     theme: String,
///     #[serde(default)]
///     columns: Vec<String>,
/// }
///
/// #[derive(Entity, Debug)]
/// #[orm(insert(NewProfile))]
/// struct Profile {
///     #[orm(primary_key, generated)]
///     id: i64,
///     settings: Json<Settings>,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/app").await?;
///     let settings = Settings { theme: "dark".into(), columns: vec![] };
///     let profile = Profile::insert(NewProfile { settings: Json(settings) }).one(&db).await?;
///     assert_eq!(profile.settings.theme, "dark");
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// What serde says may hold what stands in the document: all that is passed on is where it is.
fn misfit<T>(error: &serde_json::Error) -> DecodeError {
    let name = type_name::<T>();
    let name = name.rsplit("::").next().unwrap_or(name);
    let (line, column) = (error.line(), error.column());
    format!("the document does not fit `{name}`, from line {line}, column {column} on").into()
}

impl<'a, T: DeserializeOwned> FromSql<'a> for Json<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, DecodeError> {
        let text = match raw {
            // The one version of the binary format.
            [1, text @ ..] if *ty != Type::JSON => text,
            text if *ty == Type::JSON => text,
            _ => return Err("the document has a format of a later version".into()),
        };
        match serde_json::from_slice(text) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(misfit::<T>(&error)),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::JSON | Type::JSONB)
    }
}

impl<T: Serialize + Debug> ToSql for Json<T> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        if *ty == Type::JSONB {
            out.put_u8(1);
        }
        match serde_json::to_writer(out.writer(), &self.0) {
            Ok(()) => Ok(IsNull::No),
            Err(_) => Err("the value cannot be written as JSON: its Serialize refuses it".into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::JSON | Type::JSONB)
    }

    to_sql_checked!();
}

impl<T> Value for Json<T>
where
    T: Serialize + DeserializeOwned + Debug + Send + Sync + 'static,
{
    const TYPE: SqlType = SqlType::named("jsonb");
    type Scalar = Self;
    type With<U: Value<Scalar = U>> = U;
}

impl<T> JsonDocument for Json<T>
where
    Json<T>: Value,
{
    type Part = serde_json::Value;
}
