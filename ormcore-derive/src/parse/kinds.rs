//! What the user wrote about an enum of entities.

use super::attributes::ON_STRUCT;
use super::types::argument;
use super::words::{once, unknown, words};
use crate::errors::Errors;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Type, Visibility};

/// An enum with `#[derive(Entity)]`, as written.
pub(crate) struct KindsDeclaration {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) variants: Vec<Variant>,
    /// Columns that all kinds have, and their types.
    pub(crate) columns: Vec<(Ident, Type)>,
    /// Relations that all kinds have, and what they lead to.
    pub(crate) belongs_to: Vec<(Ident, Type)>,
    /// Whether every variant was understood.
    pub(crate) whole: bool,
}

/// `Card(CardPayment)`.
pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) entity: Type,
}

/// Reads an enum whose variants hold something; nothing when it is no such enum.
pub(crate) fn kinds(input: &DeriveInput, errors: &Errors) -> Option<KindsDeclaration> {
    let Data::Enum(data) = &input.data else {
        return None;
    };
    if data
        .variants
        .iter()
        .all(|variant| variant.fields.is_empty())
    {
        return None;
    }
    let name = &input.ident;
    if !input.generics.params.is_empty() {
        errors.on(
            &input.generics,
            format!("an entity is one table, so `{name}` cannot be generic"),
        );
    }
    let variants = data.variants.iter();
    let variants = variants.filter_map(|variant| self::variant(name, variant, errors));
    let variants: Vec<Variant> = variants.collect();
    let (columns, belongs_to) = shared(&input.attrs, errors);
    Some(KindsDeclaration {
        name: name.clone(),
        visibility: input.vis.clone(),
        whole: variants.len() == data.variants.len(),
        variants,
        columns,
        belongs_to,
    })
}

fn variant(name: &Ident, variant: &syn::Variant, errors: &Errors) -> Option<Variant> {
    let of_ours = |attribute: &&Attribute| attribute.path().is_ident("orm");
    let fields = variant.fields.iter().flat_map(|field| &field.attrs);
    for attribute in variant.attrs.iter().chain(fields).filter(of_ours) {
        errors.on(
            attribute,
            "what is said about a kind of rows stands on its entity, not on the variant that holds it",
        );
    }
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Some(Variant {
            name: variant.ident.clone(),
            entity: fields.unnamed[0].ty.clone(),
        }),
        _ => {
            let variant = &variant.ident;
            errors.on(
                variant,
                format!(
                    "a variant of an entity holds one entity: write `{variant}({name}{variant})`"
                ),
            );
            None
        }
    }
}

type Typed = Vec<(Ident, Type)>;

/// The columns and relations of all kinds.
fn shared(attributes: &[Attribute], errors: &Errors) -> (Typed, Typed) {
    let (mut columns, mut relations) = (None, None);
    for word in words(attributes, errors) {
        match word.text().as_str() {
            "columns" => {
                let typed = word.typed("id: i64, name: String", errors);
                once(&mut columns, &word, typed, errors);
            }
            "belongs_to" => {
                let typed = word.typed("author: One<User>", errors);
                once(&mut relations, &word, typed, errors);
            }
            text if ON_STRUCT.contains(&text) => errors.on(
                &word.name,
                format!("`{text}` belongs on the entities that the variants hold, not on the enum"),
            ),
            _ => unknown(
                &word,
                "an enum of entities",
                &["columns", "belongs_to"],
                errors,
            ),
        }
    }
    let relations = relations.unwrap_or_default().into_iter();
    let relations = relations.filter_map(|(field, ty)| match argument(&ty, "One") {
        Some(target) => Some((field, target)),
        None => {
            let name = field.to_string();
            errors.on(
                &ty,
                format!("`{name}` leads to one row: write `{name}: One<…>`, as the kinds have it"),
            );
            None
        }
    });
    (columns.unwrap_or_default(), relations.collect())
}
