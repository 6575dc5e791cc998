//! Gathers every complaint about one struct, so that all are seen at once.

use proc_macro2::TokenStream;
use quote::ToTokens;
use std::cell::RefCell;
use std::fmt::Display;

/// The complaints so far. It has to end in [`Errors::into_tokens`]: one that is dropped with complaints unread would
/// compile wrong code in silence, so in debug builds that is a panic.
pub(crate) struct Errors {
    found: RefCell<Vec<syn::Error>>,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self {
            found: RefCell::new(Vec::new()),
        }
    }

    /// Complains about these very tokens.
    pub(crate) fn on(&self, tokens: &impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Passes on a complaint of the parser.
    pub(crate) fn add(&self, error: syn::Error) {
        self.found.borrow_mut().push(error);
    }

    /// How many complaints there are so far.
    pub(crate) fn len(&self) -> usize {
        self.found.borrow().len()
    }

    /// All complaints as `compile_error!`s, in the order they were made.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.found
            .take()
            .iter()
            .map(syn::Error::to_compile_error)
            .collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if cfg!(debug_assertions) && !std::thread::panicking() {
            assert!(
                self.len() == 0,
                "complaints were gathered and never reported"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Errors;
    use proc_macro2::Span;
    use syn::Ident;

    #[test]
    fn every_complaint_is_reported() {
        let errors = Errors::new();
        let word = Ident::new("word", Span::call_site());
        errors.on(&word, "the first");
        errors.on(&word, "the second");

        let tokens = errors.into_tokens().to_string();

        assert!(tokens.contains("the first") && tokens.contains("the second"));
    }

    #[test]
    #[should_panic(expected = "never reported")]
    #[cfg(debug_assertions)]
    fn forgetting_to_report_is_a_panic() {
        let errors = Errors::new();
        errors.on(&Ident::new("word", Span::call_site()), "unseen");
    }
}
