//! A difference between a program and a database, in words.

use super::gap::{Lack, TableGap, TypeGap, TypeLack};
use crate::sql::{ColumnInfo, Table, Wanted, bare_type};
use std::fmt;

/// One difference between what entities describe and what a database has: [`differences`](super::differences).
///
/// Its text names the table and the column, and says what to do about it.
///
/// # Examples
/// ```no_run
/// use ormcore::schema::{self, DifferenceKind};
/// use ormcore::{Db, Entity, entities};
///
/// #[derive(Entity)]
/// struct User {
///     #[orm(primary_key, generated)]
///     id: i64,
///     name: String,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/shop").await?;
///     for difference in schema::differences(&db, entities![User]).await? {
///         if difference.kind != DifferenceKind::IndexMissing {
///             println!("{}: {difference}", difference.name);
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// What kind of difference it is.
    pub kind: DifferenceKind,
    /// The table, or the type, with its schema where the entity gives one.
    pub name: String,
    /// The columns it is about, or the labels or fields of the type.
    pub columns: Vec<String>,
    /// What is the matter.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
}

/// The kinds of [`Difference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// An enum, a composite type or a domain is not there.
    TypeMissing,
    /// The name of a type is that of another kind of type, or of a domain over another type.
    TypeForm,
    /// An enum has other labels.
    Labels,
    /// A composite type has other fields.
    Fields,
    /// A table is not there.
    TableMissing,
    /// A column is not there.
    ColumnMissing,
    /// A column has a type that the field cannot hold.
    ColumnType,
    /// A column may be NULL, and the field is no `Option`.
    MayBeNull,
    /// A column is NOT NULL, and the field is an `Option`.
    NeverNull,
    /// Nothing makes the value of a column that new rows may leave out.
    NotGenerated,
    /// The database makes the value of a column that new rows bring along.
    AlwaysGenerated,
    /// A column that the entity has not is NOT NULL and has no default: rows cannot be inserted.
    UnknownRequired,
    /// The columns of the key are not unique.
    PrimaryKey,
    /// A column is not unique.
    NotUnique,
    /// A foreign key is not there.
    ForeignKeyMissing,
    /// A foreign key does something else when the other row is deleted, or its key changes.
    ForeignKeyAction,
    /// An index is not there: one that the entity names, or that serves a foreign key.
    IndexMissing,
    /// A column is not computed by the database, and the entity says how it is.
    NotComputed,
    /// The comment on a table or column is not the entity's `description`. [`verify`](super::verify) does not mind.
    Description,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.text, self.remedy)
    }
}

impl Difference {
    pub(super) fn of_type(gap: &TypeGap) -> Self {
        let definition = gap.definition;
        let name = match definition.schema {
            Some(schema) => format!("{schema}.{}", definition.name),
            None => definition.name.to_owned(),
        };
        let words = |names: &[&str]| listed(names.iter().copied());
        let mut columns: Vec<String> = Vec::new();
        let (kind, text, remedy) = match &gap.lack {
            TypeLack::Type => (
                DifferenceKind::TypeMissing,
                format!("the type `{name}` is missing"),
                "create it".to_owned(),
            ),
            TypeLack::Form => (
                DifferenceKind::TypeForm,
                format!("`{name}` is another kind of type"),
                "create it anew under this name".to_owned(),
            ),
            TypeLack::Base(under) => (
                DifferenceKind::TypeForm,
                format!("the domain `{name}` is over another type than `{under}`"),
                "create it anew".to_owned(),
            ),
            TypeLack::Labels { missing, unknown } => {
                columns.extend(missing.iter().map(|label| (*label).to_owned()));
                columns.extend(unknown.iter().cloned());
                let unknown: Vec<_> = unknown.iter().map(String::as_str).collect();
                let (what, remedy) = match (&**missing, &*unknown) {
                    (missing, []) => (format!("has no {}", words(missing)), "add the labels"),
                    ([], unknown) => (
                        format!("has {}, for which there is no variant", words(unknown)),
                        "add variants, or create it anew",
                    ),
                    (missing, unknown) => (
                        format!("has no {}, but {}", words(missing), words(unknown)),
                        "rename labels (ALTER TYPE … RENAME VALUE), or create it anew",
                    ),
                };
                let text = format!("the enum `{name}` {what}");
                (DifferenceKind::Labels, text, remedy.to_owned())
            }
            TypeLack::Fields {
                missing,
                unknown,
                other,
                ..
            } => {
                let mut parts = Vec::new();
                for (fields, what) in [(missing, "no"), (other, "with another type")] {
                    columns.extend(fields.iter().map(|field| field.name.clone()));
                    if !fields.is_empty() {
                        parts.push(format!(
                            "{what} {}",
                            listed(fields.iter().map(|field| &*field.name))
                        ));
                    }
                }
                columns.extend(unknown.iter().cloned());
                if !unknown.is_empty() {
                    let unknown = listed(unknown.iter().map(String::as_str));
                    parts.push(format!("{unknown}, which the struct has not"));
                }
                let text = format!("the type `{name}` has {}", parts.join(", "));
                (
                    DifferenceKind::Fields,
                    text,
                    "alter its attributes".to_owned(),
                )
            }
        };
        Self {
            kind,
            name,
            columns,
            text,
            remedy,
        }
    }

    pub(super) fn of_table(gap: &TableGap<'_>) -> Self {
        let table = gap.layout.table;
        let name = name_of(table);
        let at = |column: &str| format!("`{name}.{column}`");
        let field = |wanted: &Wanted| match gap.layout.between {
            true => "the link".to_owned(),
            false => format!("`{}.{}`", table.entity, wanted.info.field),
        };
        let columns = gap.columns();
        let of_columns = || format!("`{name}` ({})", columns.join(", "));
        let (kind, text, remedy) = match gap.lack {
            Lack::Table => (
                DifferenceKind::TableMissing,
                format!("the table `{name}` is missing"),
                "create it, or look at the search_path".to_owned(),
            ),
            Lack::Column(wanted) => (
                DifferenceKind::ColumnMissing,
                format!("{} is missing", at(wanted.info.name)),
                format!("add it as {}{}", wanted.info.ty, null(wanted)),
            ),
            Lack::Type(wanted, found) => (
                DifferenceKind::ColumnType,
                format!(
                    "{} is {}, which {} cannot hold",
                    at(&found.name),
                    found.ty_name,
                    field(wanted)
                ),
                format!("make it {}, or change the field", bare_type(wanted.info.ty)),
            ),
            Lack::Required(wanted) => (
                DifferenceKind::MayBeNull,
                format!(
                    "{} may be NULL, and {} is no Option",
                    at(wanted.info.name),
                    field(wanted)
                ),
                "make it NOT NULL, or the field an Option".to_owned(),
            ),
            Lack::Nullable(wanted) => (
                DifferenceKind::NeverNull,
                format!(
                    "{} is NOT NULL, and {} is an Option",
                    at(wanted.info.name),
                    field(wanted)
                ),
                "let it be NULL, or make the field no Option".to_owned(),
            ),
            Lack::Default(wanted) => (
                DifferenceKind::NotGenerated,
                format!(
                    "{} has no default, and new rows may leave it out",
                    at(wanted.info.name)
                ),
                match wanted.default() {
                    Some(default) => format!("give it the default {default}"),
                    None => "make it an identity".to_owned(),
                },
            ),
            Lack::Given(wanted, found) => (
                DifferenceKind::AlwaysGenerated,
                format!(
                    "{} is always made by the database, and new rows bring a value",
                    at(&found.name)
                ),
                format!(
                    "put `generated` on {}, or let the column take values",
                    field(wanted)
                ),
            ),
            Lack::Field(found) => (
                DifferenceKind::UnknownRequired,
                format!(
                    "{} is NOT NULL without a default, and `{}` has no field for it",
                    at(&found.name),
                    table.entity
                ),
                "add the field, or give the column a default".to_owned(),
            ),
            Lack::PrimaryKey => (
                DifferenceKind::PrimaryKey,
                format!("{} is the key, and is not unique", of_columns()),
                match gap
                    .live
                    .and_then(|live| live.indexes.iter().find(|index| index.primary))
                {
                    Some(index) => {
                        let names = index.columns.iter().flatten().map(String::as_str);
                        format!(
                            "make it so, or mark the fields of the primary key ({})",
                            names.collect::<Vec<_>>().join(", ")
                        )
                    }
                    None => "make it the primary key".to_owned(),
                },
            ),
            Lack::Unique(_) => (
                DifferenceKind::NotUnique,
                format!("{} is not unique", of_columns()),
                "add a unique constraint".to_owned(),
            ),
            Lack::ForeignKey(key) => (
                DifferenceKind::ForeignKeyMissing,
                format!(
                    "{} has no foreign key to `{}`",
                    of_columns(),
                    name_of(key.target)
                ),
                "add it".to_owned(),
            ),
            Lack::Action(key, found) => {
                let on = [("ON DELETE", key.on_delete), ("ON UPDATE", key.on_update)];
                let on = on
                    .iter()
                    .filter_map(|(when, action)| Some(format!("{when} {}", (*action)?)));
                (
                    DifferenceKind::ForeignKeyAction,
                    format!(
                        "the foreign key `{}` of `{name}` does not say {}",
                        found.name,
                        on.collect::<Vec<_>>().join(" ")
                    ),
                    "make it anew".to_owned(),
                )
            }
            Lack::Index(index) => match index.described {
                None => (
                    DifferenceKind::IndexMissing,
                    format!("{} has no index, and refers to another table", of_columns()),
                    "create one, or the rows are looked for one by one".to_owned(),
                ),
                Some(described) => (
                    DifferenceKind::IndexMissing,
                    match described.name {
                        Some(index) => format!("{} has no index `{index}`", of_columns()),
                        None => format!("{} has no index", of_columns()),
                    },
                    "create it".to_owned(),
                ),
            },
            Lack::Computed(wanted) => (
                DifferenceKind::NotComputed,
                format!("{} is not computed by the database", at(wanted.info.name)),
                "drop it and add it anew, or leave the expression out".to_owned(),
            ),
            Lack::Description(wanted, _) => (
                DifferenceKind::Description,
                match wanted {
                    Some(wanted) => format!("{} has another comment", at(wanted.info.name)),
                    None => format!("`{name}` has another comment"),
                },
                "make it the entity's `description`".to_owned(),
            ),
        };
        Self {
            kind,
            name,
            columns,
            text,
            remedy,
        }
    }
}

impl TableGap<'_> {
    fn columns(&self) -> Vec<String> {
        let names = |columns: &[&ColumnInfo]| {
            columns
                .iter()
                .map(|column| column.name.to_owned())
                .collect()
        };
        match &self.lack {
            Lack::Table | Lack::Description(None, _) => Vec::new(),
            Lack::PrimaryKey => names(&self.layout.key),
            Lack::Column(wanted)
            | Lack::Type(wanted, _)
            | Lack::Required(wanted)
            | Lack::Nullable(wanted)
            | Lack::Default(wanted)
            | Lack::Computed(wanted)
            | Lack::Description(Some(wanted), _)
            | Lack::Given(wanted, _) => vec![wanted.info.name.to_owned()],
            Lack::Field(found) => vec![found.name.clone()],
            Lack::Unique(columns) => names(columns),
            Lack::Index(index) => names(&index.columns),
            Lack::ForeignKey(key) | Lack::Action(key, _) => names(&key.columns),
        }
    }
}

/// A table's name, with its schema where the entity gives one.
pub(super) fn name_of(table: &Table) -> String {
    match table.schema {
        Some(schema) => format!("{schema}.{}", table.name),
        None => table.name.to_owned(),
    }
}

fn null(wanted: &Wanted) -> &'static str {
    match wanted.required {
        true => " NOT NULL",
        false => "",
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
