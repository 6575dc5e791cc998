//! Compares the tables of entities with those of a database: what would make a statement fail, or be slow, is a gap. What makes no
//! difference is none: a type the field can hold too, columns that new rows may leave out, more indexes and constraints.

use super::gap::{Lack, TableGap};
use super::live::{Live, LiveColumn, LiveForeignKey, LiveIndex, LiveTable};
use crate::sql::{ColumnInfo, ForeignKey, Layout, Wanted, WantedIndex};
use crate::value::SqlType;

/// What the table lacks.
pub(super) fn table_gaps<'a>(layout: &'a Layout, live: &'a Live) -> Vec<TableGap<'a>> {
    let found = live.table(layout.table);
    let mut gaps = Gaps {
        layout,
        live,
        found,
        anew: Vec::new(),
        gaps: Vec::new(),
    };
    let Some(found) = found else {
        gaps.missing();
        return gaps.gaps;
    };
    for wanted in &layout.columns {
        match found.column(wanted.info.name) {
            Some(column) => gaps.column(found, wanted, column),
            None => gaps.push(Lack::Column(wanted), false),
        }
    }
    if found.has_keys() {
        gaps.unknown(found);
        gaps.keys(found);
        gaps.foreign_keys(found);
        gaps.indexes(found);
        gaps.descriptions(found);
    }
    gaps.gaps
}

struct Gaps<'a> {
    layout: &'a Layout,
    live: &'a Live,
    found: Option<&'a LiveTable>,
    /// Columns that have to be dropped and added anew, and all that is made on them too.
    anew: Vec<&'static str>,
    gaps: Vec<TableGap<'a>>,
}

impl<'a> Gaps<'a> {
    fn push(&mut self, lack: Lack<'a>, implied: bool) {
        self.gaps.push(TableGap {
            layout: self.layout,
            live: self.found,
            lack,
            implied,
        });
    }

    fn missing(&mut self) {
        self.push(Lack::Table, false);
        // A table between two others is made with its foreign keys.
        let keys = self.layout.foreign_keys.iter();
        for foreign_key in keys.filter(|_| !self.layout.between) {
            self.push(Lack::ForeignKey(foreign_key), true);
        }
        // Its keys bring an index each.
        let layout = self.layout;
        let begins = |key: &[&ColumnInfo], columns: &[&ColumnInfo]| {
            let first = key.get(..columns.len()).unwrap_or_default();
            let among = |column: &&ColumnInfo| first.iter().any(|part| part.name == column.name);
            columns.iter().all(among)
        };
        for index in &layout.indexes {
            let mut keys = [&layout.key].into_iter().chain(&layout.unique);
            let own = index.name().is_some() || index.is_unique() || index.using().is_some();
            if own || !keys.any(|key| begins(key, &index.columns)) {
                self.push(Lack::Index(index), true);
            }
        }
        for (column, description) in layout.descriptions() {
            self.push(Lack::Description(column, description), true);
        }
    }

    fn column(&mut self, found: &LiveTable, wanted: &'a Wanted, column: &'a LiveColumn) {
        let element = match wanted.info.ty.is_array() {
            true => self
                .live
                .catalog
                .described(column.ty)
                .and_then(|array| array.under),
            false => Some(column.ty),
        };
        let same_name = wanted.info.ty.definition().is_some_and(|definition| {
            element.is_some() && self.live.ty(SqlType::named(definition.sql)) == element
        });
        // A type of the name that is something else is a gap of the type's.
        if !same_name && !wanted.infos().all(|info| self.fits(info, column.ty)) {
            self.push(Lack::Type(wanted, column), false);
        }
        if found.is_view() {
            return;
        }
        let in_key = self.layout.key.iter().any(|part| part.name == column.name);
        if wanted.required && !column.not_null && !column.of_values && (in_key || !self.layout.open)
        {
            self.push(Lack::Required(wanted), false);
        }
        // What numbers itself is never NULL, whatever the field says.
        if !wanted.required && column.not_null && column.made.is_none() {
            self.push(Lack::Nullable(wanted), false);
        }
        let default = wanted
            .default()
            .is_some_and(|text| !text.eq_ignore_ascii_case("null"));
        let computed = matches!(column.made, Some(b's' | b'v'));
        if wanted.computed().is_some() && !computed {
            self.anew.push(wanted.info.name);
            return self.push(Lack::Computed(wanted), false);
        }
        if (default || wanted.numbered()) && !column.has_default() && !found.fills {
            self.push(Lack::Default(wanted), false);
        }
        let always = matches!(column.made, Some(b'a' | b's' | b'v'));
        if always && !wanted.infos().any(|info| info.generated) {
            self.push(Lack::Given(wanted, column), false);
        }
    }

    /// Whether a field can hold what the column has. A domain is sent as what is under it.
    fn fits(&self, info: &ColumnInfo, ty: u32) -> bool {
        let catalog = &self.live.catalog;
        let accepts = |oid| catalog.get(oid).is_some_and(|ty| (info.accepts)(&ty));
        accepts(ty) || accepts(catalog.base(ty))
    }

    fn unknown(&mut self, found: &'a LiveTable) {
        let wanted = |name: &str| {
            self.layout
                .columns
                .iter()
                .any(|column| column.info.name == name)
        };
        let unknown = found.columns.iter().filter(|column| {
            let required = column.not_null || column.of_values;
            required && !column.has_default() && !found.fills && !wanted(&column.name)
        });
        for column in unknown {
            self.push(Lack::Field(column), false);
        }
    }

    fn keys(&mut self, found: &'a LiveTable) {
        let (layout, live) = (self.layout, self.found);
        if !is_unique(layout, live, &layout.key, false) {
            let implied = self.lacks_one_of(found, &layout.key);
            self.push(Lack::PrimaryKey, implied);
        }
        for columns in &layout.unique {
            // Who deletes by a mark, or has one kind of the rows, may leave the others out.
            let partial =
                layout.table.deleted.is_some() || layout.table.kind.is_some() || layout.open;
            if self.is_anew(columns) || !is_unique(layout, live, columns, partial) {
                let implied = self.lacks_one_of(found, columns);
                self.push(Lack::Unique(columns), implied);
            }
        }
    }

    fn foreign_keys(&mut self, found: &'a LiveTable) {
        for foreign_key in &self.layout.foreign_keys {
            let target = self.live.table(foreign_key.target);
            if target.is_some_and(|target| !target.has_keys()) {
                continue;
            }
            let target = target.map(|target| target.oid);
            let keys = self.live.foreign_keys.iter();
            let mut keys = keys.filter(|key| {
                key.from == found.oid && Some(key.to) == target && foreign_key.is_on(&key.columns)
            });
            let first = keys.next().filter(|_| !self.is_anew(&foreign_key.columns));
            let acts = |key: &LiveForeignKey| acts(foreign_key, key);
            match first {
                None => {
                    let implied = self.lacks_one_of(found, &foreign_key.columns);
                    self.push(Lack::ForeignKey(foreign_key), implied);
                }
                Some(first) if !acts(first) && !keys.any(acts) => {
                    self.push(Lack::Action(foreign_key, first), false);
                }
                Some(_) => {}
            }
        }
    }

    fn indexes(&mut self, found: &'a LiveTable) {
        let scope = self.layout.scope();
        for wanted in &self.layout.indexes {
            let mut indexes = found.indexes.iter();
            let anew = self.is_anew(&wanted.columns);
            if anew || !indexes.any(|index| serves(index, wanted, scope)) {
                let implied = self.lacks_one_of(found, &wanted.columns);
                self.push(Lack::Index(wanted), implied);
            }
        }
    }

    fn descriptions(&mut self, found: &'a LiveTable) {
        for (wanted, description) in self.layout.descriptions() {
            let missing = wanted.is_some_and(|wanted| self.lacks_one_of(found, &[wanted.info]));
            let said = match wanted {
                None => found.description.as_deref(),
                Some(wanted) => found
                    .column(wanted.info.name)
                    .and_then(|column| column.description.as_deref()),
            };
            if missing || said != Some(description) {
                self.push(Lack::Description(wanted, description), missing);
            }
        }
    }

    fn lacks_one_of(&self, found: &LiveTable, columns: &[&ColumnInfo]) -> bool {
        let mut missing = columns.iter();
        self.is_anew(columns) || missing.any(|column| found.column(column.name).is_none())
    }

    fn is_anew(&self, columns: &[&ColumnInfo]) -> bool {
        let mut columns = columns.iter();
        columns.any(|column| self.anew.contains(&column.name))
    }
}

/// Whether an index does what one is wanted for: it goes by its name, or begins with its columns and is of its kind. Which rows
/// one has that leaves some out nobody compares.
fn serves(index: &LiveIndex, wanted: &WantedIndex, scope: Option<&'static ColumnInfo>) -> bool {
    if wanted.name() == Some(&*index.name) {
        return true;
    }
    let begins = |with: &[&ColumnInfo]| {
        let first = index.columns.get(..with.len());
        first.is_some_and(|first| with.iter().all(|column| has(first, column)))
    };
    let columns = &*wanted.columns;
    let within = || scope.is_some_and(|scope| begins(&[&[scope], columns].concat()));
    let unique = index.unique && index.columns.len() == columns.len();
    let of_kind = wanted.using().is_none_or(|using| index.using == using);
    let whole = !index.partial && wanted.predicate().is_none();
    whole && of_kind && (unique || !wanted.is_unique()) && (begins(columns) || within())
}

/// Whether no two rows of the table share these columns, as far as indexes say: within the scope or in all of them. An index of a
/// partitioned table has the columns of its partitions too.
fn is_unique(
    layout: &Layout,
    found: Option<&LiveTable>,
    columns: &[&'static ColumnInfo],
    partial: bool,
) -> bool {
    let Some(found) = found else { return false };
    let scope = layout.table.scope.map(|scope| scope.column.name);
    let all = columns.iter().filter(|column| Some(column.name) != scope);
    let all: Vec<_> = all.copied().collect();
    let same = |index: &LiveIndex, columns: &[&ColumnInfo]| {
        let known = columns.iter().all(|column| has(&index.columns, column));
        !columns.is_empty()
            && known
            && (index.columns.len() == columns.len() || found.is_partitioned())
    };
    found.indexes.iter().any(|index| {
        index.unique && (partial || !index.partial) && (same(index, columns) || same(index, &all))
    })
}

fn has(names: &[Option<String>], column: &ColumnInfo) -> bool {
    names
        .iter()
        .any(|name| name.as_deref() == Some(column.name))
}

/// Whether the key does what is asked of it; what is not asked for may be anything.
fn acts(wanted: &ForeignKey, found: &LiveForeignKey) -> bool {
    let mut letters = found.actions.chars();
    [wanted.on_delete, wanted.on_update]
        .into_iter()
        .all(|action| {
            let letter = letters.next();
            action.is_none_or(|action| letter == letter_of(action))
        })
}

fn letter_of(action: &str) -> Option<char> {
    match action.to_ascii_lowercase().as_str() {
        "no action" => Some('a'),
        "restrict" => Some('r'),
        "cascade" => Some('c'),
        "set null" => Some('n'),
        "set default" => Some('d'),
        _ => None,
    }
}

/// Whether an index of the whole table is on these columns, and on no others.
pub(super) fn has_unique(found: &LiveTable, columns: &[&ColumnInfo]) -> bool {
    found.indexes.iter().any(|index| {
        let same = index.columns.len() == columns.len();
        index.unique
            && !index.partial
            && same
            && columns.iter().all(|column| has(&index.columns, column))
    })
}
