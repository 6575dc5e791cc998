//! The structs declared beside an entity.

use super::columns::sentence;
use crate::model::{Column, Companion, CompanionField, Entity};
use crate::parse::written;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The struct; `about` is its documentation.
pub(super) fn declaration(entity: &Entity, companion: &Companion, about: &str) -> TokenStream {
    let Companion { name, derives, .. } = companion;
    let visibility = &entity.visibility;
    let clone = companion
        .derives_clone
        .then(|| quote!(::core::clone::Clone,));
    let default = companion
        .derives_default
        .then(|| quote!(::core::default::Default,));
    let docs = sentence(about, &[]);
    let fields = companion.fields.iter().map(|field| {
        let column = &entity.columns[field.column];
        let (field_name, visibility) = (&column.named.field, &column.named.visibility);
        let docs = sentence(&meaning(column, field), &column.named.docs);
        let (serde, ty) = (serde(name, field), ty(column, field));
        quote!(#docs #serde #visibility #field_name: #ty)
    });
    quote! {
        #docs
        #[derive(#clone #default #(#derives),*)]
        #[allow(non_snake_case)]
        #visibility struct #name {
            #(#fields,)*
        }
    }
}

/// What serde derives call to read a null as a value: without it, a null and a missing field would be one.
pub(super) fn null_reader(companion: &Companion) -> TokenStream {
    let name = &companion.name;
    let reader = companion.tells_null.then(|| {
        quote! {
            impl #name {
                fn null_is_a_value<'de, D, T>(
                    deserializer: D,
                ) -> ::core::result::Result<::core::option::Option<T>, D::Error>
                where
                    D: ::serde::Deserializer<'de>,
                    T: ::serde::Deserialize<'de>,
                {
                    T::deserialize(deserializer).map(::core::option::Option::Some)
                }
            }
        }
    });
    quote!(#reader)
}

fn meaning(column: &Column, field: &CompanionField) -> String {
    let name = &column.name;
    let inner = column.inner.as_ref();
    let null = inner.map_or("", |_| " `Some(None)` is NULL.");
    if let (Some(function), true) = (&column.default_with, field.filled) {
        let function = written(function);
        return format!("The column `{name}`; `None` is what `{function}` returns.{null}");
    }
    match (&column.default, field.defaulted) {
        (Some(default), true) => {
            format!("The column `{name}`; `None` leaves it to the database: `{default}`.{null}")
        }
        _ => format!("The column `{name}`."),
    }
}

fn ty(column: &Column, field: &CompanionField) -> TokenStream {
    let ty = &column.ty;
    // In the place of the type, so that what is wrong with it is said there; resolved as ours, so that no lint is.
    let place = Span::call_site().located_at(ty.span());
    if field.wrapped {
        quote_spanned!(place=> ::core::option::Option<#ty>)
    } else {
        quote!(#ty)
    }
}

fn serde(companion: &syn::Ident, field: &CompanionField) -> TokenStream {
    let reader = format!("{companion}::null_is_a_value");
    let default = field.json.may_be_missing.then(|| quote!(#[serde(default)]));
    let null = field
        .json
        .null_is_a_value
        .then(|| quote!(#[serde(deserialize_with = #reader)]));
    let none = field
        .json
        .leaves_none_out
        .then(|| quote!(#[serde(skip_serializing_if = "::core::option::Option::is_none")]));
    quote!(#default #null #none)
}
