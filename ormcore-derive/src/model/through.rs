//! Relations through a table between two others.

use super::field::Named;
use super::relation::same_target;
use crate::errors::Errors;
use crate::parse::{
    Ident, LitStr, Path, ThroughTable, ThroughWords, Type, constant, snake, text, written,
};

/// `Many<T>`, where rows of a table between the two say which belong together.
pub(crate) struct ManyToMany {
    pub(crate) through: Between,
    /// The columns that hold this entity's key, placed at the words in the attribute.
    pub(crate) here: Vec<Ident>,
    /// The columns that hold the target's key.
    pub(crate) there: Vec<Ident>,
}

/// The table between.
pub(crate) enum Between {
    /// No entity's; the columns are named by their names in the table.
    Table(LitStr),
    /// An entity's; the columns are named by their constants.
    Entity(Path),
}

impl ManyToMany {
    pub(super) fn new(
        entity: &Ident,
        named: &Named,
        words: ThroughWords,
        target: &Type,
        ty: &Type,
        errors: &Errors,
    ) -> Option<Self> {
        same_target(&words.word, words.target.as_ref(), target, ty, errors)?;
        let written_target = written(target);
        let target_name = written_target.rsplit("::").next().unwrap_or_default();
        let column = |name: &str| Ident::new(&format!("{}_id", snake(name)), words.word.span());
        let here = words.here.unwrap_or_else(|| vec![column(&text(entity))]);
        let there = words.there.unwrap_or_else(|| vec![column(target_name)]);
        if let Some(both) = there.iter().find(|there| here.contains(there)) {
            errors.on(
                both,
                format!(
                    "`{}` needs one column for the key of each side, and `{both}` is both: say which with \
                     `here = …, there = …`",
                    named.field
                ),
            );
            return None;
        }
        let place = |field: Ident| Ident::new(&constant(&text(&field)), field.span());
        let (through, here, there) = match words.through {
            ThroughTable::Named(name) => {
                if let Some((schema, _)) = name.value().split_once('.') {
                    errors.on(
                        &name,
                        format!(
                            "a table's name has no dot; for a table in `{schema}` declare an entity, and name that: \
                             `through = …`"
                        ),
                    );
                    return None;
                }
                (Between::Table(name), here, there)
            }
            ThroughTable::Entity(path) => (
                Between::Entity(path),
                here.into_iter().map(place).collect(),
                there.into_iter().map(place).collect(),
            ),
        };
        Some(Self {
            through,
            here,
            there,
        })
    }
}
