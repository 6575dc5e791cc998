//! What a session has to know: a row column by column, the keys in it, and its relations.

use super::entity::{key_type, tuple};
use super::table::column_type;
use crate::model::{BelongsTo, Column, Companion, Entity, Kind};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The impls for the entity and for its insert.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    let name = &entity.name;
    let [at, ty, out, raw, each] =
        ["at", "ty", "out", "raw", "each"].map(|name| Ident::new(name, Span::mixed_site()));
    let columns = || entity.columns.iter().enumerate();
    let put = columns().map(|(number, column)| {
        let (number, field) = (Literal::usize_unsuffixed(number), &column.named.field);
        let put = put_column(column);
        quote!(#number => #put(&self.#field, #ty, #out),)
    });
    let set = columns().map(|(number, column)| {
        let (number, field) = (Literal::usize_unsuffixed(number), &column.named.field);
        let field_type = column_type(&column.ty);
        let decode = quote_spanned!(column.ty.span()=> <#field_type as _orm::Value>::decode);
        quote!(#number => self.#field = #decode(#ty, #raw)?,)
    });
    let leads = columns().filter_map(|(number, column)| {
        let target = leads_to(entity, number, column)?;
        let number = Literal::usize_unsuffixed(number);
        Some(quote!(_orm::Lead { column: #number, table: || #target }))
    });
    let relations = entity.relations.iter().map(|relation| {
        let constant = &relation.named.constant;
        quote_spanned!(relation.target.span()=> #each.relation(#name::#constant);)
    });
    // What is no field: of which kind the row is.
    let kind = entity.kind.as_ref().map(|kind| {
        let number = Literal::usize_unsuffixed(entity.columns.len());
        let value = &kind.value;
        quote!(#number => _orm::put_column(&_orm::KindName::of(#value), #ty, #out),)
    });
    let draft = entity.insert.as_ref().map(|insert| draft(entity, insert));
    quote! {
        #[automatically_derived]
        impl _orm::Tracked for #name {
            fn leads() -> ::std::vec::Vec<_orm::Lead> {
                ::std::vec![#(#leads),*]
            }

            fn put(
                &self,
                #at: usize,
                #ty: &_orm::Type,
                #out: &mut _orm::BytesMut,
            ) -> ::core::result::Result<(), _orm::DecodeError> {
                match #at {
                    #(#put)*
                    #kind
                    _ => ::core::result::Result::Ok(()),
                }
            }

            fn set(
                &mut self,
                #at: usize,
                #ty: &_orm::Type,
                #raw: ::core::option::Option<&[u8]>,
            ) -> ::core::result::Result<(), _orm::DecodeError> {
                match #at {
                    #(#set)*
                    _ => {}
                }
                ::core::result::Result::Ok(())
            }

            fn relations(#each: &mut impl _orm::EachRelation<Self>) {
                let _ = &#each;
                #(#relations)*
            }
        }

        #draft
    }
}

/// What is inserted can wait in a session.
fn draft(entity: &Entity, insert: &Companion) -> TokenStream {
    let (name, key_type) = (&insert.name, key_type(entity));
    let [keys, makes] = ["keys", "makes"].map(|name| Ident::new(name, Span::mixed_site()));
    let fields = insert.fields.iter().filter_map(|field| {
        let column = &entity.columns[field.column];
        leads_to(entity, field.column, column)?;
        let number = Literal::usize_unsuffixed(field.column);
        let (name, ty) = (&column.named.field, column_type(&column.ty));
        Some(match field.wrapped {
            false => quote!(#keys.field::<#ty>(#number, &mut self.#name);),
            true => quote! {
                if let ::core::option::Option::Some(value) = &mut self.#name {
                    #keys.field::<#ty>(#number, value);
                }
            },
        })
    });
    let key = tuple(entity.key.iter().map(|at| {
        let column = &entity.columns[*at];
        let (field, ty) = (&column.named.field, column_type(&column.ty));
        let number = Literal::usize_unsuffixed(*at);
        let made = quote!(#makes.part::<#ty>(#number)?);
        match insert.fields.iter().find(|field| field.column == *at) {
            None => made,
            Some(given) if given.wrapped => quote! {
                match &self.#field {
                    ::core::option::Option::Some(given) => ::core::clone::Clone::clone(given),
                    ::core::option::Option::None => #made,
                }
            },
            Some(_) => quote!(::core::clone::Clone::clone(&self.#field)),
        }
    }));
    quote! {
        #[automatically_derived]
        impl _orm::Draft for #name {
            fn keys(&mut self, #keys: &mut impl _orm::KeyFields) {
                let _ = &#keys;
                #(#fields)*
            }

            fn key(&self, #makes: &mut impl _orm::MakesKey) -> ::core::option::Option<#key_type> {
                let _ = &#makes;
                ::core::option::Option::Some(#key)
            }
        }
    }
}

fn put_column(column: &Column) -> TokenStream {
    let ty = column_type(&column.ty);
    quote_spanned!(column.ty.span()=> _orm::put_column::<#ty>)
}

/// The table whose key the column holds alone.
fn leads_to(entity: &Entity, number: usize, column: &Column) -> Option<TokenStream> {
    if let Some(reference) = &column.references {
        let target = &reference.target;
        return Some(quote_spanned!(target.span()=> <#target as _orm::Entity>::TABLE));
    }
    entity.relations.iter().find_map(|relation| {
        let Kind::BelongsTo(BelongsTo { key, .. }) = &relation.kind else {
            return None;
        };
        let [part] = key.as_slice() else {
            return None;
        };
        let target = &relation.target;
        (part.column == number)
            .then(|| quote_spanned!(target.span()=> <#target as _orm::Entity>::TABLE))
    })
}
