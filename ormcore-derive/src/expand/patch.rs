//! `UserPatch`: columns to change, and how they are set.

use super::table::{column_type, info};
use super::{companion, debug};
use crate::model::{Companion, Entity};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

/// The struct, if the entity asks for one.
pub(super) fn declaration(entity: &Entity) -> Option<TokenStream> {
    let patch = entity.patch.as_ref()?;
    let about = format!(
        "Columns of a [`{}`] to change: `None` leaves a column as it is.",
        entity.name
    );
    Some(companion::declaration(entity, patch, &about))
}

/// The impls for it.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    entity
        .patch
        .as_ref()
        .map(|patch| impls(entity, patch))
        .unwrap_or_default()
}

fn impls(entity: &Entity, patch: &Companion) -> TokenStream {
    let entity_name = &entity.name;
    let patch_name = &patch.name;
    let debug = debug::expand(entity, patch);
    let null_reader = companion::null_reader(patch);
    // Not to be confused with a field called `changes`.
    let changes = Ident::new("changes", Span::mixed_site());
    let set = patch.fields.iter().map(|field| {
        let column = &entity.columns[field.column];
        let (ty, info, name) = (column_type(&column.ty), info(column), &column.named.field);
        let set = match column.rules.is_empty() {
            true => format_ident!("set"),
            false => format_ident!("set_checked"),
        };
        quote! {
            if let ::core::option::Option::Some(#name) = self.#name {
                #changes.#set::<#ty>(&#info, #name);
            }
        }
    });
    quote! {
        #debug
        #null_reader

        #[automatically_derived]
        impl _orm::Patch for #patch_name {
            type Entity = #entity_name;

            fn changes(self, #changes: &mut _orm::Changes) {
                #(#set)*
            }
        }
    }
}
