//! What columns that say something about the row itself make of the entity.

use crate::model::{Column, Entity, MarkKind};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The impls, and the checks of the columns' types.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    let name = &entity.name;
    let version = entity.marked(MarkKind::Version).map(|column| {
        let ty = column.not_null();
        let ty = quote_spanned!(ty.span()=> #ty);
        quote! {
            #[automatically_derived]
            impl _orm::Versioned for #name {
                type Version = #ty;
            }
        }
    });
    let updated = entity.marked(MarkKind::Updated).map(moment);
    let deleted = entity.marked(MarkKind::Deleted).map(|column| {
        let moment = moment(column);
        quote! {
            #moment
            #[automatically_derived]
            impl _orm::SoftDelete for #name {}
        }
    });
    quote!(#version #updated #deleted)
}

fn moment(column: &Column) -> TokenStream {
    let ty = column.not_null();
    quote_spanned!(ty.span()=> const _: () = _orm::is_moment::<#ty>();)
}
