//! `NewUser`: what an insert needs, and how it becomes rows.

use super::table::{column_type, info, of_kind};
use super::{companion, debug};
use crate::model::{Column, Companion, CompanionField, Entity, RowKind};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;

/// The struct, if the entity asks for one.
pub(super) fn declaration(entity: &Entity) -> Option<TokenStream> {
    let insert = entity.insert.as_ref()?;
    let about = format!(
        "What inserting a [`{}`] needs: every column the database does not generate.",
        entity.name
    );
    Some(companion::declaration(entity, insert, &about))
}

/// The impls for it.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    entity
        .insert
        .as_ref()
        .map(|insert| impls(entity, insert))
        .unwrap_or_default()
}

fn impls(entity: &Entity, insert: &Companion) -> TokenStream {
    let entity_name = &entity.name;
    let name = &insert.name;
    let debug = debug::expand(entity, insert);
    let null_reader = companion::null_reader(insert);
    let columns: Vec<(&CompanionField, &Column)> = insert
        .fields
        .iter()
        .map(|field| (field, &entity.columns[field.column]))
        .collect();
    let infos = columns.iter().map(|(_, column)| info(column));
    let infos = infos.chain(entity.kind.as_ref().map(|_| of_kind()));
    let infos = quote!(&[#(&#infos),*]);
    // Not to be confused with the functions that make values: a field may well be called like its own.
    let lists = (0..columns.len()).map(|at| format_ident!("list_{at}", span = Span::mixed_site()));
    let lists: Vec<Ident> = lists.collect();
    // Not to be confused with fields of these names.
    let [row, rows, arrays, listed, count, value] =
        ["row", "rows", "arrays", "listed", "count", "value"]
            .map(|name| Ident::new(name, Span::mixed_site()));
    let set = columns.iter().map(|(field, column)| {
        let (set, ty, info) = (method("set", field), column_type(&column.ty), info(column));
        let value = taken(&quote!(self), column);
        quote!(#row.#set::<#ty>(&#info, #value);)
    });
    let values = columns
        .iter()
        .map(|(_, column)| taken(&quote!(#row), column));
    let push = columns.iter().zip(&lists).map(|((field, column), list)| {
        let (push, ty) = (method("push", field), column_type(&column.ty));
        quote!(#arrays.#push::<#ty>(#list);)
    });
    let given = columns.iter().map(|(field, column)| {
        let (info, name) = (info(column), &column.named.field);
        let push = quote!(#listed.push(&#info););
        if field.defaulted {
            quote!(if self.#name.is_some() { #push })
        } else {
            push
        }
    });
    let put = columns.iter().map(|(field, column)| {
        let (put, ty, info, field) = (
            method("put", field),
            column_type(&column.ty),
            info(column),
            &column.named.field,
        );
        match made(column) {
            None => quote!(#row.#put::<#ty>(&#info, &self.#field);),
            Some(function) => quote! {
                match &self.#field {
                    ::core::option::Option::Some(#value) => #row.put::<#ty>(&#info, #value),
                    ::core::option::Option::None => #row.put::<#ty>(&#info, &#function()),
                }
            },
        }
    });
    let check = super::rules::of_new(entity, insert);
    let (fill, functions) = (fill(&columns), functions(&columns));
    // What is no field: of which kind the row is.
    let [set_kind, push_kind, give_kind, put_kind] = match &entity.kind {
        None => std::array::from_fn(|_| TokenStream::new()),
        Some(RowKind { value, .. }) => {
            let (info, name) = (of_kind(), quote!(_orm::KindName::of(#value)));
            [
                quote!(#row.set(&#info, #name);),
                quote!(#arrays.push(::std::vec![#name; #count]);),
                quote!(#listed.push(&#info);),
                quote!(#row.put(&#info, &#name);),
            ]
        }
    };
    let count_rows = entity
        .kind
        .as_ref()
        .map(|_| quote!(let #count = #rows.len();));
    quote! {
        #debug
        #null_reader
        #functions

        #[automatically_derived]
        impl _orm::Insertable for #name {
            type Entity = #entity_name;
            const COLUMNS: &'static [&'static _orm::ColumnInfo] = #infos;

            fn row(self, #row: &mut _orm::NewRow) {
                #(#set)*
                #set_kind
            }

            fn arrays(#rows: ::std::vec::Vec<Self>, #arrays: &mut _orm::Arrays) {
                #count_rows
                #(let mut #lists = ::std::vec::Vec::with_capacity(#rows.len());)*
                for #row in #rows {
                    #(#lists.push(#values);)*
                }
                #(#push)*
                #push_kind
            }

            fn given(&self, #listed: &mut ::std::vec::Vec<&'static _orm::ColumnInfo>) {
                #(#given)*
                #give_kind
            }

            fn copy(&self, #row: &mut _orm::CopyRow<'_>) {
                #(#put)*
                #put_kind
            }

            #check
            #fill
        }
    }
}

/// The function that makes what is left out of a column, with the column's type.
fn made(column: &Column) -> Option<Ident> {
    let function = column.default_with.as_ref()?;
    let name = format!("{}_MADE", column.named.constant);
    Some(Ident::new(&name, function.span()))
}

/// Those functions.
fn functions(columns: &[(&CompanionField, &Column)]) -> TokenStream {
    let functions = columns.iter().filter_map(|(_, column)| {
        let (name, ty) = (made(column)?, &column.ty);
        let function = &column.default_with;
        Some(quote!(const #name: fn() -> #ty = #function;))
    });
    functions.collect()
}

/// The value of a field, which a function makes where it is left out, if the column has one.
fn taken(row: &TokenStream, column: &Column) -> TokenStream {
    let field = &column.named.field;
    match made(column) {
        None => quote!(#row.#field),
        Some(function) => quote!(#row.#field.unwrap_or_else(#function)),
    }
}

/// Makes what functions make before the row is there, for who has to know it earlier.
fn fill(columns: &[(&CompanionField, &Column)]) -> TokenStream {
    let columns = columns.iter().filter_map(|(_, column)| {
        let (field, function) = (&column.named.field, made(column)?);
        Some(quote!(self.#field.get_or_insert_with(#function);))
    });
    let columns: Vec<TokenStream> = columns.collect();
    if columns.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn fill(&mut self) {
            #(#columns)*
        }
    }
}

/// `set` or `set_default`, `push` or `push_default`.
fn method(name: &str, field: &CompanionField) -> Ident {
    if field.defaulted {
        format_ident!("{name}_default")
    } else {
        format_ident!("{name}")
    }
}
