//! The table and its columns as static data.

use crate::model::{Column, Entity, Index, MarkKind, Reference, RowKind};
use crate::parse::{Ident, Type, text};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

/// The static that describes a column. Its ending keeps it apart from the table's and the relations'.
pub(super) fn info(column: &Column) -> Ident {
    format_ident!("{}_COLUMN", column.named.constant)
}

/// `&[&ID_COLUMN, &NAME_COLUMN]`.
pub(super) fn infos<'a>(columns: impl IntoIterator<Item = &'a Column>) -> TokenStream {
    let infos = columns.into_iter().map(info);
    quote!(&[#(&#infos),*])
}

/// The type of a column's field, wherever the code has to know that a column can have it.
///
/// The detour makes all complaints about one field the same complaint in the same place, and the compiler says it once.
pub(super) fn column_type(ty: &Type) -> TokenStream {
    quote_spanned!(ty.span()=> <#ty as _ColumnType>::Type)
}

/// The trait for that. In the place of the struct's name: inside a derive, the compiler would propose to implement it by
/// hand.
pub(super) fn column_types(name: &Ident) -> TokenStream {
    quote_spanned! {name.span()=>
        trait _ColumnType {
            type Type;
        }
        impl<T: _orm::Value> _ColumnType for T {
            type Type = T;
        }
    }
}

/// The statics.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    let columns = entity.columns.iter().map(column);
    let schema = option(entity.schema.as_deref());
    let name = &entity.table;
    let entity_name = entity.name.to_string();
    let infos_of_columns = entity.columns.iter().map(info);
    let infos_of_columns = infos_of_columns.chain(entity.kind.as_ref().map(|_| of_kind()));
    let infos_of_columns = quote!(&[#(&#infos_of_columns),*]);
    let infos_of_key = infos(entity.key_columns());
    let column_types = column_types(&entity.name);
    let marked = |kind| match entity.marked(kind) {
        Some(column) => {
            let info = info(column);
            quote!(::core::option::Option::Some(&#info))
        }
        None => quote!(::core::option::Option::None),
    };
    let [version, updated, deleted] =
        [MarkKind::Version, MarkKind::Updated, MarkKind::Deleted].map(marked);
    let links = super::through::links(entity);
    let (kind_column, kind) = kind(entity);
    let (scope, of_scope) = super::scope::statics(entity);
    let indexes = entity.indexes.iter().map(|one| index(entity, one));
    let description = option(entity.description.as_deref());
    quote! {
        #column_types
        #(#columns)*
        #kind_column
        #of_scope
        static TABLE: _orm::Table = _orm::Table {
            schema: #schema,
            name: #name,
            entity: #entity_name,
            columns: #infos_of_columns,
            key: #infos_of_key,
            version: #version,
            updated: #updated,
            deleted: #deleted,
            kind: #kind,
            kinds: &[],
            scope: #scope,
            links: #links,
            indexes: &[#(#indexes),*],
            description: #description,
        };
    }
}

/// The static that describes the column which says of which kind a row is. Its beginning keeps it apart from all others.
pub(super) fn of_kind() -> Ident {
    format_ident!("_KIND")
}

fn kind(entity: &Entity) -> (TokenStream, TokenStream) {
    let Some(RowKind {
        column,
        value,
        sql_type,
    }) = &entity.kind
    else {
        return (quote!(), quote!(::core::option::Option::None));
    };
    let (info, sql_type) = (of_kind(), option(sql_type.as_deref()));
    (
        quote!(static #info: _orm::ColumnInfo = _orm::kind_column(#column, #sql_type);),
        quote! {
            ::core::option::Option::Some(_orm::Kind { column: &#info, value: #value })
        },
    )
}

fn column(column: &Column) -> TokenStream {
    let Column {
        name,
        generated,
        sensitive,
        constraints,
        ..
    } = column;
    let info = info(column);
    let field = text(&column.named.field);
    let unique = column.unique.is_some();
    let default = option(column.default.as_deref());
    let computed = option(column.computed.as_deref());
    let description = option(column.description.as_deref());
    let rules = super::rules::rules(column);
    let references = column
        .references
        .as_ref()
        .map_or_else(|| quote!(::core::option::Option::None), reference);
    let column_type = column_type(&column.ty);
    let value = quote_spanned!(column.ty.span()=> <#column_type as _orm::Value>);
    let sql_type = match &column.sql_type {
        Some(sql_type) => quote!(#value::TYPE.renamed(#sql_type)),
        None => quote!(#value::TYPE),
    };
    quote! {
        static #info: _orm::ColumnInfo = _orm::ColumnInfo {
            name: #name,
            field: #field,
            ty: #sql_type,
            nullable: #value::NULLABLE,
            accepts: #value::accepts,
            key: #value::decode_key,
            generated: #generated,
            default: #default,
            computed: #computed,
            unique: #unique,
            constraints: &[#(#constraints),*],
            sensitive: #sensitive,
            references: #references,
            rules: #rules,
            description: #description,
        };
    }
}

fn index(entity: &Entity, index: &Index) -> TokenStream {
    let columns = infos(index.columns.iter().map(|at| &entity.columns[*at]));
    let unique = index.unique;
    let [name, using, predicate] =
        [&index.name, &index.using, &index.predicate].map(|text| option(text.as_deref()));
    quote! {
        _orm::Index {
            name: #name,
            columns: #columns,
            unique: #unique,
            using: #using,
            predicate: #predicate,
        }
    }
}

fn reference(reference: &Reference) -> TokenStream {
    let Reference {
        target,
        on_delete,
        on_update,
    } = reference;
    let table = quote_spanned!(target.span()=> <#target as _orm::Entity>::TABLE);
    let on_delete = option(on_delete.as_deref());
    let on_update = option(on_update.as_deref());
    quote! {
        ::core::option::Option::Some(_orm::Reference {
            table: || #table,
            on_delete: #on_delete,
            on_update: #on_update,
        })
    }
}

/// An `Option` of a text, as code.
pub(super) fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}
