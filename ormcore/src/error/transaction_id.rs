//! The number PostgreSQL gives a transaction.

use std::fmt;

/// The number PostgreSQL gives a transaction that writes (an `xid8`): it is never used again.
///
/// It can be kept, for instance as a number in a log, and asked for later:
///
/// ```
/// use ormcore::TransactionId;
///
/// let id = TransactionId::new(4711);
/// assert_eq!(id.to_string(), "4711");
/// assert_eq!(TransactionId::new(id.get()), id);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionId(u64);

impl TransactionId {
    /// The transaction of this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
