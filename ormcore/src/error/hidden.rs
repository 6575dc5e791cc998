//! What PostgreSQL quotes in a message, and may not be shown.

use super::Inner;

/// What PostgreSQL quotes with, in the languages it speaks.
const QUOTES: [char; 8] = ['"', '«', '»', '„', '“', '”', '「', '」'];

impl Inner {
    /// What the server quotes is a name that the statement holds, or that of what refused; else it was bound or stored.
    pub(super) fn hide_values(&mut self, statement: &str) {
        let Some(database) = &self.database else {
            return;
        };
        let names = [&database.constraint, &database.table, &database.column];
        let names = || names.into_iter().flatten();
        let is_name = |quoted: &str| {
            let quoted = quoted.trim();
            statement.contains(quoted) || names().any(|name| **name == *quoted)
        };
        // Every second part stands between quotes.
        if self.message.split(QUOTES).skip(1).step_by(2).all(is_name) {
            return;
        }
        let first = self.message.find(QUOTES);
        let last = self.message.rmatch_indices(QUOTES).next();
        if let Some((first, (last, quote))) = first.zip(last) {
            let quoted = first..last + quote.len();
            self.message.to_mut().replace_range(quoted, "\"…\"");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::{DatabaseError, Error, ErrorKind};

    fn told(message: &'static str, statement: &str) -> String {
        let database = DatabaseError {
            code: "42P01".into(),
            detail: None,
            constraint: Some("users_email_key".into()),
            table: None,
            column: None,
            schema: None,
            columns: Vec::new(),
            position: None,
            referred: Vec::new(),
            fatal: false,
        };
        let error = Error::new(ErrorKind::Database, message).with_database(database);
        let error = error.with_statement(&statement.into());
        error.0.message.into_owned()
    }

    #[test]
    fn names_are_told_and_values_are_not() {
        let statement = "SELECT * FROM nowhere WHERE id = $1";
        for (message, expected) in [
            (
                r#"relation "nowhere" does not exist"#,
                r#"relation "nowhere" does not exist"#,
            ),
            (
                r#"constraint "users_email_key" of "nowhere""#,
                r#"constraint "users_email_key" of "nowhere""#,
            ),
            (
                r#"relation "secret" does not exist"#,
                r#"relation "…" does not exist"#,
            ),
            (
                r#"relation "se"cr"et" does not exist"#,
                r#"relation "…" does not exist"#,
            ),
            (
                "Relation »secret« existiert nicht",
                "Relation \"…\" existiert nicht",
            ),
            (
                "la relation « nowhere » n'existe pas",
                "la relation « nowhere » n'existe pas",
            ),
        ] {
            assert_eq!(told(message, statement), expected);
        }
    }
}
