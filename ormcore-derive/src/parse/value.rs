//! What the user wrote about a value: an enum, a struct around one type, or a struct with fields.

use super::types;
use super::value_words::{self, RenameWords, ValueWords};
use crate::errors::Errors;
use syn::{Data, DeriveInput, Fields, Ident, Type, Variant};

/// A type with `#[derive(Value)]`, as written.
pub(crate) struct ValueDeclaration {
    pub(crate) name: Ident,
    pub(crate) words: ValueWords,
    pub(crate) body: Body,
}

/// What kind of type it is.
pub(crate) enum Body {
    /// An enum without fields.
    Words(Vec<Named>),
    /// A struct around one type.
    Newtype(Box<Type>),
    /// A struct with named fields.
    Parts(Vec<(Named, Type)>),
}

/// A variant or a field.
pub(crate) struct Named {
    pub(crate) name: Ident,
    pub(crate) words: RenameWords,
}

/// Reads a type; nothing when no value can be made of it.
pub(crate) fn value(input: &DeriveInput, errors: &Errors) -> Option<ValueDeclaration> {
    let name = &input.ident;
    if !input.generics.params.is_empty() {
        errors.on(
            &input.generics,
            format!("a value has one PostgreSQL type, so `{name}` cannot be generic"),
        );
        return None;
    }
    let body = match &input.data {
        Data::Enum(data) => Body::Words(variants(name, data.variants.iter(), errors)?),
        Data::Struct(data) => structure(name, &data.fields, errors)?,
        Data::Union(_) => {
            errors.on(
                name,
                format!("a value is an enum or a struct; `{name}` is a union"),
            );
            return None;
        }
    };
    Some(ValueDeclaration {
        name: name.clone(),
        words: value_words::on_type(&input.attrs, &body, errors),
        body,
    })
}

fn variants<'a>(
    name: &Ident,
    variants: impl Iterator<Item = &'a Variant>,
    errors: &Errors,
) -> Option<Vec<Named>> {
    let before = errors.len();
    let mut found = Vec::new();
    for variant in variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.on(
                &variant.fields,
                format!(
                    "`{name}::{}` has fields, and an enum of PostgreSQL has only words: for a column of type \
                     `ormcore::value::Json<{name}>` derive serde's traits instead",
                    variant.ident
                ),
            );
        }
        found.push(Named {
            name: variant.ident.clone(),
            words: value_words::on_part(&variant.attrs, "a variant", errors),
        });
    }
    if found.is_empty() {
        errors.on(name, format!("`{name}` has no variants, so no value"));
    }
    (errors.len() == before).then_some(found)
}

fn structure(name: &Ident, fields: &Fields, errors: &Errors) -> Option<Body> {
    match fields {
        Fields::Named(fields) if !fields.named.is_empty() => {
            let part = |field: &syn::Field| {
                let words = value_words::on_part(&field.attrs, "a field", errors);
                let name = field.ident.clone()?;
                Some((Named { name, words }, field.ty.clone()))
            };
            Some(Body::Parts(fields.named.iter().filter_map(part).collect()))
        }
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            let ty = &fields.unnamed[0].ty;
            for attribute in &fields.unnamed[0].attrs {
                if attribute.path().is_ident("orm") {
                    errors.on(
                        attribute,
                        format!("the words of a newtype stand on the struct `{name}`"),
                    );
                }
            }
            if let Some(inner) = types::argument(ty, "Option") {
                errors.on(
                    ty,
                    format!(
                        "the Option belongs around the newtype: write `struct {name}({})`, and `Option<{name}>` in the \
                         entity",
                        types::written(&inner)
                    ),
                );
                return None;
            }
            Some(Body::Newtype(Box::new(ty.clone())))
        }
        Fields::Unnamed(fields) if !fields.unnamed.is_empty() => {
            errors.on(
                fields,
                format!("the fields of a composite type have names: write `struct {name} {{ … }}`"),
            );
            None
        }
        _ => {
            errors.on(name, format!("`{name}` has no fields, so no value"));
            None
        }
    }
}
