//! What the user wrote about a row: a struct with a field for each column of a result.

use super::types::{self, Shape};
use super::value::Named;
use super::value_words;
use crate::errors::Errors;
use syn::{Data, DeriveInput, Fields, Ident, Type};

/// A struct with `#[derive(Row)]`, as written.
pub(crate) struct RowDeclaration {
    pub(crate) name: Ident,
    pub(crate) fields: Vec<(Named, Type)>,
}

/// Reads a struct; nothing when no row can be read as it.
pub(crate) fn row(input: &DeriveInput, errors: &Errors) -> Option<RowDeclaration> {
    let name = &input.ident;
    if !input.generics.params.is_empty() {
        errors.on(
            &input.generics,
            format!("a row is read as one type, so `{name}` cannot be generic"),
        );
        return None;
    }
    for attribute in &input.attrs {
        if attribute.path().is_ident("orm") {
            errors.on(
                attribute,
                "a row has no words of its own; `rename = \"…\"` stands on a field",
            );
        }
    }
    let kind = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => {
                let fields = fields.named.iter();
                let fields: Vec<_> = fields
                    .map(|field| self::field(field, name, errors))
                    .collect();
                return Some(RowDeclaration {
                    name: name.clone(),
                    fields: fields.into_iter().collect::<Option<_>>()?,
                });
            }
            Fields::Named(_) | Fields::Unit => "a struct without fields",
            Fields::Unnamed(_) => "a tuple struct",
        },
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    };
    errors.on(
        name,
        format!(
            "a row is a struct whose fields are named like the columns; `{name}` is {kind}. Columns without names are \
             read as a tuple, which needs no derive"
        ),
    );
    None
}

fn field(field: &syn::Field, row: &Ident, errors: &Errors) -> Option<(Named, Type)> {
    let name = field.ident.clone()?;
    let ty = types::without_self(&field.ty, row);
    let words = value_words::on_part(&field.attrs, "a field", errors);
    if let Shape::One { .. } | Shape::Many { .. } = types::shape(&ty, errors)? {
        errors.on(
            &field.ty,
            "a relation belongs to an entity: a row has the columns of one result",
        );
        return None;
    }
    Some((Named { name, words }, ty))
}
