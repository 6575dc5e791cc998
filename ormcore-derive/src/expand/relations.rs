//! `User::POSTS`: a typed constant for each relation, and what it is made of.

use super::columns::sentence;
use super::table::infos;
use super::{scope, through};
use crate::model::{BelongsTo, Entity, Foreign, Kind, Named, Relation};
use crate::parse::{Lazy, text, written};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

/// The static that describes a relation.
pub(super) fn info(relation: &Relation) -> Ident {
    format_ident!("{}_RELATION", relation.named.constant)
}

/// The statics.
pub(super) fn statics(entity: &Entity) -> TokenStream {
    let owner = entity.name.to_string();
    let (scope, _) = scope::statics(entity);
    let one = |relation: &Relation| {
        let Relation {
            named,
            target,
            kind,
            when,
            lazy,
        } = relation;
        let info = info(relation);
        let name = text(&named.field);
        let constant = format!("{owner}::{}", named.constant);
        let target_table = quote_spanned!(target.span()=> <#target as _orm::Entity>::TABLE);
        let (owner_columns, target_columns) = match kind {
            Kind::BelongsTo(BelongsTo { key, .. }) => (
                infos(key.iter().map(|part| &entity.columns[part.column])),
                quote!(#target_table.key),
            ),
            Kind::ManyToMany(_) => (infos(entity.key_columns()), quote!(#target_table.key)),
            Kind::HasOne(Foreign { key }) | Kind::HasMany(Foreign { key }) => {
                let columns = key
                    .iter()
                    .map(|column| quote_spanned!(column.span()=> <#target>::#column.info()));
                // In a const block, because only what is promoted outlives the closure.
                (
                    infos(entity.key_columns()),
                    quote!(const { &[#(#columns),*] }),
                )
            }
        };
        let refers = matches!(kind, Kind::BelongsTo(_));
        let many = matches!(kind, Kind::HasMany(_) | Kind::ManyToMany(_));
        let through = match kind {
            Kind::ManyToMany(_) => {
                let through = through::table(relation);
                quote!(::core::option::Option::Some(|| &#through))
            }
            _ => quote!(::core::option::Option::None),
        };
        let when = match when {
            None => quote!(::core::option::Option::None),
            Some(when) => {
                let when = quote_spanned!(when.span()=> _orm::When::of::<#target, _>(#when()));
                quote!(::core::option::Option::Some(|| #when))
            }
        };
        let lazy = match lazy {
            None => quote!(::core::option::Option::None),
            Some(lazy) => {
                let lazy = match lazy {
                    Lazy::One => quote!(One),
                    Lazy::Peers => quote!(Peers),
                    Lazy::Raise => quote!(Raise),
                };
                quote!(::core::option::Option::Some(_orm::Lazy::#lazy))
            }
        };
        quote! {
            static #info: _orm::RelationInfo = _orm::RelationInfo {
                name: #name,
                constant: #constant,
                owner: #owner,
                target: || #target_table,
                owner_columns: #owner_columns,
                target_columns: || #target_columns,
                refers: #refers,
                through: #through,
                many: #many,
                when: #when,
                lazy: #lazy,
                scope: #scope,
            };
        }
    };
    entity.relations.iter().map(one).collect()
}

/// The constants.
pub(super) fn constants(entity: &Entity) -> TokenStream {
    let name = &entity.name;
    let one = |relation: &Relation| {
        let Relation {
            named,
            target,
            kind,
            ..
        } = relation;
        let Named {
            field,
            constant,
            visibility,
            docs,
        } = named;
        let (info, place) = (info(relation), target.span());
        let docs = sentence(
            &format!("The relation `{}`, to `{}`.", text(field), written(target)),
            docs,
        );
        let (handle, target) = match kind {
            Kind::HasOne(_) => (quote!(HasOne), quote!(#target)),
            Kind::HasMany(_) => (quote!(HasMany), quote!(#target)),
            Kind::ManyToMany(_) => (quote!(ManyToMany), quote!(#target)),
            Kind::BelongsTo(BelongsTo {
                optional: false, ..
            }) => (quote!(BelongsTo), quote!(#target)),
            Kind::BelongsTo(BelongsTo { optional: true, .. }) => {
                (quote!(BelongsTo), quote!(::core::option::Option<#target>))
            }
        };
        // In the place of the target, so that what it lacks is complained about there.
        let ty = quote_spanned!(place=> ::ormcore::#handle<#name, #target>);
        quote! {
            #docs
            #visibility const #constant: #ty =
                _orm::#handle::new(&#info, |entity| &entity.#field, |entity| &mut entity.#field);
        }
    };
    entity.relations.iter().map(one).collect()
}
