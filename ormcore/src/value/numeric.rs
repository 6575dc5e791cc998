//! `numeric` as PostgreSQL has it: of any length, NaN, and without end.

use super::bytes::Reader;
use super::{DecodeError, KeyValue, values};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// Any `numeric` there is, without loss: 131072 digits before the point and 16383 after it, `NaN`, and the infinities. It is
/// read from text and written as text, and is not computed with in Rust; for that there is `rust_decimal::Decimal`, with 28
/// digits.
///
/// Numbers are compared as PostgreSQL compares them: `1.0` equals `1.00`, and `NaN` is equal to itself and above all others.
///
/// # Examples
/// ```no_run
/// use ormcore::value::Numeric;
/// use ormcore::{Db, Entity};
///
/// #[derive(Entity, Debug)]
/// #[orm(insert(NewConstant))]
/// struct Constant {
///     #[orm(primary_key)]
///     name: String,
///     number: Numeric,
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let db = Db::connect("postgres://localhost/science").await?;
///     let number = "3.14159265358979323846264338327950288419716939937510".parse()?;
///     let pi = Constant::insert(NewConstant { name: "pi".into(), number }).one(&db).await?;
///     println!("{}", pi.number);
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Numeric(Repr);

/// In the order of PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Lowest,
    Finite(Finite),
    Highest,
    Nan,
}

/// `digits` in groups of four, of which the first counts 10000 to the power of `weight`; the first and the last are not 0.
#[derive(Clone, Debug)]
pub(super) struct Finite {
    pub(super) negative: bool,
    pub(super) weight: i16,
    pub(super) digits: Vec<i16>,
    /// How many digits after the point are shown.
    pub(super) scale: u16,
}

impl Numeric {
    pub(super) const fn finite(number: Finite) -> Self {
        Self(Repr::Finite(number))
    }

    pub(super) const NAN: Self = Self(Repr::Nan);
    pub(super) const HIGHEST: Self = Self(Repr::Highest);
    pub(super) const LOWEST: Self = Self(Repr::Lowest);

    pub(super) fn written(&self) -> Result<&Finite, &'static str> {
        match &self.0 {
            Repr::Finite(number) => Ok(number),
            Repr::Nan => Err("NaN"),
            Repr::Highest => Err("Infinity"),
            Repr::Lowest => Err("-Infinity"),
        }
    }

    /// Whether it is a number, and not `NaN` or one of the infinities.
    #[must_use]
    pub const fn is_finite(&self) -> bool {
        matches!(self.0, Repr::Finite(_))
    }

    /// Whether it is `NaN`.
    #[must_use]
    pub const fn is_nan(&self) -> bool {
        matches!(self.0, Repr::Nan)
    }
}

impl Ord for Finite {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = (self.weight, &self.digits).cmp(&(other.weight, &other.digits));
        let size = if self.negative { size.reverse() } else { size };
        sign(self).cmp(&sign(other)).then(size)
    }
}

impl PartialOrd for Finite {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Finite {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Finite {}

impl Hash for Finite {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.negative, self.weight, &self.digits).hash(state);
    }
}

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const HIGHEST: u16 = 0xD000;
const LOWEST: u16 = 0xF000;

impl<'a> FromSql<'a> for Numeric {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader(raw);
        let mut word = || reader.array().map(u16::from_be_bytes);
        let (groups, weight, sign, scale) = (word()?, word()?, word()?, word()?);
        let digits = (0..groups).map(|_| word().map(u16::cast_signed));
        let digits = digits.collect::<Result<Vec<_>, _>>()?;
        reader.end()?;
        let negative = match sign {
            0 => false,
            NEGATIVE => true,
            NAN => return Ok(Self::NAN),
            HIGHEST => return Ok(Self::HIGHEST),
            LOWEST => return Ok(Self::LOWEST),
            _ => return Err("the number has a sign that is not known".into()),
        };
        if digits.iter().any(|group| !(0..10_000).contains(group)) {
            return Err("the number has a group of digits that is none".into());
        }
        let number = Finite::new(negative, weight.cast_signed().into(), digits, scale);
        number
            .map(Self::finite)
            .ok_or_else(|| "the number is longer than a numeric".into())
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }
}

impl ToSql for Numeric {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        let nothing = |sign: u16| [0, 0, sign, 0];
        let (head, digits) = match &self.0 {
            Repr::Nan => (nothing(NAN), &[][..]),
            Repr::Highest => (nothing(HIGHEST), &[][..]),
            Repr::Lowest => (nothing(LOWEST), &[][..]),
            Repr::Finite(number) => {
                let sign = if number.negative { NEGATIVE } else { 0 };
                let (groups, weight) = (number.digits.len(), number.weight.cast_unsigned());
                let head = [u16::try_from(groups)?, weight, sign, number.scale];
                (head, &*number.digits)
            }
        };
        head.into_iter().for_each(|word| out.put_u16(word));
        digits.iter().for_each(|group| out.put_i16(*group));
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }

    to_sql_checked!();
}

values! {
    Numeric => "numeric", key = |key| KeyValue::other(key.clone());
}
