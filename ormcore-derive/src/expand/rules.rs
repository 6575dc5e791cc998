//! What the values of columns have to be like: the rules as static data, and who looks at which values.

use super::table::{column_type, info};
use crate::model::{Column, Companion, Entity};
use crate::parse::{Rule, RuleWords, written};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The rules of a column.
pub(super) fn rules(column: &Column) -> TokenStream {
    let rules = column.rules.iter().map(|words| rule(column, words));
    quote!(&[#(#rules),*])
}

fn rule(column: &Column, RuleWords { word, rule }: &RuleWords) -> TokenStream {
    let (name, ty) = (word.to_string(), column.not_null());
    // What is wrong is said in the place of the rule, or of the function that is one.
    let place = match rule {
        Rule::Custom(function) => function.span(),
        _ => word.span(),
    };
    let value = Ident::new("_value", place);
    let is_long = |min: Option<usize>, max: Option<usize>| {
        let [min, max] = [min, max].map(|limit| match limit {
            Some(limit) => quote!(::core::option::Option::Some(#limit)),
            None => quote!(::core::option::Option::None),
        });
        quote_spanned!(place=> _orm::is_long(#value, #min, #max))
    };
    let (holds, text) = match rule {
        Rule::Email => (
            quote_spanned!(place=> _orm::is_email(#value)),
            "must be an e-mail address".to_owned(),
        ),
        Rule::Url => (
            quote_spanned!(place=> _orm::is_url(#value)),
            "must be a URL that begins with `http://` or `https://`".to_owned(),
        ),
        Rule::NotEmpty => (is_long(Some(1), None), "must not be empty".to_owned()),
        Rule::Length { min, max } => {
            let limits = between(
                min.map(|min| min.to_string()),
                max.map(|max| max.to_string()),
            );
            let text = format!("must have a length of {limits}");
            (is_long(*min, *max), text)
        }
        Rule::Range { min, max } => {
            let least = min
                .as_ref()
                .map(|min| quote_spanned!(place=> _orm::is_at_least::<#ty>(#value, &#min)));
            let most = max
                .as_ref()
                .map(|max| quote_spanned!(place=> _orm::is_at_most::<#ty>(#value, &#max)));
            let both = least.into_iter().chain(most);
            let limits = between(min.as_ref().map(written), max.as_ref().map(written));
            (quote!(#(#both)&&*), format!("must be {limits}"))
        }
        Rule::Custom(function) => {
            let said = quote_spanned!(place=> #function(#value));
            return quote! {
                _orm::Rule { name: #name, refuses: |#value| _orm::ruled::<#ty>(#value, |#value| #said) }
            };
        }
    };
    quote! {
        _orm::Rule {
            name: #name,
            refuses: |#value| _orm::ruled::<#ty>(#value, |#value| match #holds {
                true => ::core::result::Result::Ok(()),
                false => ::core::result::Result::Err(#text),
            }),
        }
    }
}

/// The limits, in words.
fn between(min: Option<String>, max: Option<String>) -> String {
    match (min, max) {
        (Some(min), Some(max)) if min == max => min,
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => String::new(),
    }
}

/// What an entity says of a row, column by column.
pub(super) fn of_row(entity: &Entity) -> TokenStream {
    let [at, check] = ["at", "check"].map(|name| Ident::new(name, Span::mixed_site()));
    let ruled = entity.columns.iter().enumerate();
    let ruled = ruled.filter(|(_, column)| !column.rules.is_empty());
    let looks: Vec<TokenStream> = ruled
        .map(|(number, column)| {
            let number = Literal::usize_unsuffixed(number);
            let (field, ty, info) = (&column.named.field, column_type(&column.ty), info(column));
            quote!(#number => #check.look::<#ty>(&#info, &self.#field),)
        })
        .collect();
    if looks.is_empty() {
        return TokenStream::new();
    }
    quote! {
        const CHECKED: bool = true;

        fn check(&self, #at: usize, #check: &mut _orm::Check) {
            match #at {
                #(#looks)*
                _ => {}
            }
        }
    }
}

/// What an insert says of its values; what is left out is not looked at.
pub(super) fn of_new(entity: &Entity, insert: &Companion) -> TokenStream {
    let [check, value] = ["check", "value"].map(|name| Ident::new(name, Span::mixed_site()));
    let fields = insert.fields.iter();
    let looks = fields.filter_map(|given| {
        let column = &entity.columns[given.column];
        let (field, ty, info) = (&column.named.field, column_type(&column.ty), info(column));
        let look = match given.wrapped {
            false => quote!(#check.look::<#ty>(&#info, &self.#field);),
            true => quote! {
                if let ::core::option::Option::Some(#value) = &self.#field {
                    #check.look::<#ty>(&#info, #value);
                }
            },
        };
        (!column.rules.is_empty()).then_some(look)
    });
    let looks: Vec<TokenStream> = looks.collect();
    if looks.is_empty() {
        return TokenStream::new();
    }
    quote! {
        const CHECKED: bool = true;

        fn check(&self, #check: &mut _orm::Check) {
            #(#looks)*
        }
    }
}
