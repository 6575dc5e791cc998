//! `impl Value for Mood`, and what a value needs besides.

use super::newtype::newtype;
use super::table::{column_type, column_types, option};
use crate::model::{Defined, Value, ValueKind};
use crate::parse::{Ident, Type};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// All code for a value.
pub(crate) fn value(value: &Value) -> TokenStream {
    let name = &value.name;
    let inside = match &value.kind {
        ValueKind::Enum { defined, variants } => words(name, defined.as_ref(), variants),
        ValueKind::Newtype { inner, sql_type } => newtype(name, inner, sql_type),
        ValueKind::Composite { defined, fields } => composite(name, defined, fields),
    };
    let shown = shown(name);
    quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            use ::ormcore::codegen as _orm;
            #shown
            #inside
        };
    }
}

/// The one complaint about a type that is not `Debug`, which all the other code takes for granted.
fn shown(name: &Ident) -> TokenStream {
    quote_spanned! {name.span()=>
        #[diagnostic::on_unimplemented(
            message = "a value is `Debug`, and `{Self}` is not",
            label = "add `#[derive(Debug)]`"
        )]
        trait _Shown {
            const CHECKED: () = ();
        }
        #[diagnostic::do_not_recommend]
        impl<T: ::core::fmt::Debug> _Shown for T {}
        const _: () = <#name as _Shown>::CHECKED;
    }
}

/// The conditions under which an impl counts. With a lifetime, as the compiler would otherwise complain about each one
/// that does not hold.
pub(super) fn provided(conditions: &[TokenStream]) -> TokenStream {
    quote!(where #(for<'_b> #conditions),*)
}

pub(super) fn debug(name: &Ident) -> TokenStream {
    quote!(#name: ::core::fmt::Debug)
}

pub(super) fn clone(name: &Ident) -> TokenStream {
    quote!(#name: ::core::clone::Clone)
}

/// The names that stand for themselves in our functions, whatever the user's fields are called.
pub(super) struct Names {
    pub(super) ty: Ident,
    pub(super) raw: Ident,
    pub(super) out: Ident,
}

impl Names {
    pub(super) fn new() -> Self {
        let name = |name| Ident::new(name, Span::mixed_site());
        Self {
            ty: name("ty"),
            raw: name("raw"),
            out: name("out"),
        }
    }
}

/// The two halves of the driver's interface, from what they do.
pub(super) fn sql(
    name: &Ident,
    accepts: [&TokenStream; 2],
    write: &TokenStream,
    read: &TokenStream,
) -> TokenStream {
    let Names { ty, raw, out } = Names::new();
    let [takes, gives] = accepts;
    let shown = provided(&[debug(name)]);
    quote! {
        #[automatically_derived]
        impl _orm::ToSql for #name #shown {
            fn to_sql(&self, #ty: &_orm::Type, #out: &mut _orm::BytesMut)
                -> ::core::result::Result<_orm::IsNull, _orm::DecodeError> {
                #write
            }

            fn accepts(#ty: &_orm::Type) -> bool {
                #takes
            }

            _orm::to_sql_checked!();
        }

        #[automatically_derived]
        impl<'_a> _orm::FromSql<'_a> for #name {
            fn from_sql(#ty: &_orm::Type, #raw: &'_a [u8])
                -> ::core::result::Result<Self, _orm::DecodeError> {
                #read
            }

            fn accepts(#ty: &_orm::Type) -> bool {
                #gives
            }
        }
    }
}

fn words(name: &Ident, defined: Option<&Defined>, variants: &[(Ident, String)]) -> TokenStream {
    let Names { ty, raw, out } = Names::new();
    let labels = variants.iter().map(|(_, label)| label);
    let to = variants
        .iter()
        .map(|(variant, label)| quote!(Self::#variant => #label,));
    let from = variants
        .iter()
        .map(|(variant, label)| quote!(#label => ::core::option::Option::Some(Self::#variant),));
    let form = quote!(_orm::Form::Enum(<#name as _orm::Label>::LABELS));
    let (sql_type, accepts) = match defined {
        Some(_) => (
            quote!(_orm::SqlType::defined(DEFINITION)),
            quote!(DEFINITION.is(#ty)),
        ),
        None => (
            quote!(_orm::SqlType::named("text")),
            quote!(_orm::is_text(#ty)),
        ),
    };
    let definition = defined.map(|defined| definition(defined, &form));
    let (shown, key) = (
        provided(&[debug(name)]),
        provided(&[debug(name), clone(name)]),
    );
    let sql = sql(
        name,
        [&accepts, &accepts],
        &quote! {
            let _ = #ty;
            _orm::write_label(self, #out)
        },
        &quote! {
            let _ = #ty;
            _orm::read_label(#raw)
        },
    );
    quote! {
        #definition

        #[automatically_derived]
        impl _orm::Label for #name {
            const LABELS: &'static [&'static str] = &[#(#labels),*];

            fn label(&self) -> &'static str {
                match self {
                    #(#to)*
                }
            }

            fn from_label(label: &str) -> ::core::option::Option<Self> {
                match label {
                    #(#from)*
                    _ => ::core::option::Option::None,
                }
            }
        }

        #sql

        #[automatically_derived]
        impl _orm::Value for #name #shown {
            const TYPE: _orm::SqlType = #sql_type;
            type Scalar = Self;
            type With<_U: _orm::Value<Scalar = _U>> = _U;

            fn as_key(&self) -> ::core::option::Option<_orm::KeyValue> {
                ::core::option::Option::Some(_orm::KeyValue::from_text(_orm::Label::label(self)))
            }
        }

        #[automatically_derived]
        impl _orm::KeyType for #name #key {
            fn key_value(&self) -> _orm::KeyValue {
                _orm::KeyValue::from_text(_orm::Label::label(self))
            }
        }
    }
}

fn composite(name: &Ident, defined: &Defined, fields: &[(Ident, String, Type)]) -> TokenStream {
    let Names { ty, raw, out } = Names::new();
    let column_types = column_types(name);
    let parts = fields.iter().map(|(_, field, ty)| {
        let (field, column) = (quoted(field), column_type(ty));
        quote_spanned!(ty.span()=> (#field, <#column as _orm::Value>::TYPE))
    });
    let definition = definition(defined, &quote!(_orm::Form::Composite(&[#(#parts),*])));
    let names = fields.iter().map(|(_, field, _)| field);
    let write = fields.iter().enumerate().map(|(at, (field, _, field_ty))| {
        let column = column_type(field_ty);
        quote_spanned!(field_ty.span()=> #at => _orm::write_field::<#column>(&self.#field, #ty, #out),)
    });
    let read = fields.iter().map(|(field, sql, ty)| {
        let column = column_type(ty);
        quote_spanned!(ty.span()=> #field: #raw.get::<#column>(#sql)?,)
    });
    let flaws = fields.iter().map(|(field, _, ty)| {
        let column = column_type(ty);
        quote_spanned!(ty.span()=> .or_else(|| <#column as _orm::Value>::flaw(&self.#field)))
    });
    let shown = provided(&[debug(name)]);
    let accepts = quote!(DEFINITION.is(#ty));
    let sql = sql(
        name,
        [&accepts, &accepts],
        &quote! {
            _orm::write_fields(#ty, #out, &[#(#names),*], &mut |at, #ty, #out| match at {
                #(#write)*
                _ => ::core::result::Result::Ok(_orm::IsNull::Yes),
            })
        },
        &quote! {
            let #raw = _orm::Fields::read(#ty, #raw)?;
            ::core::result::Result::Ok(Self { #(#read)* })
        },
    );
    quote! {
        #column_types
        #definition
        #sql

        #[automatically_derived]
        impl _orm::Value for #name #shown {
            const TYPE: _orm::SqlType = _orm::SqlType::defined(DEFINITION);
            type Scalar = Self;
            type With<_U: _orm::Value<Scalar = _U>> = _U;

            fn flaw(&self) -> ::core::option::Option<&'static str> {
                ::core::option::Option::None #(#flaws)*
            }
        }
    }
}

pub(super) fn definition(defined: &Defined, form: &TokenStream) -> TokenStream {
    let Defined { schema, name } = defined;
    let sql = match schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
        None => quoted(name),
    };
    let schema = option(schema.as_deref());
    quote! {
        const DEFINITION: &_orm::Definition = &_orm::Definition {
            sql: #sql,
            schema: #schema,
            name: #name,
            form: #form,
        };
    }
}

/// A name as it stands in SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
