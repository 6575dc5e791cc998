//! SQL with values in braces: `SELECT * FROM users WHERE name = {name}`.

use crate::errors::Errors;
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use std::iter::Peekable;
use std::str::CharIndices;
use syn::LitStr;

/// One part after the other.
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

/// A part of the SQL.
pub(crate) enum Piece {
    Text(String),
    /// An expression, in the place of the literal.
    Value(TokenStream),
}

/// Reads the literal; nothing when something is wrong with it.
pub(crate) fn template(input: &TokenStream, errors: &Errors) -> Option<Template> {
    let Ok(literal) = syn::parse2::<LitStr>(input.clone()) else {
        let message = "expected one string literal: values stand in it, in braces, as in \
                       `\"SELECT * FROM users WHERE id = {id}\"`";
        if input.is_empty() {
            errors.add(syn::Error::new(Span::call_site(), message));
        } else {
            errors.on(input, message);
        }
        return None;
    };
    match pieces(&literal) {
        Ok(pieces) => Some(Template { pieces }),
        Err(message) => {
            errors.on(&literal, message);
            None
        }
    }
}

fn pieces(literal: &LitStr) -> Result<Vec<Piece>, String> {
    let sql = literal.value();
    let (mut pieces, mut text) = (Vec::new(), String::new());
    let mut letters = sql.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let doubled = letters.next_if(|(_, next)| *next == letter && "{}".contains(letter));
        match letter {
            '{' | '}' if doubled.is_some() => text.push(letter),
            '{' => {
                let inside = &sql[at + 1..end(at, &sql, &mut letters)?];
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Value(expression(inside, literal.span())?));
            }
            '}' => {
                return Err(
                    "this `}` closes nothing; as a part of the SQL it is written `}}`".to_owned(),
                );
            }
            '$' if letters
                .peek()
                .is_some_and(|(_, next)| next.is_ascii_digit()) =>
            {
                return Err(
                    "values stand in the text itself, in braces: write `{name}` instead of `$1`"
                        .to_owned(),
                );
            }
            other => text.push(other),
        }
    }
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

/// Where the brace opened at `at` closes. The expression may have braces and strings of its own.
fn end(at: usize, sql: &str, letters: &mut Peekable<CharIndices<'_>>) -> Result<usize, String> {
    let (mut depth, mut quoted) = (0_usize, false);
    while let Some((here, letter)) = letters.next() {
        match letter {
            '\\' if quoted => {
                letters.next();
            }
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' => depth += 1,
            '}' if depth == 0 => return Ok(here),
            '}' => depth -= 1,
            _ => {}
        }
    }
    let rest: String = sql[at..].chars().take(20).collect();
    Err(format!(
        "the brace of `{rest}` is not closed; as a part of the SQL it is written `{{{{`"
    ))
}

fn expression(text: &str, place: Span) -> Result<TokenStream, String> {
    if text.trim().is_empty() {
        return Err(
            "`{}` has no value: write it into the braces, as `{name}`; braces of the SQL are written `{{}}`".to_owned(),
        );
    }
    let unreadable = || format!("`{{{text}}}` holds no expression");
    let tokens: TokenStream = text.parse().map_err(|_| unreadable())?;
    if tokens.is_empty() {
        return Err(unreadable());
    }
    if has_format(&tokens) {
        return Err(format!(
            "values are bound, not formatted: write `{{{}}}`",
            text.split(':').next().unwrap_or_default().trim()
        ));
    }
    Ok(placed(tokens, place))
}

/// A colon that is no part of a path, as in `{name:?}`.
fn has_format(tokens: &TokenStream) -> bool {
    let mut after_colon = false;
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_colon =
            |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
        let colon = is_colon(&token);
        if colon && !after_colon && !tokens.peek().is_some_and(is_colon) {
            return true;
        }
        after_colon = colon && !after_colon;
    }
    false
}

/// The tokens with the literal's place, so that complaints about them point at it.
fn placed(tokens: TokenStream, place: Span) -> TokenStream {
    let placed = |token| match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), placed(group.stream(), place));
            inner.set_span(place);
            TokenTree::Group(inner)
        }
        mut other => {
            other.set_span(place);
            other
        }
    };
    tokens.into_iter().map(placed).collect()
}
