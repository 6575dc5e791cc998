//! `impl Serialize`: the columns that may be seen, and the relations that are loaded.

use crate::model::{BelongsTo, Column, Entity, Kind, SerializedField};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use std::ptr;
use syn::spanned::Spanned;

/// The impl, where it is asked for.
pub(super) fn expand(entity: &Entity) -> Option<TokenStream> {
    let serialized = entity.serialized.as_ref()?;
    let name = &entity.name;
    let name_text = name.to_string();
    let fields = serialized.fields.iter();
    let fields = fields.filter_map(|field| self::field(entity, serialized.ids_as_text, field));
    let (there, fields): (Vec<_>, Vec<_>) = fields.unzip();
    let always = there.iter().filter(|there| there.is_none()).count();
    let sometimes = there.iter().flatten();
    Some(quote! {
        #[automatically_derived]
        impl _orm::Serialize for #name {
            fn serialize<S: _orm::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                let mut _fields = serializer.serialize_struct(#name_text, #always #(+ #sometimes)*)?;
                #(#fields)*
                _orm::SerializeStruct::end(_fields)
            }
        }
    })
}

/// How often a field is there, if not always, and how it is written; nothing for one that a mistake left without a meaning.
fn field(
    entity: &Entity,
    ids_as_text: bool,
    serialized: &SerializedField,
) -> Option<(Option<TokenStream>, TokenStream)> {
    let SerializedField {
        field,
        name,
        skip_if,
    } = serialized;
    let column = entity
        .columns
        .iter()
        .find(|column| column.named.field == *field);
    let relation = entity
        .relations
        .iter()
        .find(|relation| relation.named.field == *field);
    let value = match (column, relation) {
        (Some(column), _) if ids_as_text && is_id(entity, column) => {
            quote_spanned!(column.ty.span()=> &_orm::IdText(&self.#field))
        }
        (Some(column), _) => quote_spanned!(column.ty.span()=> &self.#field),
        (None, Some(relation)) => quote_spanned!(relation.target.span()=> &self.#field),
        (None, None) => return None,
    };
    let is_out = relation.map(|_| quote!(self.#field.is_unloaded()));
    let skip_if = skip_if.as_ref().map(|path| quote!(#path(&self.#field)));
    let is_out = match (is_out, skip_if) {
        (Some(one), Some(other)) => Some(quote!((#one || #other))),
        (one, other) => one.or(other),
    };
    let write = quote!(_orm::SerializeStruct::serialize_field(&mut _fields, #name, #value)?;);
    Some(match is_out {
        None => (None, write),
        Some(is_out) => (
            Some(quote!(::core::primitive::usize::from(!#is_out))),
            quote! {
                if #is_out {
                    _orm::SerializeStruct::skip_field(&mut _fields, #name)?;
                } else {
                    #write
                }
            },
        ),
    })
}

/// Whether a column holds a key: its own row's, or another's.
fn is_id(entity: &Entity, column: &Column) -> bool {
    let leads = |kind: &Kind| match kind {
        Kind::BelongsTo(BelongsTo { key, .. }) => {
            let mut parts = key.iter();
            parts.any(|part| ptr::eq(&entity.columns[part.column], column))
        }
        Kind::HasOne(_) | Kind::HasMany(_) | Kind::ManyToMany(_) => false,
    };
    column.primary_key.is_some()
        || column.references.is_some()
        || entity
            .relations
            .iter()
            .any(|relation| leads(&relation.kind))
}
