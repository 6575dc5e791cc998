//! Compares the enums, composite types and domains of a program with those of a database.

use super::gap::{Field, TypeGap, TypeLack};
use super::live::Live;
use crate::value::{Definition, Described, Form, SqlType, Type, is_text};

/// What the types lack, in their order.
pub(super) fn type_gaps(definitions: &[&'static Definition], live: &Live) -> Vec<TypeGap> {
    let gaps = definitions.iter().filter_map(|definition| {
        let oid = live.ty(SqlType::named(definition.sql));
        let described = oid.and_then(|oid| live.catalog.described(oid));
        let lack = match described {
            Some(described) => lack(definition, described, live)?,
            None => TypeLack::Type,
        };
        Some(TypeGap {
            definition,
            oid: oid.unwrap_or_default(),
            lack,
        })
    });
    gaps.collect()
}

fn lack(definition: &'static Definition, found: &Described, live: &Live) -> Option<TypeLack> {
    match &definition.form {
        Form::Enum(labels) if found.form == b'e' => {
            let is_known = |label: &&&str| found.words.iter().any(|word| word == **label);
            let missing: Vec<_> = labels
                .iter()
                .filter(|label| !is_known(label))
                .copied()
                .collect();
            let known = |word: &&String| labels.contains(&word.as_str());
            let unknown: Vec<_> = found
                .words
                .iter()
                .filter(|word| !known(word))
                .cloned()
                .collect();
            let differs = !missing.is_empty() || !unknown.is_empty();
            differs.then_some(TypeLack::Labels { missing, unknown })
        }
        Form::Composite(fields) if found.form == b'c' => fields_lack(fields, found, live),
        Form::Domain { under, .. } if found.form == b'd' => {
            let same = found
                .under
                .is_some_and(|found| is_like(live, *under, found));
            (!same).then_some(TypeLack::Base(*under))
        }
        _ => Some(TypeLack::Form),
    }
}

fn fields_lack(
    fields: &'static [(&'static str, SqlType)],
    found: &Described,
    live: &Live,
) -> Option<TypeLack> {
    let wanted = fields.iter().map(|(name, ty)| Field {
        name: unquoted(name),
        ty: *ty,
    });
    let wanted: Vec<Field> = wanted.collect();
    let type_of = |name: &str| {
        let place = found.words.iter().position(|word| word == name)?;
        found.fields.get(place).copied()
    };
    let missing: Vec<_> = wanted
        .iter()
        .filter(|field| type_of(&field.name).is_none())
        .cloned()
        .collect();
    let other = wanted
        .iter()
        .filter(|field| type_of(&field.name).is_some_and(|found| !is_like(live, field.ty, found)));
    let other: Vec<_> = other.cloned().collect();
    let known = |word: &&String| wanted.iter().any(|field| field.name == **word);
    let unknown: Vec<_> = found
        .words
        .iter()
        .filter(|word| !known(word))
        .cloned()
        .collect();
    let same_names = wanted.iter().map(|field| &field.name).eq(&found.words);
    let differs = !missing.is_empty() || !unknown.is_empty() || !other.is_empty();
    differs.then_some(TypeLack::Fields {
        missing,
        unknown,
        other,
        same_names,
    })
}

/// Whether values of both types are the same to a program: under domains, and whatever kind of text it is.
fn is_like(live: &Live, wanted: SqlType, found: u32) -> bool {
    let Some(wanted) = live.ty(wanted) else {
        return false;
    };
    let (wanted, found) = (live.catalog.base(wanted), live.catalog.base(found));
    let text = |oid| {
        live.catalog
            .get(oid)
            .as_ref()
            .is_some_and(|ty: &Type| is_text(ty))
    };
    wanted == found || text(wanted) && text(found)
}

/// A name that stands quoted in SQL.
fn unquoted(name: &str) -> String {
    let inner = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    inner.map_or_else(|| name.to_owned(), |inner| inner.replace("\"\"", "\""))
}
