//! PostgreSQL's types by name, and what those are that a program brings along.

use super::Value;
use postgres_types::{Kind, Type};
use std::fmt;

/// The name of a PostgreSQL type, and whether array brackets stand behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqlType {
    name: &'static str,
    array: bool,
    composite: bool,
    definition: Option<&'static Definition>,
}

impl SqlType {
    /// A type by its name in SQL.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            array: false,
            composite: false,
            definition: None,
        }
    }

    /// A type of the program's own, which [`schema::create`](crate::schema::create) makes where it is missing.
    #[must_use]
    pub const fn defined(definition: &'static Definition) -> Self {
        let composite = match definition.form {
            Form::Composite(_) => true,
            Form::Domain { under, .. } => under.composite,
            Form::Enum(_) => false,
        };
        Self {
            name: definition.sql,
            array: false,
            composite,
            definition: Some(definition),
        }
    }

    /// The array of this type. PostgreSQL does not tell `int[]` from `int[][]`.
    #[must_use]
    pub const fn array(self) -> Self {
        Self {
            array: true,
            ..self
        }
    }

    /// The same kind of values in a type of another name, such as `varchar(3)` or `email[]`, that somebody else makes.
    #[must_use]
    pub const fn renamed(self, name: &'static str) -> Self {
        let (element, array) = match name.as_bytes() {
            [element @ .., b'[', b']'] => (name.split_at(element.len()).0, true),
            _ => (name, false),
        };
        Self {
            name: element,
            array,
            composite: self.composite,
            definition: None,
        }
    }

    /// The name, without the brackets of an array.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Whether it is an array.
    #[must_use]
    pub const fn is_array(self) -> bool {
        self.array
    }

    /// Whether its values are arrays, be it under a domain: PostgreSQL has no arrays of them.
    pub(crate) const fn holds_arrays(self) -> bool {
        self.unchecked_array().array
    }

    /// The array type under a domain that there may be, whose checks are about one row's array.
    pub(crate) const fn unchecked_array(self) -> Self {
        match self.definition {
            Some(Definition {
                form: Form::Domain { under, .. },
                ..
            }) if !self.array && under.holds_arrays() => under.unchecked_array(),
            _ => self,
        }
    }

    /// Whether its values, or its elements, have fields of their own, which `unnest` would take apart.
    pub(crate) const fn is_composite(self) -> bool {
        self.composite
    }

    /// The name of the type that decides what a value is: under domains.
    pub(crate) const fn base(self) -> &'static str {
        match self.definition {
            Some(Definition {
                form: Form::Domain { under, .. },
                ..
            }) => under.base(),
            _ => self.name,
        }
    }

    /// What the type is, or its elements are, where the program brings it along.
    pub(crate) const fn definition(self) -> Option<&'static Definition> {
        self.definition
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        f.write_str(if self.array { "[]" } else { "" })
    }
}

/// A type that the program brings along: written by `#[derive(ormcore::Value)]`.
#[derive(Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct Definition {
    /// The name as it stands in SQL, quoted.
    pub sql: &'static str,
    /// The schema, unless the search path finds the type.
    pub schema: Option<&'static str>,
    /// The name.
    pub name: &'static str,
    /// What kind of type it is.
    pub form: Form,
}

/// What kind of type a definition defines.
#[derive(Debug, PartialEq, Eq)]
#[doc(hidden)]
pub enum Form {
    /// An enum with these labels, in their order.
    Enum(&'static [&'static str]),
    /// A composite type with these fields; their names as they stand in SQL, quoted.
    Composite(&'static [(&'static str, SqlType)]),
    /// A domain.
    Domain {
        /// The type it is made from.
        under: SqlType,
        /// What holds for each `VALUE`.
        check: Option<&'static str>,
    },
}

impl Definition {
    /// Whether this is the type, by name and kind.
    pub fn is(&self, ty: &Type) -> bool {
        let kind = matches!(
            (&self.form, ty.kind()),
            (Form::Enum(_), Kind::Enum(_))
                | (Form::Composite(_), Kind::Composite(_))
                | (Form::Domain { .. }, Kind::Domain(_))
        );
        kind && ty.name() == self.name && self.schema.is_none_or(|schema| ty.schema() == schema)
    }
}

/// The type that a `T` is read from: this one, or one under the domain it is.
pub(super) fn readable<T: Value>(ty: &Type) -> &Type {
    under(ty, <T as Value>::accepts)
}

/// The type that a `T` is written as: this one, or one under the domain it is.
pub(super) fn writable<T: Value>(ty: &Type) -> &Type {
    under(ty, T::takes)
}

pub(super) fn under(ty: &Type, accepts: impl Fn(&Type) -> bool) -> &Type {
    let mut found = ty;
    while !accepts(found) {
        match found.kind() {
            Kind::Domain(base) => found = base,
            _ => return ty,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Definition, Form, SqlType, under};
    use postgres_types::{Kind, Type};

    #[test]
    fn a_written_type_knows_its_brackets() {
        let list = SqlType::named("text").renamed("varchar(3)[]");
        assert_eq!((list.name(), list.is_array()), ("varchar(3)", true));
        let plain = SqlType::named("text").array().renamed("citext");
        assert_eq!((plain.name(), plain.is_array()), ("citext", false));
    }

    #[test]
    fn a_domain_is_what_is_under_it() {
        static EMAIL: Definition = Definition {
            sql: "\"email\"",
            schema: None,
            name: "email",
            form: Form::Domain {
                under: SqlType::named("uuid"),
                check: None,
            },
        };
        assert_eq!(SqlType::defined(&EMAIL).base(), "uuid");
        assert_eq!(SqlType::defined(&EMAIL).name(), "\"email\"");
    }

    #[test]
    fn domains_are_looked_under_until_a_type_is_accepted() {
        let domain = |name: &str, under| {
            Type::new(name.to_owned(), 1, Kind::Domain(under), "public".to_owned())
        };
        let adult = domain("adult", domain("age", Type::INT4));
        assert_eq!(under(&adult, |ty| *ty == Type::INT4), &Type::INT4);
        assert_eq!(under(&adult, |ty| ty.name() == "adult"), &adult);
        assert_eq!(under(&adult, |ty| *ty == Type::TEXT), &adult);
    }
}
