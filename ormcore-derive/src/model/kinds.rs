//! A kind of a table's rows, and an enum of several.

use super::field::Column;
use crate::errors::Errors;
use crate::parse::{
    Ident, KindWords, KindsDeclaration, LitStr, Type, Variant, Visibility, constant, text, written,
};

/// Which of a table's rows an entity is.
pub(crate) struct Kind {
    pub(crate) column: String,
    pub(crate) value: String,
    pub(crate) sql_type: Option<String>,
}

impl Kind {
    /// The column is nobody's field: what it has, the entity says.
    pub(super) fn new(words: &KindWords, columns: &[Column], errors: &Errors) -> Option<Self> {
        let column = words.column.value();
        if let Some(field) = columns.iter().find(|field| field.name == column) {
            let field = text(&field.named.field);
            errors.on(
                &words.column,
                format!(
                    "`{column}` is the same in all rows of this kind: leave the field `{field}` out"
                ),
            );
            return None;
        }
        Some(Self {
            column,
            value: words.value.value(),
            sql_type: words.sql_type.as_ref().map(LitStr::value),
        })
    }
}

/// An enum of entities that are kinds of one table's rows.
pub(crate) struct Kinds {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) variants: Vec<Variant>,
    /// Columns that all of them have: the constant, and the type.
    pub(crate) columns: Vec<(Ident, Type)>,
    /// Relations that all of them have: the constant, and what it leads to.
    pub(crate) belongs_to: Vec<(Ident, Type)>,
    /// Whether these are all variants; if not, there was a complaint.
    pub(crate) whole: bool,
}

impl Kinds {
    /// Finds out what a declaration means; nothing, where no variant holds an entity.
    pub(crate) fn new(declaration: KindsDeclaration, errors: &Errors) -> Option<Self> {
        let KindsDeclaration {
            name,
            visibility,
            variants: declared,
            columns,
            belongs_to,
            mut whole,
        } = declaration;
        let mut variants: Vec<Variant> = Vec::with_capacity(declared.len());
        for variant in declared {
            let entity = written(&variant.entity);
            if variants
                .iter()
                .any(|other| written(&other.entity) == entity)
            {
                errors.on(
                    &variant.entity,
                    format!("two variants hold a `{entity}`: a row could be either"),
                );
                whole = false;
            } else {
                variants.push(variant);
            }
        }
        let mut taken: Vec<Ident> = Vec::new();
        let mut named = |fields: Vec<(Ident, Type)>| {
            let constants = fields.into_iter().filter_map(|(field, ty)| {
                let constant = Ident::new(&constant(&text(&field)), field.span());
                if taken.contains(&constant) {
                    errors.on(&field, format!("`{field}` is named twice"));
                    return None;
                }
                taken.push(constant.clone());
                Some((constant, ty))
            });
            constants.collect()
        };
        let (columns, belongs_to) = (named(columns), named(belongs_to));
        (!variants.is_empty()).then_some(Self {
            name,
            visibility,
            variants,
            columns,
            belongs_to,
            whole,
        })
    }
}
