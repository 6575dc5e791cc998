//! Stage one, what the user wrote: syn goes in, our own words come out, and every word keeps its place.

mod attributes;
mod case;
mod column_words;
mod elsewhere;
mod folder;
mod kinds;
#[allow(
    dead_code,
    reason = "the parts are read by the library, which has the same file"
)]
mod migration;
mod names;
mod near;
mod relation_words;
mod row;
mod serde_words;
mod template;
mod types;
mod value;
mod value_words;
mod words;

pub(crate) use attributes::{CompanionWords, FieldWords, KindWords, ReferenceWords, StructWords};
pub(crate) use case::Case;
pub(crate) use column_words::{IndexWords, Rule, RuleWords};
pub(crate) use folder::{MigrationFile, folder};
pub(crate) use kinds::{KindsDeclaration, Variant, kinds};
pub(crate) use names::{constant, snake, table};
pub(crate) use near::{list, nearest};
pub(crate) use relation_words::{Lazy, RelationWords, ThroughTable, ThroughWords};
pub(crate) use row::{RowDeclaration, row};
pub(crate) use serde_words::{SerdeField, SerializeWords};
pub(crate) use template::{Piece, Template, template};
// Carried through the model unopened: places to complain about, and text for the code.
pub(crate) use syn::{Ident, LitStr, Path, Type, Visibility};
pub(crate) use types::{Shape, agree, written};
pub(crate) use value::{Body, Named as ValuePart, ValueDeclaration, value};
pub(crate) use value_words::ValueWords;

use crate::errors::Errors;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Lit, Meta, ext::IdentExt};

/// A struct with `#[derive(Entity)]`, as written.
pub(crate) struct Declaration {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) words: StructWords,
    pub(crate) fields: Vec<Field>,
}

/// One field of it.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) docs: Vec<String>,
    pub(crate) ty: Type,
    /// Missing when there was a complaint about the type.
    pub(crate) shape: Option<Shape>,
    pub(crate) words: FieldWords,
    /// What serde is told about it, where that is for us to say.
    pub(crate) serde: Option<SerdeField>,
}

/// Reads a struct; nothing when it is none an entity can be made of.
pub(crate) fn declaration(input: &DeriveInput, errors: &Errors) -> Option<Declaration> {
    let name = &input.ident;
    let parameters = &input.generics.params;
    if !parameters.is_empty() {
        let lifetimes = parameters.len() == input.generics.lifetimes().count();
        let complaint = match lifetimes {
            true => format!(
                "a `{name}` owns what was read, and borrows nothing: write `String` for `&str`"
            ),
            false => format!("an entity is one table, so `{name}` cannot be generic"),
        };
        errors.on(&input.generics, complaint);
    }
    let kind = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if input.generics.params.is_empty() => {
                let words = attributes::on_struct(&input.attrs, errors);
                let case = words
                    .serialize
                    .and_then(|_| serde_words::on_struct(&input.attrs, errors));
                let serde = |field: &syn::Field| {
                    let name = words.serialize.and(field.ident.as_ref())?;
                    Some(serde_words::on_field(&field.attrs, name, case, errors))
                };
                let fields = fields
                    .named
                    .iter()
                    .filter_map(|field| self::field(field, name, serde(field), errors))
                    .collect();
                return Some(Declaration {
                    name: name.clone(),
                    visibility: input.vis.clone(),
                    words,
                    fields,
                });
            }
            Fields::Named(_) => return None,
            Fields::Unnamed(_) => "a tuple struct",
            Fields::Unit => "a unit struct",
        },
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    };
    errors.on(
        name,
        format!("an entity is a struct with a named field for each column; `{name}` is {kind}"),
    );
    None
}

fn field(
    field: &syn::Field,
    entity: &Ident,
    serde: Option<SerdeField>,
    errors: &Errors,
) -> Option<Field> {
    let name = field.ident.clone()?;
    let ty = types::without_self(&field.ty, entity);
    let mut words = attributes::on_field(&field.attrs, errors);
    if let Some(references) = &mut words.references {
        references.target = types::path_without_self(&references.target, entity);
    }
    let relations = [
        &mut words.belongs_to,
        &mut words.has_one,
        &mut words.has_many,
    ];
    let relations = relations.into_iter().flatten();
    let targets = relations.map(|relation| &mut relation.target);
    let many_to_many = words.many_to_many.as_mut();
    for target in targets.chain(many_to_many.map(|relation| &mut relation.target)) {
        *target = target
            .as_ref()
            .map(|target| types::path_without_self(target, entity));
    }
    let shape = types::shape(&ty, errors);
    Some(Field {
        name,
        visibility: field.vis.clone(),
        docs: docs(&field.attrs),
        ty,
        shape,
        words,
        serde,
    })
}

/// The lines of a doc comment.
fn docs(attributes: &[Attribute]) -> Vec<String> {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(line).collect()
}

/// The name of a field as text: `type` for `r#type`.
pub(crate) fn text(name: &Ident) -> String {
    name.unraw().to_string()
}
