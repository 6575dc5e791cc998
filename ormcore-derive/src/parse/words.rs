//! The grammar inside `#[orm(…)]`: `word`, `word = value`, `word(…)`, with commas between.
//!
//! A word is first taken apart without knowing which it is, so that one wrong word does not hide the next.

use super::near::list;
use super::relation_words::ThroughTable;
use crate::errors::Errors;
use proc_macro2::{TokenStream, TokenTree};
use std::fmt::Display;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitInt, LitStr, Meta, Path, Token, Type, token};

/// One word, and what was given with it.
pub(super) struct Word {
    pub(super) name: Ident,
    given: Given,
}

enum Given {
    Nothing,
    Value(TokenStream),
    List(TokenStream),
}

/// What stands in the parentheses of a word: a path if it comes first, then words.
pub(super) struct Arguments {
    pub(super) path: Option<Path>,
    pub(super) words: Vec<Word>,
}

/// All words of the `#[orm(…)]` attributes among these.
pub(super) fn words(attributes: &[Attribute], errors: &Errors) -> Vec<Word> {
    let mut words = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("orm"))
    {
        match &attribute.meta {
            Meta::List(list) => words.extend(arguments(list.tokens.clone(), false, errors).words),
            meta => errors.on(meta, "the words of `orm` stand in parentheses: `#[orm(…)]`"),
        }
    }
    words
}

fn arguments(tokens: TokenStream, path_first: bool, errors: &Errors) -> Arguments {
    let parser = |input: ParseStream<'_>| {
        let path = if path_first && is_path(input) {
            Some(input.call(Path::parse_mod_style)?)
        } else {
            None
        };
        let mut words = Vec::new();
        let mut first = path.is_none();
        while !input.is_empty() {
            if !first {
                input.parse::<Token![,]>()?;
            }
            first = false;
            if input.is_empty() {
                break;
            }
            match input.parse::<Word>() {
                Ok(word) => words.push(word),
                Err(error) => {
                    errors.add(error);
                    until_comma(input)?;
                }
            }
        }
        Ok(Arguments { path, words })
    };
    parser.parse2(tokens).unwrap_or_else(|error| {
        errors.add(error);
        Arguments {
            path: None,
            words: Vec::new(),
        }
    })
}

/// Whether a path comes next, and not a word with something given.
fn is_path(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Path::parse_mod_style).is_ok() && (ahead.is_empty() || ahead.peek(Token![,]))
}

fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(
                input.error("expected a word, such as `primary_key` or `table = \"users\"`")
            );
        }
        let name = input.call(Ident::parse_any)?;
        let given = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Given::Value(until_comma(input)?)
        } else if input.peek(token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Given::List(content.parse()?)
        } else {
            Given::Nothing
        };
        Ok(Self { name, given })
    }
}

impl Word {
    /// The word as text.
    pub(super) fn text(&self) -> String {
        self.name.unraw().to_string()
    }

    /// Whether nothing is given with it.
    pub(super) fn is_alone(&self) -> bool {
        matches!(self.given, Given::Nothing)
    }

    /// The word itself, where nothing may be given with it.
    pub(super) fn flag(&self, errors: &Errors) -> Option<Ident> {
        match &self.given {
            Given::Nothing => Some(self.name.clone()),
            Given::Value(tokens) | Given::List(tokens) => self.refuse(
                Some(tokens),
                format!("`{0}` stands alone: write `{0}`", self.name),
                errors,
            ),
        }
    }

    /// The string in `word = "…"`.
    pub(super) fn string(&self, errors: &Errors) -> Option<LitStr> {
        let expected = format!("`{0}` takes a string: `{0} = \"…\"`", self.name);
        let Given::Value(tokens) = &self.given else {
            return self.refuse(self.tokens(), expected, errors);
        };
        match syn::parse2::<LitStr>(tokens.clone()) {
            Ok(text) if text.value().trim().is_empty() => {
                self.refuse(Some(tokens), format!("`{}` is empty", self.name), errors)
            }
            Ok(text) => Some(text),
            Err(_) => self.refuse(Some(tokens), expected, errors),
        }
    }

    /// What stands in `word(…)`; `example` shows how.
    pub(super) fn arguments(&self, example: &str, errors: &Errors) -> Option<Arguments> {
        match &self.given {
            Given::List(tokens) => Some(arguments(tokens.clone(), true, errors)),
            Given::Nothing | Given::Value(_) => self.refuse(
                self.tokens(),
                format!("`{}` is written `{example}`", self.name),
                errors,
            ),
        }
    }

    /// The words in `word(…)`; `example` shows how.
    pub(super) fn inner(&self, example: &str, errors: &Errors) -> Option<Vec<Word>> {
        match &self.given {
            Given::List(tokens) => Some(arguments(tokens.clone(), false, errors).words),
            Given::Nothing | Given::Value(_) => {
                let expected = format!("`{}` is written `{example}`", self.name);
                self.refuse(self.tokens(), expected, errors)
            }
        }
    }

    /// The number in `word = 80`.
    pub(super) fn number(&self, errors: &Errors) -> Option<usize> {
        let expected = format!("`{0}` takes a number: `{0} = 80`", self.name);
        let Given::Value(tokens) = &self.given else {
            return self.refuse(self.tokens(), expected, errors);
        };
        let number = syn::parse2::<LitInt>(tokens.clone());
        match number.and_then(|number| number.base10_parse()) {
            Ok(number) => Some(number),
            Err(_) => self.refuse(Some(tokens), expected, errors),
        }
    }

    /// The value in `word = -1.5`, of whatever type.
    pub(super) fn expression(&self, errors: &Errors) -> Option<Box<Expr>> {
        let expected = format!(
            "`{0}` takes a value of the column's type: `{0} = 0`",
            self.name
        );
        let Given::Value(tokens) = &self.given else {
            return self.refuse(self.tokens(), expected, errors);
        };
        match syn::parse2(tokens.clone()) {
            Ok(value) => Some(value),
            Err(_) => self.refuse(Some(tokens), expected, errors),
        }
    }

    /// The fields in `key = field` or `key = (a, b)`.
    pub(super) fn fields(&self, errors: &Errors) -> Option<Vec<Ident>> {
        let parser = |input: ParseStream<'_>| {
            if !input.peek(token::Paren) {
                return Ok(vec![input.call(Ident::parse_any)?]);
            }
            let content;
            syn::parenthesized!(content in input);
            let fields =
                Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any)?;
            Ok(fields.into_iter().collect())
        };
        let expected = format!(
            "`{0}` names fields: `{0} = author_id`, or `{0} = (order_id, line)`",
            self.name
        );
        let Given::Value(tokens) = &self.given else {
            return self.refuse(self.tokens(), expected, errors);
        };
        match parser.parse2(tokens.clone()) {
            Ok(fields) if !fields.is_empty() => Some(fields),
            _ => match syn::parse2::<LitStr>(tokens.clone()) {
                Ok(text) => {
                    let remedy = format!(
                        "`{0}` names a field, without quotes: `{0} = {1}`",
                        self.name,
                        text.value()
                    );
                    self.refuse(Some(tokens), remedy, errors)
                }
                Err(_) => self.refuse(Some(tokens), expected, errors),
            },
        }
    }

    /// The table in `word = "post_tags"`, or its entity in `word = PostTag`.
    pub(super) fn table(&self, errors: &Errors) -> Option<ThroughTable> {
        let expected = format!(
            "`{0}` names a table or its entity: `{0} = \"post_tags\"`, or `{0} = PostTag`",
            self.name
        );
        let Given::Value(tokens) = &self.given else {
            return self.refuse(self.tokens(), expected, errors);
        };
        if let Ok(path) = Path::parse_mod_style.parse2(tokens.clone()) {
            return Some(ThroughTable::Entity(path));
        }
        match syn::parse2::<LitStr>(tokens.clone()) {
            Ok(_) => self.string(errors).map(ThroughTable::Named),
            Err(_) => self.refuse(Some(tokens), expected, errors),
        }
    }

    /// The path in `word = Post::is_live`.
    pub(super) fn function(&self, errors: &Errors) -> Option<Path> {
        let expected = format!(
            "`{0}` names a function that returns a condition: `{0} = is_live`, and `fn is_live() -> Condition<Post>`",
            self.name
        );
        self.path(&expected, errors)
    }

    /// The path in `word = a::b`; `expected` is said where there is none.
    pub(super) fn path(&self, expected: &str, errors: &Errors) -> Option<Path> {
        let Given::Value(tokens) = &self.given else {
            return self.refuse(self.tokens(), expected, errors);
        };
        match Path::parse_mod_style.parse2(tokens.clone()) {
            Ok(path) => Some(path),
            Err(_) => self.refuse(Some(tokens), expected, errors),
        }
    }

    /// The fields and types in `word(id: i64, name: String)`; `example` is what may stand in the parentheses.
    pub(super) fn typed(&self, example: &str, errors: &Errors) -> Option<Vec<(Ident, Type)>> {
        let expected = format!(
            "`{0}` names fields and their types: `{0}({example})`",
            self.name
        );
        let Given::List(tokens) = &self.given else {
            return self.refuse(self.tokens(), expected, errors);
        };
        let column = |input: ParseStream<'_>| {
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![:]>()?;
            Ok((name, input.parse::<Type>()?))
        };
        let parser = |input: ParseStream<'_>| {
            Punctuated::<_, Token![,]>::parse_terminated_with(input, column)
        };
        match parser.parse2(tokens.clone()) {
            Ok(columns) => Some(columns.into_iter().collect()),
            Err(_) => self.refuse(Some(tokens), expected, errors),
        }
    }

    /// The paths in `word(a::B, C)`.
    pub(super) fn paths(&self, errors: &Errors) -> Option<Vec<Path>> {
        let expected = format!(
            "`{0}` lists derives: `{0}(Debug, serde::Deserialize)`",
            self.name
        );
        let Given::List(tokens) = &self.given else {
            return self.refuse(self.tokens(), expected, errors);
        };
        let parser = |input: ParseStream<'_>| {
            Punctuated::<Path, Token![,]>::parse_terminated_with(input, Path::parse_mod_style)
        };
        match parser.parse2(tokens.clone()) {
            Ok(paths) => Some(paths.into_iter().collect()),
            Err(_) => self.refuse(Some(tokens), expected, errors),
        }
    }

    fn tokens(&self) -> Option<&TokenStream> {
        match &self.given {
            Given::Nothing => None,
            Given::Value(tokens) | Given::List(tokens) => Some(tokens),
        }
    }

    /// Complains about what was given, or, where that is nothing, about the word.
    fn refuse<T>(
        &self,
        given: Option<&TokenStream>,
        message: impl Display,
        errors: &Errors,
    ) -> Option<T> {
        match given {
            Some(tokens) if !tokens.is_empty() => errors.on(tokens, message),
            _ => errors.on(&self.name, message),
        }
        None
    }
}

/// Keeps what a word gave, or complains that the word was there before.
pub(super) fn once<T>(slot: &mut Option<T>, word: &Word, value: Option<T>, errors: &Errors) {
    if slot.is_some() {
        errors.on(&word.name, format!("`{}` is written twice", word.name));
    } else {
        *slot = value;
    }
}

/// The complaint about a word nobody knows; `place` ends the sentence “… may have”.
pub(super) fn unknown(word: &Word, place: &str, known: &[&str], errors: &Errors) {
    let text = word.text();
    match super::near::nearest(&text, known.iter().copied()) {
        Some(near) => errors.on(
            &word.name,
            format!("unknown word `{text}`; did you mean `{near}`?"),
        ),
        None => {
            let known = list(known.iter().copied(), "or");
            errors.on(
                &word.name,
                format!("unknown word `{text}`; {place} may have {known}"),
            );
        }
    }
}
