//! What a column that names the scope of a row makes of the entity.

use super::table::{column_type, info};
use crate::model::{Column, Entity};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

/// What stands for the scope in other statics, and the static it is.
pub(super) fn statics(entity: &Entity) -> (TokenStream, TokenStream) {
    let Some(column) = entity.scope() else {
        return (quote!(::core::option::Option::None), TokenStream::new());
    };
    let (info, ty) = (info(column), column.not_null());
    let made = quote_spanned!(column.ty.span()=> _orm::ScopeColumn::of::<#ty>(&#info));
    (
        quote!(::core::option::Option::Some(&SCOPE)),
        quote!(static SCOPE: _orm::ScopeColumn = #made;),
    )
}

/// The impl.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    let scoped = entity.scope().map(|column| {
        let (name, ty) = (&entity.name, column.not_null());
        quote! {
            #[automatically_derived]
            impl _orm::Scoped for #name {
                type Scope = #ty;
            }
        }
    });
    quote!(#scoped)
}

/// How a row tells its scope.
pub(super) fn key_of_row(entity: &Entity) -> Option<TokenStream> {
    let column = entity.scope()?;
    let (field, ty) = (&column.named.field, column_type(&column.ty));
    let key = quote_spanned!(column.ty.span()=> <#ty as _orm::KeyType>::key_value(&self.#field));
    Some(quote! {
        fn scope_key(&self) -> ::core::option::Option<_orm::KeyValue> {
            ::core::option::Option::Some(#key)
        }
    })
}

/// What a relation is told about it, where the columns of a row are variables.
pub(super) fn key_of_fields(entity: &Entity) -> Option<TokenStream> {
    let column = entity.scope()?;
    let (field, ty) = (&column.named.field, column_type(&column.ty));
    let key = quote_spanned!(column.ty.span()=> <#ty as _orm::KeyType>::key_value(&#field));
    Some(quote!(.of_scope(#key)))
}

/// The scope of a table between two others that no entity is there for: that of both, where both have one.
pub(super) struct OfLink {
    /// What stands for it.
    pub(super) scope: TokenStream,
    pub(super) statics: TokenStream,
    /// Whether the target has a scope too, and the column; where no column of the key is it already.
    beside: Option<(TokenStream, Ident)>,
}

impl OfLink {
    /// These columns behind that of the scope, where there is one.
    pub(super) fn before(&self, columns: &TokenStream, listed: &TokenStream) -> TokenStream {
        match &self.beside {
            None => columns.clone(),
            Some((shares, scope)) => quote!(if #shares { &[&#scope, #listed] } else { #columns }),
        }
    }

    /// These columns before that of the scope, where there is one.
    pub(super) fn behind(&self, columns: &TokenStream, listed: &TokenStream) -> TokenStream {
        match &self.beside {
            None => columns.clone(),
            Some((shares, scope)) => quote!(if #shares { &[#listed, &#scope] } else { #columns }),
        }
    }
}

/// That of the table between this entity and a target; `here` are the columns that hold this entity's key.
pub(super) fn of_link(
    entity: &Entity,
    constant: &Ident,
    here: &[TokenStream],
    target: &TokenStream,
) -> OfLink {
    let none = quote!(::core::option::Option::None);
    let Some(column) = entity.scope() else {
        return OfLink {
            scope: none,
            statics: TokenStream::new(),
            beside: None,
        };
    };
    let (scope, named) = (
        format_ident!("{constant}_SCOPE"),
        format_ident!("{constant}_LINK_SCOPE"),
    );
    let shares = quote!(_orm::shares_scope(#target));
    let is_it = |part: &Column| part.scope.is_some();
    let (of_column, name, beside) = match entity.key_columns().position(is_it) {
        Some(at) => (None, here.get(at).cloned(), None),
        None => {
            let own = info(column);
            let of_column = quote!(static #named: _orm::ColumnInfo = _orm::link_scope(&#own););
            let beside = Some((shares.clone(), named.clone()));
            (Some(of_column), Some(quote!(&#named)), beside)
        }
    };
    OfLink {
        scope: quote!(if #shares { ::core::option::Option::Some(&#scope) } else { #none }),
        statics: quote! {
            #of_column
            static #scope: _orm::ScopeColumn = SCOPE.named_by(#name);
        },
        beside,
    }
}
