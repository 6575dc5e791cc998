//! `Payment::ORDER`: the relations that all kinds of a table's rows have, once for all of them.

use crate::model::Kinds;
use crate::parse::{Type, written};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

/// The constants, what they are made of, and whether the kinds agree.
pub(super) fn expand(kinds: &Kinds) -> TokenStream {
    let relations = kinds.belongs_to.iter();
    relations
        .map(|(constant, target)| relation(kinds, constant, target))
        .collect()
}

fn relation(kinds: &Kinds, constant: &Ident, target: &Type) -> TokenStream {
    let Kinds {
        name,
        visibility,
        variants,
        ..
    } = kinds;
    let info = format_ident!("{constant}_RELATION");
    let (named, owner) = (format!("{name}::{constant}"), name.to_string());
    let docs = format!(" The relation of every kind to `{}`.", written(target));
    let of_kind = variants.iter().map(|variant| {
        let entity = &variant.entity;
        quote_spanned!(constant.span()=> <#entity>::#constant)
    });
    let of_kind: Vec<TokenStream> = of_kind.collect();
    let (first, others) = (&of_kind[0], &of_kind[1..]);
    let variants: Vec<&Ident> = variants.iter().map(|variant| &variant.name).collect();
    let row = Ident::new("row", Span::mixed_site().located_at(constant.span()));
    let rest = (!kinds.whole).then(|| quote!(_ => ::core::unreachable!(),));
    let [fields, fields_mut] = ["field", "field_mut"].map(|name| {
        let method = Ident::new(name, constant.span());
        let of_kind = of_kind.iter().map(|relation| {
            quote_spanned!(constant.span()=> _orm::OfAKind::<#target>::#method(&#relation, #row))
        });
        of_kind.collect::<Vec<TokenStream>>()
    });
    // In the place of the target, so that what it lacks is complained about there.
    let ty = quote_spanned!(target.span()=> ::ormcore::BelongsTo<#name, #target>);
    let checks = others.iter().map(|other| {
        quote_spanned! {constant.span()=>
            const _: () = #first.described().goes_by_the_columns_of(#other.described());
        }
    });
    quote! {
        static #info: _orm::RelationInfo = #first.described().of_kinds(#named, #owner);
        #(#checks)*

        #[allow(dead_code)]
        impl #name {
            #[doc = #docs]
            #visibility const #constant: #ty = _orm::BelongsTo::new(
                &#info,
                |#row| match #row {
                    #(Self::#variants(#row) => #fields,)*
                    #rest
                },
                |#row| match #row {
                    #(Self::#variants(#row) => #fields_mut,)*
                    #rest
                },
            );
        }
    }
}
