//! What the user wrote about an enum of entities.

use super::attributes::ON_STRUCT;
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
    Some(KindsDeclaration {
        name: name.clone(),
        visibility: input.vis.clone(),
        variants: variants.collect(),
        columns: columns(&input.attrs, errors),
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

fn columns(attributes: &[Attribute], errors: &Errors) -> Vec<(Ident, Type)> {
    let mut columns = None;
    for word in words(attributes, errors) {
        match word.text().as_str() {
            "columns" => once(&mut columns, &word, word.columns(errors), errors),
            text if ON_STRUCT.contains(&text) => errors.on(
                &word.name,
                format!("`{text}` belongs on the entities that the variants hold, not on the enum"),
            ),
            _ => unknown(&word, "an enum of entities", &["columns"], errors),
        }
    }
    columns.unwrap_or_default()
}
