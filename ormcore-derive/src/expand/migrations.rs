//! What `embed_migrations!` becomes: the names of the files, and their texts as the compiler reads them.

use crate::parse::MigrationFile;
use proc_macro2::TokenStream;
use quote::quote;

/// `include_str!`, so that a file that changed is compiled again.
pub(crate) fn migrations(files: &[MigrationFile]) -> TokenStream {
    let files = files
        .iter()
        .map(|MigrationFile { name, path }| quote!((#name, ::core::include_str!(#path))));
    quote!(::ormcore::codegen::embedded_migrations(&[#(#files),*]))
}
