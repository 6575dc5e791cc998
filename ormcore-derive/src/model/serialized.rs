//! What of a row is written by serde: `#[orm(serialize)]`.

use crate::parse::{Field, Ident, Path, SerializeWords};

/// The fields that are written, in their order.
pub(crate) struct Serialized {
    pub(crate) ids_as_text: bool,
    pub(crate) fields: Vec<SerializedField>,
}

/// A field that is written.
pub(crate) struct SerializedField {
    pub(crate) field: Ident,
    /// What it is called.
    pub(crate) name: String,
    /// The function that says when it is left out, besides a relation that is not loaded.
    pub(crate) skip_if: Option<Path>,
}

impl Serialized {
    /// All but those that are not to be seen.
    pub(super) fn new(words: SerializeWords, fields: &[Field]) -> Self {
        let seen = fields
            .iter()
            .filter(|field| field.words.sensitive.is_none());
        let seen = seen.filter_map(|field| {
            let serde = field.serde.as_ref().filter(|serde| !serde.skip)?;
            Some(SerializedField {
                field: field.name.clone(),
                name: serde.name.clone(),
                skip_if: serde.skip_if.clone(),
            })
        });
        Self {
            ids_as_text: words.ids_as_text,
            fields: seen.collect(),
        }
    }
}
