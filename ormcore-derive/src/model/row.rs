//! What a row is: fields, and the columns they are read from.

use crate::errors::Errors;
use crate::parse::{self, Ident, RowDeclaration, Type};

/// A struct that a row of a result can be read as.
pub(crate) struct Row {
    pub(crate) name: Ident,
    pub(crate) fields: Vec<RowField>,
}

/// One of its fields.
pub(crate) struct RowField {
    pub(crate) name: Ident,
    pub(crate) column: String,
    pub(crate) ty: Type,
}

impl Row {
    /// The row that was declared. What is wrong with it is reported.
    pub(crate) fn new(declaration: RowDeclaration, errors: &Errors) -> Self {
        let mut fields: Vec<RowField> = Vec::new();
        for (named, ty) in declaration.fields {
            let column = match &named.words.rename {
                Some(rename) => rename.value(),
                None => parse::text(&named.name),
            };
            if let Some(other) = fields.iter().find(|other| other.column == column) {
                let message = format!("`{}` is read from the column `{column}` too", other.name);
                match &named.words.rename {
                    Some(rename) => errors.on(rename, message),
                    None => errors.on(&named.name, message),
                }
            }
            fields.push(RowField {
                name: named.name,
                column,
                ty,
            });
        }
        Self {
            name: declaration.name,
            fields,
        }
    }
}
