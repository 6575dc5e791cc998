//! What serde makes of our own types.

use super::{Interval, KeyType, Multirange, Numeric, Range};
use ::serde::de::{Deserialize, Deserializer, Error as _, Unexpected};
use ::serde::ser::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

/// A key, or what refers to one: a whole number is written as a string, because JavaScript rounds those beyond 2⁵³, and
/// anything else as it is. Called by generated code.
#[derive(Debug)]
pub struct IdText<'a, K>(pub &'a K);

impl<K: KeyType + Serialize> Serialize for IdText<'_, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.key_value().as_integer() {
            Some(number) => serializer.collect_str(&number),
            None => self.0.serialize(serializer),
        }
    }
}

/// `{"months": 1, "days": 0, "microseconds": 0}`.
impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([
            ("months", self.months.into()),
            ("days", self.days.into()),
            ("microseconds", self.microseconds),
        ])
    }
}

/// What is missing is 0.
impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut interval = Self::default();
        for (name, number) in BTreeMap::<Cow<'de, str>, i64>::deserialize(deserializer)? {
            let narrow = || {
                i32::try_from(number)
                    .map_err(|_| D::Error::invalid_value(Unexpected::Signed(number), &"an i32"))
            };
            match &*name {
                "months" => interval.months = narrow()?,
                "days" => interval.days = narrow()?,
                "microseconds" => interval.microseconds = number,
                name => {
                    let known = &["months", "days", "microseconds"];
                    return Err(D::Error::unknown_field(name, known));
                }
            }
        }
        Ok(interval)
    }
}

/// The number as text: JSON's numbers are rounded by most who read them.
impl Serialize for Numeric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Numeric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// A list of the two bounds, `[{"Included": 1}, "Unbounded"]`; without any it is the empty range.
impl<T: Serialize> Serialize for Range<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bounds = self.bounds().map(|(lower, upper)| [lower, upper]);
        serializer.collect_seq(bounds.into_iter().flatten())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Range<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bounds = Vec::<Bound<T>>::deserialize(deserializer)?.into_iter();
        match (bounds.next(), bounds.next(), bounds.len()) {
            (None, _, _) => Ok(Self::empty()),
            (Some(lower), Some(upper), 0) => Ok(Self::new(lower, upper)),
            (_, second, more) => {
                let found = 1 + usize::from(second.is_some()) + more;
                Err(D::Error::invalid_length(found, &"two bounds, or none"))
            }
        }
    }
}

/// A list of the ranges.
impl<T: Serialize> Serialize for Multirange<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Multirange<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ranges = Vec::<Range<T>>::deserialize(deserializer)?;
        Ok(Self::from_iter(ranges))
    }
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use crate::value::{Cidr, Interval, Multirange, Numeric, Range};
    use ::serde::Serialize;
    use ::serde::de::DeserializeOwned;
    use std::fmt::Debug;

    fn both_ways<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, json: &str) {
        assert_eq!(serde_json::to_string(value).expect("JSON"), json);
        assert_eq!(serde_json::from_str::<T>(json).expect("a value"), *value);
    }

    #[test]
    fn what_is_written_is_read() {
        let interval = Interval {
            months: 1,
            days: -2,
            microseconds: i64::MAX,
        };
        let json = r#"{"months":1,"days":-2,"microseconds":9223372036854775807}"#;
        both_ways(&interval, json);
        both_ways(&Range::from(1..), r#"[{"Included":1},"Unbounded"]"#);
        both_ways(&Range::<i32>::empty(), "[]");
        both_ways(&Some(Range::<i32>::empty()), "[]");
        let set = Multirange::from_iter([..2]);
        both_ways(&set, r#"[["Unbounded",{"Excluded":2}]]"#);
        let network: Cidr = "10.0.0.0/8".parse().unwrap();
        both_ways(&network, r#""10.0.0.0/8""#);
        both_ways(&Numeric::from(-15), r#""-15""#);
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        for json in [r#"{"years":1}"#, r#"{"days":2147483648}"#, "1"] {
            assert!(serde_json::from_str::<Interval>(json).is_err(), "{json}");
        }
        for json in [
            r#"["Unbounded"]"#,
            r#"["Unbounded","Unbounded","Unbounded"]"#,
        ] {
            assert!(serde_json::from_str::<Range<i32>>(json).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<Numeric>(r#""1.2.3""#).is_err());
        assert!(serde_json::from_str::<Cidr>(r#""10.0.0.1/8""#).is_err());
    }
}
