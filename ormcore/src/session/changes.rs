//! What a flush would write, as data and as text.

use std::fmt;

/// What a flush would write now: [`Session::changes`](super::Session::changes).
///
/// As text it is a line for each statement, such as `update 2 of users: name, age`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub(super) list: Vec<Change>,
}

/// New values for rows of one table, in the same columns: a part of [`Changes`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// What is done.
    pub kind: ChangeKind,
    /// The entity.
    pub entity: &'static str,
    /// The table.
    pub table: &'static str,
    /// The columns that are written; none of rows that are removed.
    pub columns: Vec<&'static str>,
    /// How many rows.
    pub rows: usize,
}

/// What is done with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// They are inserted.
    Insert,
    /// They are changed.
    Update,
    /// They are removed, or marked as deleted.
    Delete,
    /// They are linked to others by a table between.
    Link,
    /// They are no longer linked.
    Unlink,
}

/// How many rows a flush wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flush {
    /// Rows that were inserted.
    pub pending: usize,
    /// Rows that were changed.
    pub dirty: usize,
    /// Rows that were removed; those that had gone already are not counted.
    pub deleted: usize,
    /// Links of a table between that were to come or to go; those that were so already are counted too.
    pub links: usize,
}

/// What a session knows about one row: [`Session::state`](super::Session::state).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowState {
    /// It is inserted by the next flush.
    Pending,
    /// It is as the database has it, as far as is known.
    Clean,
    /// These columns differ; the next flush writes them.
    Dirty(Vec<&'static str>),
    /// It is removed by the next flush, or was.
    Deleted,
    /// It has to be read again before it is used.
    Expired,
}

impl Changes {
    /// Whether a flush would write nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many rows are new.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.count(ChangeKind::Insert)
    }

    /// How many rows changed.
    #[must_use]
    pub fn dirty(&self) -> usize {
        self.count(ChangeKind::Update)
    }

    /// How many rows are to be removed.
    #[must_use]
    pub fn deleted(&self) -> usize {
        self.count(ChangeKind::Delete)
    }

    /// How many links are to come or to go.
    #[must_use]
    pub fn links(&self) -> usize {
        self.count(ChangeKind::Link) + self.count(ChangeKind::Unlink)
    }

    /// What is written, one by one.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.list.iter()
    }

    fn count(&self, kind: ChangeKind) -> usize {
        let of_kind = self.list.iter().filter(|change| change.kind == kind);
        of_kind.map(|change| change.rows).sum()
    }

    /// One row more.
    pub(super) fn add(
        &mut self,
        kind: ChangeKind,
        table: &'static crate::sql::Table,
        columns: Vec<&'static str>,
    ) {
        let alike = |change: &&mut Change| {
            change.kind == kind && change.table == table.name && change.columns == columns
        };
        match self.list.iter_mut().find(alike) {
            Some(change) => change.rows += 1,
            None => self.list.push(Change {
                kind,
                entity: table.entity,
                table: table.name,
                columns,
                rows: 1,
            }),
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, change) in self.list.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            change.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, rows, .. } = self;
        let columns = self.columns.join(", ");
        match self.kind {
            ChangeKind::Insert => write!(f, "insert {rows} into {table}: {columns}"),
            ChangeKind::Update => write!(f, "update {rows} of {table}: {columns}"),
            ChangeKind::Delete => write!(f, "delete {rows} from {table}"),
            ChangeKind::Link => write!(f, "link {rows} in {table}"),
            ChangeKind::Unlink => write!(f, "unlink {rows} in {table}"),
        }
    }
}

impl Flush {
    /// All the rows it wrote, those of tables between included.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.pending + self.dirty + self.deleted + self.links
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            pending: self.pending + other.pending,
            dirty: self.dirty + other.dirty,
            deleted: self.deleted + other.deleted,
            links: self.links + other.links,
        }
    }
}
