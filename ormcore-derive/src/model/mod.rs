//! Stage two, what it means: words become an entity or a value, and everything is decided that can be decided.
//!
//! Nothing here opens a type or writes a token; what it carries from `parse` to `expand` it carries unopened.

mod built_in;
mod check;
mod companion;
mod field;
mod index;
mod kinds;
mod made;
mod mark;
mod relation;
mod row;
mod scope;
mod serialized;
mod through;
mod value;

pub(crate) use companion::{Companion, CompanionField};
pub(crate) use field::{Column, Named, Reference};
pub(crate) use index::Index;
pub(crate) use kinds::{Kind as RowKind, Kinds};
pub(crate) use mark::MarkKind;
pub(crate) use relation::{BelongsTo, Foreign, Kind, Relation};
pub(crate) use row::{Row, RowField};
pub(crate) use serialized::{Serialized, SerializedField};
pub(crate) use through::{Between, ManyToMany};
pub(crate) use value::{Defined, Value, ValueKind, Written};

use crate::errors::Errors;
use crate::parse::{Declaration, Ident, LitStr, Visibility, table, text};
use field::Fields;

/// A struct that is a table.
pub(crate) struct Entity {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) schema: Option<String>,
    pub(crate) table: String,
    pub(crate) columns: Vec<Column>,
    /// Which of the table's rows it is, if not all.
    pub(crate) kind: Option<RowKind>,
    /// The places of the key's columns, in the order of the fields.
    pub(crate) key: Vec<usize>,
    pub(crate) relations: Vec<Relation>,
    /// Fields without a meaning, because of a mistake. There is code for the rest all the same.
    pub(crate) broken: Vec<Ident>,
    pub(crate) insert: Option<Companion>,
    pub(crate) patch: Option<Companion>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) description: Option<String>,
    /// What serde writes, where that is ours to say.
    pub(crate) serialized: Option<Serialized>,
}

impl Entity {
    /// Finds out what a declaration means. Of a mistaken one as much as has a meaning: what is missing would be
    /// complained about wherever the entity is used, and hide the one mistake among many.
    pub(crate) fn new(declaration: Declaration, errors: &Errors) -> Option<Self> {
        let Declaration {
            name,
            visibility,
            words,
            fields,
        } = declaration;
        let understood = !fields.iter().any(|field| field.words.misunderstood);
        check::struct_words(&words, errors);
        let serialized = words.serialize.map(|words| Serialized::new(words, &fields));
        let mut fields = Fields::new(&name, fields, errors);
        let indexes = index::all(words.indexes, &mut fields.columns, errors);
        check::column_names(&fields.columns, errors);
        let kind = words
            .kind
            .and_then(|words| RowKind::new(&words, &fields.columns, errors));
        mark::once(&fields.columns, errors);
        scope::once(&fields.columns, errors);
        let distinct = check::constants(&name, &fields, errors);
        let key = check::key(&name, &fields.columns, understood, errors)?;
        check::key_lengths(&name, &key, &fields, errors);
        let insert_name = words.insert.as_ref().map(|words| words.name.clone());
        let insert = words
            .insert
            .map(|words| Companion::insert(words, &name, &fields.columns, errors));
        let second = check::other_than(words.patch, &insert_name, errors);
        let patch = second.map(|words| Companion::patch(words, &name, &fields.columns, errors));
        distinct.then(|| Self {
            table: words
                .table
                .as_ref()
                .map_or_else(|| table(&text(&name)), LitStr::value),
            schema: words.schema.as_ref().map(LitStr::value),
            kind,
            insert: insert.flatten(),
            patch: patch.flatten(),
            indexes,
            description: words.description.as_ref().map(LitStr::value),
            serialized,
            name,
            visibility,
            columns: fields.columns,
            key,
            relations: fields.relations,
            broken: fields.broken,
        })
    }

    /// The column that says this about a row.
    pub(crate) fn marked(&self, kind: MarkKind) -> Option<&Column> {
        let is_it = |column: &&Column| column.mark.as_ref().is_some_and(|mark| mark.kind == kind);
        self.columns.iter().find(is_it)
    }

    /// The column that names the scope of a row.
    pub(crate) fn scope(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.scope.is_some())
    }

    /// The columns of the key.
    pub(crate) fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().map(|at| &self.columns[*at])
    }
}
