//! A struct around one type: `impl Value for UserId`, and the families it belongs to with that type.

use super::table::{column_type, column_types, option};
use super::value::{Names, clone, debug, definition, provided, sql};
use crate::model::Written;
use crate::parse::{Ident, Type};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

pub(super) fn newtype(name: &Ident, ty_inside: &Type, sql_type: &Written) -> TokenStream {
    let Names { ty, raw, out } = Names::new();
    // In the place of the inner type, so that all complaints about it are one.
    let place = ty_inside.span();
    let inner = column_type(ty_inside);
    let value = quote_spanned!(place=> <#inner as _orm::Value>);
    let (definition, sql_type) = match sql_type {
        Written::Inner => (None, quote_spanned!(place=> #value::TYPE)),
        Written::Named(written) => (None, quote_spanned!(place=> #value::TYPE.renamed(#written))),
        Written::Domain { defined, check } => {
            let check = option(check.as_deref());
            let form = quote_spanned! {place=>
                _orm::Form::Domain { under: #value::TYPE, check: #check }
            };
            (
                Some(definition(defined, &form)),
                quote!(_orm::SqlType::defined(DEFINITION)),
            )
        }
    };
    let accepts = quote_spanned!(place=> #value::accepts(#ty));
    let sql = sql(
        name,
        [
            &quote_spanned!(place=> _orm::takes::<#inner>(#ty)),
            &accepts,
        ],
        &quote_spanned!(place=> _orm::write_field::<#inner>(&self.0, #ty, #out)),
        &quote_spanned!(place=> #value::decode(#ty, ::core::option::Option::Some(#raw)).map(Self)),
    );
    let column_types = column_types(name);
    let shown = provided(&[debug(name)]);
    let key = provided(&[quote!(#ty_inside: _orm::KeyType), debug(name), clone(name)]);
    let families = families(ty_inside).map(|(family, inside)| {
        let family = Ident::new(family, Span::call_site());
        let member = provided(&[quote!(#ty_inside: _orm::#family), debug(name)]);
        quote! {
            #[automatically_derived]
            impl _orm::#family for #name #member { #inside }
        }
    });
    let body = quote_spanned! {place=>
        const TYPE: _orm::SqlType = #sql_type;
        type Scalar = Self;
        type With<_U: _orm::Value<Scalar = _U>> = _U;

        fn accepts(#ty: &_orm::Type) -> bool {
            #accepts
        }

        fn decode(#ty: &_orm::Type, #raw: ::core::option::Option<&[u8]>)
            -> ::core::result::Result<Self, _orm::DecodeError> {
            #value::decode(#ty, #raw).map(Self)
        }

        fn into_param(self) -> _orm::Param {
            #value::into_param(self.0)
        }

        fn flaw(&self) -> ::core::option::Option<&'static str> {
            #value::flaw(&self.0)
        }

        fn into_column(rows: ::std::vec::Vec<Self>) -> _orm::ColumnValues {
            #value::into_column(rows.into_iter().map(|row| row.0).collect())
        }

        fn into_nullable_column(rows: ::std::vec::Vec<::core::option::Option<Self>>) -> _orm::ColumnValues {
            #value::into_nullable_column(rows.into_iter().map(|row| row.map(|row| row.0)).collect())
        }

        fn as_key(&self) -> ::core::option::Option<_orm::KeyValue> {
            #value::as_key(&self.0)
        }
    };
    quote! {
        #column_types
        #definition
        #sql

        #[automatically_derived]
        impl _orm::Value for #name #shown {
            #body
        }

        #[automatically_derived]
        impl _orm::KeyType for #name #key {
            fn key_value(&self) -> _orm::KeyValue {
                <#ty_inside as _orm::KeyType>::key_value(&self.0)
            }
        }

        #(#families)*
    }
}

/// The families that a newtype belongs to if its inner type does, and what is inside such an impl.
fn families(inner: &Type) -> [(&'static str, TokenStream); 8] {
    let of = |family: &str| {
        let family = Ident::new(family, Span::call_site());
        quote!(<#inner as _orm::#family>)
    };
    let (document, number, ranges) = (of("JsonDocument"), of("Number"), of("RangeSet"));
    let (element, text) = (of("RangeElement"), of("TextValue"));
    [
        (
            "TextValue",
            quote! {
                fn as_text(&self) -> &str {
                    #text::as_text(&self.0)
                }
            },
        ),
        ("JsonDocument", quote!(type Part = #document::Part;)),
        (
            "Number",
            quote!(type Sum = #number::Sum; type Mean = #number::Mean;),
        ),
        ("Fraction", quote!()),
        ("Moment", quote!()),
        ("Network", quote!()),
        ("RangeSet", quote!(type Element = #ranges::Element;)),
        (
            "RangeElement",
            quote! {
                const RANGE: _orm::SqlType = #element::RANGE;
                const MULTIRANGE: _orm::SqlType = #element::MULTIRANGE;
            },
        ),
    ]
}
