//! Rows as they come back: by themselves, or in a store that looks for each before it reads it.

use crate::db::Row;
use crate::entity::Entity;
use crate::error::Result;
use crate::sql::ColumnInfo;
use crate::value::{KeyMap, Keys};
use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::fmt;
use std::ptr;
use std::sync::Arc;

/// Which relation it is, by the address of its description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RelationId(usize);

impl RelationId {
    pub(crate) fn of<T>(description: &'static T) -> Self {
        Self(ptr::from_ref(description).addr())
    }
}

/// Somebody who keeps rows in a way of his own: each once, by its key.
pub(crate) trait Store: Sync {
    /// A place for the rows that a relation of these owners leads to.
    fn shelf(&self, owner: TypeId, relation: RelationId) -> Result<Box<dyn Shelf + '_>>;
}

/// Where the rows of one result are put, until the whole answer is there. They are numbered as they come.
pub(crate) trait Shelf: Send + Sync {
    /// Puts the next row here, and reads it only if it is not known.
    fn put(&mut self, row: Row<'_>) -> Result<()>;

    /// The last row once more.
    fn again(&mut self);

    /// How many rows there are, also those that nobody is to see.
    fn len(&self) -> usize;

    /// What these columns of each row hold.
    fn keys(&self, columns: &[&'static ColumnInfo]) -> Cow<'_, [Option<Keys>]>;

    /// Whether the row is known that the key of each row leads to by this relation, or has come already.
    fn known(&self, relation: RelationId, above: &Line) -> Vec<bool>;

    /// What has come when these rows are all there, those above them included.
    fn line(&self, above: &Line) -> Line;

    /// Keeps in mind what was found for the rows, and which of it belongs to each, unless that is told by keys. `whole`:
    /// whether that is all that does.
    fn belong(
        &mut self,
        relation: RelationId,
        whole: bool,
        of_each: Option<Vec<Vec<usize>>>,
        found: Box<dyn Any + Send>,
    );

    /// What is on it, for whoever keeps it.
    fn close(self: Box<Self>) -> Box<dyn Any + Send>;
}

/// The rows that have come for an answer, from its first ones down to some: by type and key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(Option<Arc<Came>>);

#[derive(Debug)]
struct Came {
    kind: TypeId,
    keys: Arc<KeyMap>,
    above: Line,
}

impl Line {
    /// With more rows below.
    pub(crate) fn and(&self, kind: TypeId, keys: Arc<KeyMap>) -> Self {
        let above = self.clone();
        Self(Some(Arc::new(Came { kind, keys, above })))
    }

    /// Whether the row of this type with this key has come.
    pub(crate) fn has(&self, kind: TypeId, key: &Keys) -> bool {
        let came = self.0.as_ref();
        came.is_some_and(|came| {
            (came.kind == kind && came.keys.get(key).is_some()) || came.above.has(kind, key)
        })
    }
}

/// The rows of one result.
pub struct Gathered<'s, E> {
    rows: Vec<E>,
    /// Where they are instead, if somebody keeps them.
    kept: Option<(&'s dyn Store, Box<dyn Shelf + 's>)>,
}

impl<'s, E: Entity> Gathered<'s, E> {
    /// Rows by themselves.
    pub(crate) fn plain() -> Self {
        Self {
            rows: Vec::new(),
            kept: None,
        }
    }

    /// Rows in a store.
    pub(crate) fn kept(store: &'s dyn Store, shelf: Box<dyn Shelf + 's>) -> Self {
        Self {
            rows: Vec::new(),
            kept: Some((store, shelf)),
        }
    }

    /// The rows that a relation leads to, where its owners are kept.
    pub(crate) fn beside(
        store: Option<&'s dyn Store>,
        owner: TypeId,
        relation: RelationId,
    ) -> Result<Self> {
        match store {
            None => Ok(Self::plain()),
            Some(store) => Ok(Self::kept(store, store.shelf(owner, relation)?)),
        }
    }

    pub(crate) fn reserve(&mut self, likely: usize) {
        if self.kept.is_none() {
            self.rows.reserve_exact(likely);
        }
    }

    /// The next row.
    #[inline]
    pub(crate) fn put(&mut self, row: Row<'_>) -> Result<()> {
        match &mut self.kept {
            None => self.rows.push(E::from_row(&row)?),
            Some((_, shelf)) => shelf.put(row)?,
        }
        Ok(())
    }

    /// The last row once more.
    pub(crate) fn again(&mut self, row: Row<'_>) -> Result<()> {
        match &mut self.kept {
            None => self.rows.push(E::from_row(&row)?),
            Some((_, shelf)) => shelf.again(),
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        match &self.kept {
            None => self.rows.len(),
            Some((_, shelf)) => shelf.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn store(&self) -> Option<&'s dyn Store> {
        self.kept.as_ref().map(|(store, _)| *store)
    }

    pub(crate) fn shelf(&self) -> Option<&dyn Shelf> {
        self.kept.as_ref().map(|(_, shelf)| &**shelf)
    }

    pub(crate) fn shelf_mut(&mut self) -> Option<&mut (dyn Shelf + 's)> {
        self.kept.as_mut().map(|(_, shelf)| &mut **shelf)
    }

    /// Those that are by themselves.
    pub(crate) fn rows(&self) -> &[E] {
        &self.rows
    }

    pub(crate) fn rows_mut(&mut self) -> &mut [E] {
        &mut self.rows
    }

    pub(crate) fn into_rows(self) -> Vec<E> {
        self.rows
    }

    /// What there is for somebody who keeps it.
    pub(crate) fn into_kept(self) -> Option<Box<dyn Any + Send>> {
        self.kept.map(|(_, shelf)| shelf.close())
    }
}

impl<E> fmt::Debug for Gathered<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered")
            .field("rows", &self.rows.len())
            .field("kept", &self.kept.is_some())
            .finish()
    }
}
