//! `impl FromRow for Busy`, by the names of columns, and `From` a tuple, in the order of the fields.

use super::table::{column_type, column_types};
use crate::model::{Row, RowField};
use crate::parse::text;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

/// All code for a row.
pub(crate) fn row(declared: &Row) -> TokenStream {
    let name = &declared.name;
    let entity = text(name);
    // Not to be confused with a field called `row`.
    let row = Ident::new("row", Span::mixed_site());
    let column_types = column_types(name);
    let infos: Vec<Ident> = (0..declared.fields.len())
        .map(|at| format_ident!("COLUMN_{at}"))
        .collect();
    let statics = infos.iter().zip(&declared.fields).map(column);
    let gets = declared.fields.iter().enumerate().map(|(at, field)| {
        let ty = column_type(&field.ty);
        let at = Literal::usize_unsuffixed(at);
        let get = quote_spanned!(field.ty.span()=> #row.get::<#ty>(#at));
        let field = &field.name;
        quote!(let #field = #get?;)
    });
    let fields: Vec<&Ident> = declared.fields.iter().map(|field| &field.name).collect();
    let types: Vec<_> = declared.fields.iter().map(|field| &field.ty).collect();
    quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            use ::ormcore::codegen as _orm;
            #column_types
            #(#statics)*
            static TABLE: _orm::Table = _orm::Table {
                schema: ::core::option::Option::None,
                name: "",
                entity: #entity,
                columns: &[#(&#infos),*],
                key: &[],
                version: ::core::option::Option::None,
                updated: ::core::option::Option::None,
                deleted: ::core::option::Option::None,
                kind: ::core::option::Option::None,
                kinds: &[],
                scope: ::core::option::Option::None,
                links: &[],
                indexes: &[],
                description: ::core::option::Option::None,
            };

            #[automatically_derived]
            impl _orm::FromRow for #name {
                fn reads() -> _orm::How {
                    _orm::How::by_name(&TABLE)
                }

                fn read(#row: &_orm::Row<'_>) -> _orm::Result<Self> {
                    #(#gets)*
                    ::core::result::Result::Ok(Self { #(#fields),* })
                }
            }

            #[automatically_derived]
            impl ::core::convert::From<(#(#types,)*)> for #name {
                fn from((#(#fields,)*): (#(#types,)*)) -> Self {
                    Self { #(#fields),* }
                }
            }
        };
    }
}

fn column((info, field): (&Ident, &RowField)) -> TokenStream {
    let RowField { name, column, ty } = field;
    let name = text(name);
    let column_type = column_type(ty);
    let value = quote_spanned!(ty.span()=> <#column_type as _orm::Value>);
    quote! {
        static #info: _orm::ColumnInfo = _orm::ColumnInfo {
            name: #column,
            field: #name,
            ty: #value::TYPE,
            nullable: #value::NULLABLE,
            accepts: #value::accepts,
            key: #value::decode_key,
            generated: false,
            default: ::core::option::Option::None,
            computed: ::core::option::Option::None,
            unique: false,
            constraints: &[],
            sensitive: false,
            references: ::core::option::Option::None,
            rules: &[],
            description: ::core::option::Option::None,
        };
    }
}
