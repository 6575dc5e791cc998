//! `Debug` of the declared structs, with sensitive columns hidden.

use crate::model::{Companion, Entity};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The impl, where the user did not derive one.
pub(super) fn expand(entity: &Entity, companion: &Companion) -> TokenStream {
    let name = &companion.name;
    let name_text = name.to_string();
    let fields = companion.fields.iter().map(|field| {
        let column = &entity.columns[field.column];
        let field = &column.named.field;
        let text = crate::parse::text(field);
        let value = if column.sensitive {
            quote!(&::core::format_args!("…"))
        } else {
            quote_spanned!(column.ty.span()=> &self.#field)
        };
        quote!(.field(#text, #value))
    });
    let written = companion.writes_debug.then(|| {
        quote! {
            #[automatically_derived]
            impl ::core::fmt::Debug for #name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(#name_text) #(#fields)* .finish()
                }
            }
        }
    });
    quote!(#written)
}
