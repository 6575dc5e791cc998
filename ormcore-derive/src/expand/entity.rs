//! `impl Entity for User`: its key, and how a row becomes one.

use super::relations;
use super::table::column_type;
use crate::model::{BelongsTo, Column, Entity, Kind, Relation};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The type of the key: the column's, or a tuple of all of them.
pub(super) fn key_type(entity: &Entity) -> TokenStream {
    tuple(entity.key_columns().map(|column| {
        let ty = &column.ty;
        quote!(#ty)
    }))
}

/// The impl.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    let name = &entity.name;
    let key_type = key_type(entity);
    let key = tuple(entity.key_columns().map(|column| {
        let field = &column.named.field;
        quote!(::core::clone::Clone::clone(&self.#field))
    }));
    // Not to be confused with a field called `row`.
    let row = Ident::new("row", Span::mixed_site());
    let columns = entity.columns.iter().enumerate().map(|(at, column)| {
        let (field, ty) = (&column.named.field, column_type(&column.ty));
        let at = Literal::usize_unsuffixed(at);
        let get = quote_spanned!(column.ty.span()=> #row.get::<#ty>(#at));
        quote!(let #field = #get?;)
    });
    let relations = entity
        .relations
        .iter()
        .map(|relation| linked(relation, entity, &row));
    let column_fields = entity.columns.iter().map(|column| &column.named.field);
    let relation_fields = entity
        .relations
        .iter()
        .map(|relation| &relation.named.field);
    let scope_key = super::scope::key_of_row(entity);
    let check = super::rules::of_row(entity);
    let broken = &entity.broken;
    let fields = column_fields.chain(relation_fields).chain(broken);
    quote! {
        #[automatically_derived]
        impl _orm::Entity for #name {
            type Key = #key_type;
            const TABLE: &'static _orm::Table = &TABLE;

            fn key(&self) -> Self::Key {
                #key
            }

            #scope_key

            #check

            fn from_row(#row: &_orm::Row<'_>) -> _orm::Result<Self> {
                #(#columns)*
                #(#relations)*
                #(let #broken = ::core::option::Option::None.unwrap();)*
                ::core::result::Result::Ok(#name { #(#fields),* })
            }
        }
    }
}

/// A relation that knows the row it belongs to, and is not loaded.
fn linked(relation: &Relation, entity: &Entity, row: &Ident) -> TokenStream {
    let field = &relation.named.field;
    let (info, target) = (relations::info(relation), &relation.target);
    let (holder, key): (TokenStream, Vec<&Column>) = match &relation.kind {
        Kind::HasMany(_) | Kind::ManyToMany(_) => (
            quote_spanned!(target.span()=> _orm::Many),
            entity.key_columns().collect(),
        ),
        Kind::HasOne(_) => (
            quote_spanned!(target.span()=> _orm::One),
            entity.key_columns().collect(),
        ),
        Kind::BelongsTo(BelongsTo { key, .. }) => (
            quote_spanned!(target.span()=> _orm::One),
            key.iter()
                .map(|part| &entity.columns[part.column])
                .collect(),
        ),
    };
    let values = key.into_iter().map(|column| {
        let (field, ty) = (&column.named.field, &column.ty);
        quote_spanned!(ty.span()=> <#ty as _orm::KeyType>::key_value(&#field))
    });
    let of_scope = super::scope::key_of_fields(entity);
    quote!(let #field = #holder::linked(_orm::Link::new(&#info, [#(#values),*], #row)#of_scope, #row);)
}

/// One type or value as it is, several as a tuple.
pub(super) fn tuple(parts: impl Iterator<Item = TokenStream>) -> TokenStream {
    let parts: Vec<TokenStream> = parts.collect();
    match parts.as_slice() {
        [one] => one.clone(),
        many => quote!((#(#many),*)),
    }
}
