//! What a table is to be, by all entities that are its rows: what is created, and what a live table is compared with.

use super::{ColumnInfo, Index, Reference, Table, Through};
use std::ptr;

/// A table as it is to be.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) table: &'static Table,
    pub(crate) columns: Vec<Wanted>,
    /// The columns of the primary key, behind the scope.
    pub(crate) key: Vec<&'static ColumnInfo>,
    /// What no two rows share.
    pub(crate) unique: Vec<Vec<&'static ColumnInfo>>,
    pub(crate) foreign_keys: Vec<ForeignKey>,
    pub(crate) indexes: Vec<WantedIndex>,
    /// The table's comment, if an entity has one for it.
    pub(crate) description: Option<&'static str>,
    /// Whether it stands between two others, and is no entity's.
    pub(crate) between: bool,
    /// Whether there may be kinds of rows that nobody has named.
    pub(crate) open: bool,
}

/// A column as it is to be.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) info: &'static ColumnInfo,
    /// The same column, as other entities see it.
    pub(crate) others: Vec<&'static ColumnInfo>,
    /// Whether it is never NULL.
    pub(crate) required: bool,
}

/// An index as it is to be: what it begins with, or, where it is unique, all its columns.
#[derive(Debug)]
pub(crate) struct WantedIndex {
    pub(crate) columns: Vec<&'static ColumnInfo>,
    /// As an entity describes it; one that serves a foreign key is described by none.
    pub(crate) described: Option<&'static Index>,
}

/// A foreign key as it is to be.
#[derive(Debug)]
pub(crate) struct ForeignKey {
    /// The columns, and those of the other table that match them.
    pub(crate) columns: Vec<&'static ColumnInfo>,
    pub(crate) target: &'static Table,
    pub(crate) there: Vec<&'static ColumnInfo>,
    pub(crate) on_delete: Option<&'static str>,
    pub(crate) on_update: Option<&'static str>,
    /// How many of the first columns are a scope, which stays when the others are set to NULL.
    pub(crate) scoped: usize,
}

/// The tables of these entities, each once, and behind them those that relations go through and that are no entity's.
pub(crate) fn layouts(tables: &[&'static Table]) -> Vec<Layout> {
    let mut layouts: Vec<Layout> = Vec::with_capacity(tables.len());
    for table in tables {
        if !layouts.iter().any(|other| is_same(other.table, table)) {
            layouts.push(layout(table, tables));
        }
    }
    let kinds = tables.iter().flat_map(|table| table.kinds);
    for table in tables.iter().chain(kinds) {
        for link in table.links {
            let (through, target) = link();
            if !layouts
                .iter()
                .any(|other| is_same(other.table, through.table))
            {
                layouts.push(between(through, table, target));
            }
        }
    }
    layouts
}

/// Whether both name one table.
pub(crate) fn is_same(one: &Table, other: &Table) -> bool {
    (one.name, one.schema) == (other.name, other.schema)
}

fn layout(table: &'static Table, tables: &[&'static Table]) -> Layout {
    let mut named: Vec<&'static Table> = vec![table];
    let others = tables.iter().copied().filter(|other| is_same(other, table));
    named.extend(others.filter(|other| !ptr::eq(*other, table)));
    let kinds: Vec<_> = named.iter().flat_map(|one| one.kinds).copied().collect();
    let open = named.iter().all(|one| one.kind.is_some());
    named.extend(kinds);
    let mut columns: Vec<Wanted> = Vec::new();
    for column in named.iter().flat_map(|one| one.columns) {
        let known = columns
            .iter_mut()
            .find(|other| other.info.name == column.name);
        match known {
            Some(known) => known.others.push(column),
            None => columns.push(Wanted {
                info: column,
                others: Vec::new(),
                required: is_required(column.name, &named),
            }),
        }
    }
    let unique = columns.iter().filter_map(|column| {
        let mut infos = column.infos();
        let unique = infos.find(|info| info.unique)?;
        Some(beside(table).into_iter().chain([unique]).collect())
    });
    let references = columns.iter().filter_map(|column| {
        let mut infos = column.infos();
        infos.find_map(|info| Some((info, info.references.as_ref()?)))
    });
    let references: Vec<_> = references.collect();
    Layout {
        table,
        key: whole_key(table),
        unique: unique.collect(),
        foreign_keys: references
            .iter()
            .map(|(column, reference)| foreign_key(table, column, reference))
            .collect(),
        indexes: references
            .iter()
            .map(|(column, _)| WantedIndex::serving(vec![*column]))
            .chain(described(table, &named))
            .collect(),
        description: named.iter().find_map(|one| one.description),
        between: false,
        open,
        columns,
    }
}

/// The indexes that the entities of a table describe. What is unique is so within the scope.
fn described(table: &'static Table, named: &[&'static Table]) -> impl Iterator<Item = WantedIndex> {
    let mut indexes: Vec<&'static Index> = Vec::new();
    for index in named.iter().flat_map(|one| one.indexes) {
        if !indexes.iter().any(|other| other.is_like(index)) {
            indexes.push(index);
        }
    }
    indexes.into_iter().map(move |index| {
        let among = |scope: &&ColumnInfo| !index.columns.iter().any(|own| own.name == scope.name);
        let scope = beside(table).filter(|_| index.unique).filter(among);
        WantedIndex {
            columns: scope
                .into_iter()
                .chain(index.columns.iter().copied())
                .collect(),
            described: Some(index),
        }
    })
}

/// A kind of rows that has not the column, or has it as an `Option`, makes it one that may be NULL.
fn is_required(name: &str, entities: &[&'static Table]) -> bool {
    let of_one = entities.iter().filter(|entity| entity.kinds.is_empty());
    let mut own = of_one.map(|entity| {
        let mut columns = entity.columns.iter();
        let column = columns.find(|column| column.name == name);
        column.map_or(entity.kind.is_none(), |column| !column.nullable)
    });
    own.all(|required| required)
}

fn foreign_key(
    table: &'static Table,
    column: &'static ColumnInfo,
    reference: &'static Reference,
) -> ForeignKey {
    let target = (reference.table)();
    // A row refers to one of its own scope.
    let ours = table.scope.filter(|ours| !ptr::eq(ours.column, column));
    let both = ours
        .zip(target.scope)
        .filter(|(ours, theirs)| ours.is_like(theirs));
    let both = both.filter(|_| beside(target).is_some());
    let (here, there) = both
        .map(|(ours, theirs)| (ours.column, theirs.column))
        .unzip();
    ForeignKey {
        columns: here.into_iter().chain([column]).collect(),
        target,
        there: there
            .into_iter()
            .chain(target.key.iter().copied())
            .collect(),
        on_delete: reference.on_delete,
        on_update: reference.on_update,
        scoped: usize::from(here.is_some()),
    }
}

/// The table between two others: both keys are its own, and its rows go with either of theirs.
fn between(through: &'static Through, owner: &'static Table, target: &'static Table) -> Layout {
    let scope = through.table.scope;
    let sides = [(through.owners.columns, owner), (through.there, target)];
    // Where one side has scopes and the other has none, no key of the first is in the table whole: nothing can refer to it.
    let refers = |(_, table): &(_, &'static Table)| scope.is_some() || beside(table).is_none();
    let foreign_keys = sides.into_iter().filter(refers).map(|(columns, table)| {
        let both = scope
            .filter(|_| beside(table).is_some())
            .map(|scope| scope.column);
        let columns = columns.iter().copied().take(table.key.len());
        ForeignKey {
            columns: both.into_iter().chain(columns).collect(),
            target: table,
            there: whole_key(table),
            on_delete: Some("cascade"),
            on_update: Some("cascade"),
            scoped: usize::from(both.is_some()),
        }
    });
    let columns = through.table.columns.iter().map(|column| Wanted {
        info: column,
        others: Vec::new(),
        required: true,
    });
    Layout {
        table: through.table,
        columns: columns.collect(),
        key: through.table.columns.to_vec(),
        unique: Vec::new(),
        foreign_keys: foreign_keys.collect(),
        // The primary key serves one side alone.
        indexes: vec![WantedIndex::serving(through.there.to_vec())],
        description: None,
        between: true,
        open: false,
    }
}

/// The column of a scope that the key does not name itself. What is unique is so within the scope.
pub(super) fn beside(table: &'static Table) -> Option<&'static ColumnInfo> {
    let scope = table.scope?.column;
    let named = table.key.iter().any(|part| ptr::eq(*part, scope));
    (!named).then_some(scope)
}

/// The key, behind the scope: one index serves both, and what distributes a database finds the scope in it.
fn whole_key(table: &'static Table) -> Vec<&'static ColumnInfo> {
    beside(table)
        .into_iter()
        .chain(table.key.iter().copied())
        .collect()
}

impl Layout {
    /// The column that names the scope, unless the key does.
    pub(crate) fn scope(&self) -> Option<&'static ColumnInfo> {
        beside(self.table)
    }

    /// The comments on the table and on its columns.
    pub(crate) fn descriptions(&self) -> impl Iterator<Item = (Option<&Wanted>, &'static str)> {
        let of_table = self.description.map(|description| (None, description));
        let of_columns = self.columns.iter();
        let of_columns =
            of_columns.filter_map(|column| Some((Some(column), column.description()?)));
        of_table.into_iter().chain(of_columns)
    }
}

impl WantedIndex {
    /// One that begins with these columns, for a foreign key.
    pub(crate) fn serving(columns: Vec<&'static ColumnInfo>) -> Self {
        Self {
            columns,
            described: None,
        }
    }

    pub(crate) fn is_unique(&self) -> bool {
        self.described.is_some_and(|index| index.unique)
    }

    pub(crate) fn name(&self) -> Option<&'static str> {
        self.described?.name
    }

    pub(crate) fn using(&self) -> Option<&'static str> {
        self.described?.using
    }

    pub(crate) fn predicate(&self) -> Option<&'static str> {
        self.described?.predicate
    }
}

impl Index {
    /// Whether both describe one index, for two kinds of rows.
    fn is_like(&self, other: &Self) -> bool {
        let names = |index: &Self| -> Vec<_> { index.columns.iter().map(|one| one.name).collect() };
        self.name == other.name && names(self) == names(other) && self.using == other.using
    }
}

impl Wanted {
    /// The column, as each entity sees it.
    pub(crate) fn infos(&self) -> impl Iterator<Item = &'static ColumnInfo> {
        [self.info].into_iter().chain(self.others.iter().copied())
    }

    /// The expression that stands in for a value that is left out, be it one that goes with the type.
    pub(crate) fn default(&self) -> Option<&'static str> {
        let given = self.infos().find_map(|info| info.default);
        given.or_else(|| match self.info.ty.base() {
            _ if !self.generated() || self.computed().is_some() => None,
            "uuid" => Some("gen_random_uuid()"),
            "timestamptz" | "timestamp" | "date" | "time" => Some("now()"),
            _ => None,
        })
    }

    /// Whether the database numbers the rows with it.
    pub(crate) fn numbered(&self) -> bool {
        self.generated() && self.default().is_none() && self.computed().is_none()
    }

    /// The expression that the database computes every value from.
    pub(crate) fn computed(&self) -> Option<&'static str> {
        self.infos().find_map(|info| info.computed)
    }

    /// Its comment, if an entity has one for it.
    pub(crate) fn description(&self) -> Option<&'static str> {
        self.infos().find_map(|info| info.description)
    }

    fn generated(&self) -> bool {
        self.infos().any(|info| info.generated)
    }
}

impl ForeignKey {
    /// Whether a key on columns of these names is it. A scope may be missing there, or others be there too.
    pub(crate) fn is_on(&self, names: &[String]) -> bool {
        let mut own = self.columns.iter().skip(self.scoped);
        own.all(|column| names.iter().any(|name| name == column.name))
    }
}
