//! What a program asks of the values of a column before they are sent.

use std::any::Any;
use std::fmt;

/// A rule for the values of a column: `#[orm(validate(…))]`.
pub struct Rule {
    /// Its name, such as `email`.
    pub name: &'static str,
    /// What is wrong with a value of the column's type, if anything is.
    pub refuses: fn(&dyn Any) -> Option<&'static str>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
