//! The table between two others, as static data.

use super::scope;
use super::table::option;
use crate::model::{Between, Entity, Kind, ManyToMany, Relation};
use crate::parse::text;
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

/// The static that describes the table between. Its ending keeps it apart from columns and relations.
pub(super) fn table(relation: &Relation) -> Ident {
    format_ident!("{}_THROUGH", relation.named.constant)
}

/// The tables that no entity is there for, for those who create tables.
pub(super) fn links(entity: &Entity) -> TokenStream {
    let links = entity.relations.iter().filter_map(|relation| {
        let Kind::ManyToMany(ManyToMany {
            through: Between::Table(_),
            ..
        }) = &relation.kind
        else {
            return None;
        };
        let (through, target) = (table(relation), &relation.target);
        let target = quote_spanned!(target.span()=> <#target as _orm::Entity>::TABLE);
        Some(quote!(|| (&#through, #target)))
    });
    quote!(&[#(#links),*])
}

/// The statics.
pub(super) fn statics(entity: &Entity) -> TokenStream {
    let one = |relation: &Relation| match &relation.kind {
        Kind::ManyToMany(kind) => Some(statics_of(entity, relation, kind)),
        _ => None,
    };
    entity.relations.iter().filter_map(one).collect()
}

fn statics_of(entity: &Entity, relation: &Relation, kind: &ManyToMany) -> TokenStream {
    let through = table(relation);
    let constant = &relation.named.constant;
    let (whole, owners) = (
        format_ident!("{constant}_LINK"),
        format_ident!("{constant}_OWNERS"),
    );
    let entity_name = format!("{}::{constant}", entity.name);
    let none = quote!(::core::option::Option::None);
    let table = |name: &TokenStream,
                 schema: &TokenStream,
                 columns: &TokenStream,
                 deleted: &TokenStream,
                 kind: &TokenStream,
                 scope: &TokenStream| {
        quote! {
            _orm::Table {
                schema: #schema,
                name: #name,
                entity: #entity_name,
                columns: #columns,
                key: #columns,
                version: ::core::option::Option::None,
                updated: ::core::option::Option::None,
                deleted: #deleted,
                kind: #kind,
                kinds: &[],
                scope: #scope,
                links: &[],
                indexes: &[],
                description: ::core::option::Option::None,
            }
        }
    };
    match &kind.through {
        Between::Table(name) => {
            let (name, schema) = (quote!(#name), option(entity.schema.as_deref()));
            let target = &relation.target;
            let target = quote_spanned!(target.span()=> <#target as _orm::Entity>::TABLE);
            let (here, of_here) = columns(
                constant,
                "HERE",
                &kind.here,
                &quote!(&TABLE),
                entity.key.len(),
            );
            let (there, of_there) =
                columns(constant, "THERE", &kind.there, &target, kind.there.len());
            let scope = scope::of_link(entity, constant, &here, &target);
            let (all, of_all) = (quote!(&[#(#here),*, #(#there),*]), &scope.statics);
            let whole_columns = scope.before(&all, &quote!(#(#here),*, #(#there),*));
            let owner_columns = scope.behind(&quote!(&[#(#here),*]), &quote!(#(#here),*));
            let (of_whole, of_owners) = (
                table(&name, &schema, &whole_columns, &none, &none, &scope.scope),
                table(&name, &schema, &owner_columns, &none, &none, &scope.scope),
            );
            quote! {
                #of_here
                #of_there
                #of_all
                static #whole: _orm::Table = #of_whole;
                static #owners: _orm::Table = #of_owners;
                static #through: _orm::Through = _orm::Through {
                    table: &#whole,
                    owners: &#owners,
                    there: &[#(#there),*],
                };
            }
        }
        Between::Entity(path) => {
            let between = quote_spanned!(path.span()=> <#path as _orm::Entity>::TABLE);
            let infos = |columns: &[Ident]| -> Vec<TokenStream> {
                let columns = columns.iter();
                columns
                    .map(|column| quote_spanned!(column.span()=> <#path>::#column.info()))
                    .collect()
            };
            let (here, there) = (infos(&kind.here), infos(&kind.there));
            let deleted = quote!(#between.deleted);
            let with_scope = format_ident!("{constant}_OWNERS_OF_SCOPE");
            let columns = quote! {
                if _orm::scope_is_beside(#between, &[#(#here),*]) { &#with_scope } else { &[#(#here),*] }
            };
            let length = here.len() + 1;
            let of_owners = table(
                &quote!(#between.name),
                &quote!(#between.schema),
                &columns,
                &deleted,
                &quote!(#between.kind),
                &quote!(#between.scope),
            );
            quote! {
                static #with_scope: [&_orm::ColumnInfo; #length] = [#(#here),*, _orm::scope_column(#between)];
                static #owners: _orm::Table = #of_owners;
                static #through: _orm::Through = _orm::Through {
                    table: #between,
                    owners: &#owners,
                    there: &[#(#there),*],
                };
            }
        }
    }
}

/// Columns of a table that no entity is there for: references to them, and the statics they are. `parts` is how many columns
/// the key is taken to have; of our own that is known, and a complaint was made already.
fn columns(
    constant: &Ident,
    side: &str,
    names: &[Ident],
    table: &TokenStream,
    parts: usize,
) -> (Vec<TokenStream>, TokenStream) {
    let one = |(part, column): (usize, &Ident)| {
        let (info, name) = (format_ident!("{constant}_{side}_{part}"), text(column));
        let key_part = part.min(parts.saturating_sub(1));
        let made = quote_spanned! {column.span()=>
            _orm::link_column(#name, #table, #key_part, #parts)
        };
        let declaration = quote!(static #info: _orm::ColumnInfo = #made;);
        (quote!(&#info), declaration)
    };
    names.iter().enumerate().map(one).unzip()
}
