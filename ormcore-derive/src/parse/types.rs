//! The types of fields: a column's, or `One<…>` and `Many<…>`, which are relations.

use crate::errors::Errors;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Ident, Path, PathArguments, Type};

/// What a field holds, as far as its type shows.
pub(crate) enum Shape {
    /// A column's value; `inner` is the `T` of an `Option<T>`.
    Value { inner: Option<Type> },
    /// `One<T>`, or with `optional` `One<Option<T>>`.
    One { target: Type, optional: bool },
    /// `Many<T>`.
    Many { target: Type },
}

/// What the type of a field is; nothing after a complaint.
pub(super) fn shape(ty: &Type, errors: &Errors) -> Option<Shape> {
    if let Some(target) = argument(ty, "Many") {
        return Some(Shape::Many { target });
    }
    if let Some(target) = argument(ty, "One") {
        return Some(match argument(&target, "Option") {
            Some(target) => Shape::One {
                target,
                optional: true,
            },
            None => Shape::One {
                target,
                optional: false,
            },
        });
    }
    let inner = argument(ty, "Option");
    if let Some(target) = inner.as_ref().and_then(|inner| argument(inner, "One")) {
        errors.on(
            ty,
            format!(
                "a row that may be missing is `One<Option<{}>>`",
                written(&target)
            ),
        );
        return None;
    }
    if let Some(target) = inner.as_ref().and_then(|inner| argument(inner, "Many")) {
        errors.on(
            ty,
            format!(
                "without rows `Many` is empty: write `Many<{}>`",
                written(&target)
            ),
        );
        return None;
    }
    if let Some(owned) = owned(inner.as_ref().unwrap_or(ty)) {
        errors.on(
            ty,
            format!(
                "a row owns what was read: write `{owned}` for `{}`",
                written(inner.as_ref().unwrap_or(ty))
            ),
        );
        return None;
    }
    Some(Shape::Value { inner })
}

/// What would hold as much and borrow nothing, for a type that no field of a row can have.
fn owned(ty: &Type) -> Option<String> {
    match ty {
        Type::Reference(to) => Some(owned(&to.elem).unwrap_or_else(|| written(&to.elem))),
        Type::Slice(of) => Some(format!("Vec<{}>", written(&of.elem))),
        Type::Path(path) if path.path.is_ident("str") => Some("String".to_owned()),
        _ => None,
    }
}

/// The `T` of a `name<T>`, however the name is qualified.
pub(super) fn argument(ty: &Type, name: &str) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(argument)) if arguments.args.len() == 1 => {
            Some(argument.clone())
        }
        _ => None,
    }
}

/// The type with `Self` spelt out, because statics beside the struct's impl do not know it.
pub(super) fn without_self(ty: &Type, name: &Ident) -> Type {
    syn::parse2(replaced(ty.to_token_stream(), name)).unwrap_or_else(|_| ty.clone())
}

/// The same for a path.
pub(super) fn path_without_self(path: &Path, name: &Ident) -> Path {
    if path.is_ident("Self") {
        Path::from(Ident::new(&name.to_string(), path_span(path)))
    } else {
        path.clone()
    }
}

fn path_span(path: &Path) -> proc_macro2::Span {
    path.segments
        .first()
        .map_or_else(proc_macro2::Span::call_site, |segment| segment.ident.span())
}

fn replaced(tokens: TokenStream, name: &Ident) -> TokenStream {
    let replace = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => {
            TokenTree::Ident(Ident::new(&name.to_string(), ident.span()))
        }
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), replaced(group.stream(), name));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        other => other,
    };
    tokens.into_iter().map(replace).collect()
}

/// A type or path as its author would write it, for messages.
pub(crate) fn written(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    for part in tokens.to_token_stream().to_string().split(' ') {
        let between_words =
            |a: char, b: char| (a.is_alphanumeric() && b.is_alphanumeric()) || a == ',';
        if let (Some(before), Some(after)) = (text.chars().last(), part.chars().next())
            && between_words(before, after)
        {
            text.push(' ');
        }
        text.push_str(part);
    }
    text
}

/// Whether two paths can mean the same: one may say more of the way than the other.
pub(crate) fn agree(path: &Path, ty: &Type) -> bool {
    let Type::Path(ty) = ty else { return false };
    // From the name backwards, until one of them no longer says where it is.
    let relative = |name: &Ident| name == "crate" || name == "super" || name == "self";
    let ways = path
        .segments
        .iter()
        .rev()
        .zip(ty.path.segments.iter().rev());
    ways.map(|(left, right)| (&left.ident, &right.ident))
        .take_while(|(left, right)| !relative(left) && !relative(right))
        .all(|(left, right)| left == right)
}

#[cfg(test)]
mod tests {
    use super::{Shape, agree, shape, without_self, written};
    use crate::errors::Errors;
    use proc_macro2::Span;
    use syn::{Ident, Path, Type, parse_str};

    fn ty(text: &str) -> Type {
        parse_str(text).expect("Rust")
    }

    fn seen(text: &str) -> &'static str {
        let errors = Errors::new();
        let shape = shape(&ty(text), &errors);
        let complaints = errors.into_tokens().to_string();
        match shape {
            Some(Shape::Value { inner: None }) => "value",
            Some(Shape::Value { inner: Some(_) }) => "value or NULL",
            Some(Shape::One {
                optional: false, ..
            }) => "one",
            Some(Shape::One { optional: true, .. }) => "one or none",
            Some(Shape::Many { .. }) => "many",
            None if complaints.contains("One<Option<User>>") => "wrong one",
            None if complaints.contains("write `String`") => "a String",
            None if complaints.contains("write `Vec<u8>`") => "a Vec",
            None if complaints.contains("write `i32`") => "an i32",
            None => "wrong many",
        }
    }

    #[test]
    fn relations_are_known_by_their_last_name() {
        assert_eq!(seen("One<User>"), "one");
        assert_eq!(seen("ormcore::One<crate::User>"), "one");
        assert_eq!(seen("One<std::option::Option<User>>"), "one or none");
        assert_eq!(seen("::ormcore::Many<Post>"), "many");
        assert_eq!(seen("Vec<Post>"), "value");
        assert_eq!(seen("Option<i32>"), "value or NULL");
    }

    #[test]
    fn an_option_around_a_relation_is_the_wrong_way_round() {
        assert_eq!(seen("Option<One<User>>"), "wrong one");
        assert_eq!(seen("Option<Many<User>>"), "wrong many");
    }

    #[test]
    fn what_is_borrowed_has_to_be_owned() {
        assert_eq!(seen("&'a str"), "a String");
        assert_eq!(seen("str"), "a String");
        assert_eq!(seen("Option<&'static str>"), "a String");
        assert_eq!(seen("&'a [u8]"), "a Vec");
        assert_eq!(seen("&i32"), "an i32");
    }

    #[test]
    fn types_are_shown_as_they_are_written() {
        for text in [
            "Vec<Post>",
            "Option<std::vec::Vec<u8>>",
            "HashMap<String, &'static str>",
            "dyn Any",
        ] {
            assert_eq!(written(&ty(text)), text);
        }
    }

    #[test]
    fn self_is_the_struct() {
        let name = Ident::new("Comment", Span::call_site());
        assert_eq!(
            written(&without_self(&ty("One<Option<Self>>"), &name)),
            "One<Option<Comment>>"
        );
    }

    #[test]
    fn paths_agree_when_one_only_says_more() {
        let path = |text| parse_str::<Path>(text).expect("a path");
        assert!(agree(&path("Post"), &ty("models::Post")));
        assert!(agree(&path("crate::models::Post"), &ty("Post")));
        assert!(agree(&path("super::Post"), &ty("models::Post")));
        assert!(!agree(&path("Comment"), &ty("Post")));
    }
}
