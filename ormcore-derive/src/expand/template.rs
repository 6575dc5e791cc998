//! What `sql!` and `fragment!` become: calls of the functions of these names, with every value bound.

use crate::parse::{Piece, Template};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

/// `sql("… $1 …").bind(name)`. A name that occurs several times is one placeholder.
pub(crate) fn sql(template: &Template) -> TokenStream {
    let mut text = String::new();
    let mut values: Vec<(Option<Ident>, &TokenStream)> = Vec::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(piece) => text += piece,
            Piece::Value(value) => {
                let name = plain(value);
                let known = values
                    .iter()
                    .position(|(other, _)| name.is_some() && *other == name);
                let number = known.unwrap_or_else(|| {
                    values.push((name, value));
                    values.len() - 1
                });
                text += &format!("${}", number + 1);
            }
        }
    }
    let values = values.iter().map(|(_, value)| value);
    quote!(::ormcore::sql(#text)#(.bind(#values))*)
}

/// `fragment("…").part(User::NAME).sql("…")`.
pub(crate) fn fragment(template: &Template) -> TokenStream {
    let mut pieces = template.pieces.iter();
    let start = match pieces.next() {
        Some(Piece::Text(text)) => text.as_str(),
        _ => "",
    };
    let rest = pieces.map(|piece| match piece {
        Piece::Text(text) if text.is_empty() => quote!(),
        Piece::Text(text) => quote!(.sql(#text)),
        Piece::Value(value) => quote!(.part(#value)),
    });
    quote!(::ormcore::fragment(#start)#(#rest)*)
}

/// The value's name, where it is nothing but a name.
fn plain(value: &TokenStream) -> Option<Ident> {
    let mut tokens = value.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(name)), None) => Some(name),
        _ => None,
    }
}
