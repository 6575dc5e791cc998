//! Values that rules of their columns refuse.

use super::{Error, ErrorKind};
use std::fmt::{self, Write as _};

/// So many of them are told in the text of an error; [`Error::invalid_fields`] has all.
const TOLD: usize = 10;

/// A value that a rule of its column refuses, such as `#[orm(validate(email))]`: [`Error::invalid_fields`].
///
/// It never has the value.
///
/// # Examples
/// ```no_run
/// use ormcore::{Db, Entity};
///
/// #[derive(Entity)]
/// #[orm(insert(NewUser))]
/// struct User {
///     #[orm(primary_key, generated)]
///     id: i64,
///     #[orm(validate(length(min = 1, max = 80)))]
///     name: String,
///     #[orm(validate(email))]
///     email: String,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/shop").await?;
///     let new = NewUser { name: String::new(), email: "ada".into() };
///     if let Err(error) = User::insert(new).one(&db).await {
///         for invalid in error.invalid_fields() {
///             println!("{}: {}", invalid.field, invalid.text);
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InvalidField {
    /// The entity's name.
    pub entity: &'static str,
    /// The field's name.
    pub field: &'static str,
    /// The rule's name, such as `email`.
    pub rule: &'static str,
    /// What has to hold, such as `must be an e-mail address`; or what a function of the program's own says.
    pub text: &'static str,
    /// Which of many rows has the value; the first is 0. In a flush of a session: which of the rows that the
    /// [`Failure`](crate::Failure) has.
    pub row: Option<usize>,
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            entity,
            field,
            text,
            row,
            ..
        } = self;
        if let Some(row) = row {
            write!(f, "rows[{row}]: ")?;
        }
        write!(f, "`{entity}::{field}` {text}")
    }
}

impl Error {
    /// All that rules refuse of what was to be written.
    pub(crate) fn invalid(fields: Vec<InvalidField>) -> Self {
        let mut message = match fields.len() {
            1 => "a value is not valid".to_owned(),
            count => format!("{count} values are not valid"),
        };
        for (at, field) in fields.iter().take(TOLD).enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(message, "{}{field}", if at == 0 { ": " } else { "; " });
        }
        if let Some(more) = fields.len().checked_sub(TOLD).filter(|more| *more > 0) {
            let _ = write!(message, "; and {more} more");
        }
        let mut error = Self::new(ErrorKind::Invalid, message);
        error.0.invalid = fields;
        error
    }

    /// The values that rules of their columns refuse, all at once: nothing was sent. None, unless the kind is
    /// [`ErrorKind::Invalid`].
    #[must_use]
    pub fn invalid_fields(&self) -> &[InvalidField] {
        &self.0.invalid
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, InvalidField};

    #[test]
    fn of_many_the_first_are_told_and_the_others_counted() {
        let field = |row| InvalidField {
            entity: "User",
            field: "email",
            rule: "email",
            text: "must be an e-mail address",
            row,
        };
        let told = |fields| Error::invalid(fields).to_string();
        let one = "`User::email` must be an e-mail address";
        assert_eq!(
            told(vec![field(None)]),
            format!("a value is not valid: {one}")
        );
        let many = told((0..12).map(|row| field(Some(row))).collect());
        assert!(
            many.starts_with(&format!(
                "12 values are not valid: rows[0]: {one}; rows[1]: "
            )),
            "{many}"
        );
        assert!(
            many.ends_with(&format!("rows[9]: {one}; and 2 more")),
            "{many}"
        );
        let ten = told((0..10).map(|row| field(Some(row))).collect());
        assert!(ten.ends_with(one), "{ten}");
    }
}
