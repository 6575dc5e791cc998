//! Types as PostgreSQL's own tables describe them, for whoever asks without having a result to read.

use postgres_types::{Field, Kind, Type};
use std::collections::HashMap;

/// What `pg_type`, `pg_enum` and `pg_attribute` say about a type.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) name: String,
    pub(crate) schema: String,
    /// `typtype`: a letter.
    pub(crate) form: u8,
    /// The type under a domain, or the elements' of an array, a range or a multirange.
    pub(crate) under: Option<u32>,
    /// The labels of an enum, or the names of a composite type's fields.
    pub(crate) words: Vec<String>,
    /// The types of the fields.
    pub(crate) fields: Vec<u32>,
}

/// Types by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Catalog(pub(crate) HashMap<u32, Described>);

/// Types that are made of each other so often are not PostgreSQL's.
const DEEPEST: usize = 32;

impl Catalog {
    /// The type of this number, if it is known.
    pub(crate) fn get(&self, oid: u32) -> Option<Type> {
        self.within(oid, 0)
    }

    /// What is known about it.
    pub(crate) fn described(&self, oid: u32) -> Option<&Described> {
        self.0.get(&oid)
    }

    /// The number of the type under a domain, however deep; the type's own where it is none.
    pub(crate) fn base(&self, oid: u32) -> u32 {
        let mut found = oid;
        for _ in 0..DEEPEST {
            match self.0.get(&found) {
                Some(Described {
                    form: b'd',
                    under: Some(under),
                    ..
                }) => found = *under,
                _ => break,
            }
        }
        found
    }

    fn within(&self, oid: u32, depth: usize) -> Option<Type> {
        if let Some(ty) = Type::from_oid(oid) {
            return Some(ty);
        }
        let described = self.0.get(&oid).filter(|_| depth < DEEPEST)?;
        let under = || self.within(described.under?, depth + 1);
        let kind = match described.form {
            b'e' => Kind::Enum(described.words.clone()),
            b'd' => Kind::Domain(under()?),
            b'r' => Kind::Range(under()?),
            b'm' => Kind::Multirange(under()?),
            b'c' => {
                let fields = described.words.iter().zip(&described.fields);
                let fields = fields
                    .map(|(name, ty)| Some(Field::new(name.clone(), self.within(*ty, depth + 1)?)));
                Kind::Composite(fields.collect::<Option<_>>()?)
            }
            _ if described.under.is_some() => Kind::Array(under()?),
            _ => Kind::Simple,
        };
        let (name, schema) = (described.name.clone(), described.schema.clone());
        Some(Type::new(name, oid, kind, schema))
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalog, Described};
    use postgres_types::{Kind, Type};

    type Told<'a> = (u32, u8, Option<u32>, &'a [&'a str], &'a [u32]);

    fn catalog(types: [Told<'_>; 4]) -> Catalog {
        let described = types.map(|(oid, form, under, words, fields)| {
            let described = Described {
                name: format!("t{oid}"),
                schema: "public".to_owned(),
                form,
                under,
                words: words.iter().map(|word| (*word).to_owned()).collect(),
                fields: fields.to_vec(),
            };
            (oid, described)
        });
        Catalog(described.into())
    }

    #[test]
    fn a_type_is_made_of_those_it_is_described_by() {
        let text = Type::TEXT.oid();
        let catalog = catalog([
            (20_001, b'd', Some(text), &[], &[]),
            (20_002, b'd', Some(20_001), &[], &[]),
            (20_003, b'b', Some(20_002), &[], &[]),
            (20_004, b'c', None, &["a", "b"], &[20_003, text]),
        ]);
        assert_eq!(catalog.base(20_002), text);
        assert_eq!(catalog.base(20_003), 20_003);
        let whole = catalog.get(20_004).expect("a type");
        let Kind::Composite(fields) = whole.kind() else {
            panic!("{whole:?}");
        };
        assert_eq!(fields[1].type_(), &Type::TEXT);
        let Kind::Array(element) = fields[0].type_().kind() else {
            panic!("{whole:?}");
        };
        assert!(
            matches!(element.kind(), Kind::Domain(under) if matches!(under.kind(), Kind::Domain(_)))
        );
        assert_eq!(catalog.get(20_005), None);
    }

    #[test]
    fn a_description_that_goes_in_circles_is_no_type() {
        let catalog = catalog([
            (20_001, b'd', Some(20_002), &[], &[]),
            (20_002, b'd', Some(20_001), &[], &[]),
            (20_003, b'e', None, &["a"], &[]),
            (20_004, b'p', None, &[], &[]),
        ]);
        assert_eq!(catalog.get(20_001), None);
        catalog.base(20_001);
        assert!(
            matches!(catalog.get(20_003).expect("an enum").kind(), Kind::Enum(labels) if labels == &["a"])
        );
    }
}
