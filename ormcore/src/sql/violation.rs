//! Which of an entity's columns a violated constraint is about.
//!
//! PostgreSQL tells the columns, except those of a check, or where the user may not see them; then the constraint's name does:
//! the one the entity gives it, or the one PostgreSQL gives a constraint that has none.

use super::{ColumnInfo, Table};
use crate::error::{Error, ErrorKind};

/// PostgreSQL cuts off names after so many bytes.
const LONGEST_NAME: usize = 63;

/// The columns of this table that the violation is about; none, if it is about none or about another table.
pub(crate) fn violated(error: &Error, table: &'static Table) -> Vec<&'static ColumnInfo> {
    let label = match error.kind() {
        ErrorKind::NotNullViolation => "",
        ErrorKind::UniqueViolation => "key",
        ErrorKind::ForeignKeyViolation => "fkey",
        ErrorKind::CheckViolation => "check",
        _ => return Vec::new(),
    };
    if !is_about(error, table) {
        return Vec::new();
    }
    let columns = || table.columns.iter().copied();
    let is_told = |column: &&ColumnInfo| {
        let mut names = error.columns().iter();
        names.any(|name| folded(name).1 == column.name)
    };
    let told: Vec<_> = columns().filter(is_told).collect();
    let Some(constraint) = error.constraint().filter(|_| told.is_empty()) else {
        return told;
    };
    let named: Vec<_> = columns()
        .filter(|column| column.constraints.contains(&constraint))
        .collect();
    if !named.is_empty() {
        return named;
    }
    if label == "key" && is_default(constraint, table.name, None, "pkey") {
        return table.key.to_vec();
    }
    columns()
        .filter(|column| is_default(constraint, table.name, Some(column.name), label))
        .collect()
}

/// Whether PostgreSQL names this table.
pub(crate) fn is_about(error: &Error, table: &'static Table) -> bool {
    let mut schemas = table.schema.zip(error.schema()).into_iter();
    error.table() == Some(table.name) && schemas.all(|(ours, its)| ours == its)
}

/// A column, and the function that makes capitals and small letters alike where a unique index is over that, as PostgreSQL
/// writes it: `lower(email)`, `lower((email)::text)`.
pub(crate) fn folded(name: &str) -> (Option<&'static str>, &str) {
    for (function, start) in [("lower", "lower("), ("upper", "upper(")] {
        let inner = name.strip_prefix(start);
        if let Some(inner) = inner.and_then(|inner| inner.strip_suffix(')')) {
            let inner = inner.strip_suffix("::text").unwrap_or(inner);
            return (Some(function), inner.trim_matches(['(', ')', '"']));
        }
    }
    (None, name)
}

/// What the violation means, in the entity's words.
pub(crate) fn explained(error: &Error, table: &'static Table) -> Option<String> {
    let columns = violated(error, table);
    let one = columns.first()?;
    let field = |column: &&ColumnInfo| format!("`{}::{}`", table.entity, column.field);
    let fields: Vec<String> = columns.iter().map(field).collect();
    let fields = fields.join(" and ");
    let constraint = || error.constraint().unwrap_or_default();
    Some(match error.kind() {
        ErrorKind::UniqueViolation if columns.len() > 1 => {
            format!("{fields} must be unique together")
        }
        ErrorKind::UniqueViolation => format!("{fields} must be unique"),
        ErrorKind::ForeignKeyViolation => match &one.references {
            Some(reference) => {
                let target = (reference.table)().name;
                format!("{fields} must refer to a row of `{target}`")
            }
            None => format!("{fields} must refer to a row"),
        },
        ErrorKind::CheckViolation => format!("{fields} must pass the check `{}`", constraint()),
        _ => format!("{fields} must not be NULL"),
    })
}

/// Whether PostgreSQL gives a constraint that has no name this one; a number at its end keeps it apart from others.
fn is_default(constraint: &str, table: &str, column: Option<&str>, label: &str) -> bool {
    let unnumbered = constraint.trim_end_matches(|end: char| end.is_ascii_digit());
    let number = &constraint[unnumbered.len()..];
    unnumbered.ends_with(label)
        && default_name(table, column, &format!("{label}{number}")) == constraint
}

/// `table_column_label`; the longer of the first two is shortened, then both in turn, until it fits.
fn default_name(table: &str, column: Option<&str>, label: &str) -> String {
    let between = 1 + usize::from(column.is_some());
    let room = LONGEST_NAME.saturating_sub(label.len() + between);
    let (mut first, mut second) = (table.len(), column.map_or(0, str::len));
    while first + second > room {
        if first > second {
            first -= 1;
        } else {
            second -= 1;
        }
    }
    let table = whole(table, first);
    match column {
        Some(column) => format!("{table}_{}_{label}", whole(column, second)),
        None => format!("{table}_{label}"),
    }
}

/// The characters that are whole within so many bytes.
fn whole(name: &str, mut bytes: usize) -> &str {
    while !name.is_char_boundary(bytes) {
        bytes -= 1;
    }
    &name[..bytes]
}

#[cfg(test)]
mod tests {
    use super::{folded, is_default};

    #[test]
    fn a_column_is_known_in_an_index_over_its_letters() {
        for (name, expected) in [
            ("email", (None, "email")),
            ("lower(email)", (Some("lower"), "email")),
            ("lower((email)::text)", (Some("lower"), "email")),
            (r#"upper("E-mail")"#, (Some("upper"), "E-mail")),
            ("length(email)", (None, "length(email)")),
            ("lower(", (None, "lower(")),
        ] {
            assert_eq!(folded(name), expected);
        }
    }

    #[test]
    fn a_constraint_without_a_name_is_known_by_the_one_it_gets() {
        let (a, z) = ("a".repeat(40), "z".repeat(40));
        let cut =
            |a: usize, z: usize, end: &str| format!("{}_{}_{end}", "a".repeat(a), "z".repeat(z));
        for (constraint, table, column, label, expected) in [
            ("users_email_key", "users", Some("email"), "key", true),
            ("users_email_key12", "users", Some("email"), "key", true),
            ("users_email_key", "users", Some("mail"), "key", false),
            ("users_email_keyx", "users", Some("email"), "key", false),
            ("users_pkey", "users", None, "pkey", true),
            ("users_age2_check", "users", Some("age2"), "check", true),
            (&cut(29, 29, "key"), &a, Some(&*z), "key", true),
            (&cut(29, 28, "key1"), &a, Some(&*z), "key", true),
            (&cut(40, 18, "key"), &a, Some(&z[..18]), "key", true),
            (
                &format!("{}_b_key", "é".repeat(28)),
                &"é".repeat(30),
                Some("b"),
                "key",
                true,
            ),
        ] {
            assert_eq!(
                is_default(constraint, table, column, label),
                expected,
                "{constraint}"
            );
        }
    }
}
