//! Where a page ended.

use crate::error::{Error, Result};
use crate::sql::Order;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Where a page ended, and the next one begins: the values that the last row is ordered by.
///
/// It is text to keep in a link (`Display`, `FromStr`, and serde as a string): the values stand in it, readable to those who
/// know how, so order by nothing secret. A cursor of another order is refused; one that was tampered with finds a wrong
/// place, or is the server's error, and nothing worse.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor {
    order: u64,
    values: Vec<Option<Vec<u8>>>,
}

impl Cursor {
    pub(super) fn new(order: &[Order], values: Vec<Option<Vec<u8>>>) -> Self {
        Self {
            order: fingerprint(order),
            values,
        }
    }

    /// The values, `None` for NULL.
    ///
    /// # Errors
    /// When it is of another order.
    pub(super) fn values(self, order: &[Order]) -> Result<Vec<Option<Vec<u8>>>> {
        if self.order != fingerprint(order) || self.values.len() != order.len() {
            return Err(Error::usage(
                "the cursor belongs to a question in another order; use it with the `order_by` it came from",
            ));
        }
        Ok(self.values)
    }
}

/// Tells orders apart, the same in every process: FNV-1a over the names and directions.
fn fingerprint(order: &[Order]) -> u64 {
    order
        .iter()
        .flat_map(|order| format!("{order} {:?},", order.nulls).into_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.order)?;
        for value in &self.values {
            f.write_str("-")?;
            match value {
                None => f.write_str("n")?,
                Some(bytes) => {
                    for byte in bytes {
                        write!(f, "{byte:02x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.split('-');
        let order = parts.next().unwrap_or_default();
        let order = u64::from_str_radix(order, 16).map_err(|_| unreadable())?;
        let values = parts.map(value).collect::<Result<_>>()?;
        Ok(Self { order, values })
    }
}

fn value(text: &str) -> Result<Option<Vec<u8>>> {
    if text == "n" {
        return Ok(None);
    }
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return Err(unreadable());
    }
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).map_err(|_| unreadable())?;
        u8::from_str_radix(text, 16).map_err(|_| unreadable())
    };
    digits.chunks(2).map(byte).collect::<Result<_>>().map(Some)
}

fn unreadable() -> Error {
    Error::usage("this is no cursor; take it from `Page::next`, as it is")
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("values", &self.values.len())
            .finish()
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
