//! `User::NAME`: a typed constant for each column.

use super::table::info;
use crate::model::{Column, Entity, Named};
use proc_macro2::TokenStream;
use quote::quote;

/// The constants.
pub(super) fn constants(entity: &Entity) -> TokenStream {
    let name = &entity.name;
    let constant = |column: &Column| {
        let Named {
            constant,
            visibility,
            docs,
            ..
        } = &column.named;
        let (ty, info) = (&column.ty, info(column));
        let docs = sentence(&format!("The column `{}`.", column.name), docs);
        quote! {
            #docs
            #visibility const #constant: ::ormcore::Column<#name, #ty> = _orm::Column::new(&#info);
        }
    };
    entity.columns.iter().map(constant).collect()
}

/// A sentence of ours, and under it what the user wrote about the field.
pub(super) fn sentence(sentence: &str, docs: &[String]) -> TokenStream {
    let ours = format!(" {sentence}");
    let blank = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    quote!(#[doc = #ours] #blank #(#[doc = #docs])*)
}
