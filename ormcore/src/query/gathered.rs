//! Rows as they come back: by themselves, or in a store that looks for each before it reads it.

use crate::db::Row;
use crate::entity::Entity;
use crate::error::Result;
use crate::sql::ColumnInfo;
use crate::value::Keys;
use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::ptr;

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

/// Where the rows of one result are put. They are numbered as they come.
pub(crate) trait Shelf: Send + Sync {
    /// Puts the next row here, and reads it only if it is not known.
    fn put(&mut self, row: Row<'_>) -> Result<()>;

    /// The last row once more.
    fn again(&mut self);

    /// Where each row is; nowhere, if nobody is to see it.
    fn slots(&self) -> &[Option<u32>];

    /// What these columns of each row hold.
    fn keys(&self, columns: &[&'static ColumnInfo]) -> Cow<'_, [Option<Keys>]>;

    /// Whether the row is known that the key of each row leads to by this relation.
    fn known(&self, relation: RelationId) -> Vec<bool>;

    /// Keeps in mind which of the rows that were found belong to each row. `whole`: whether those are all that do.
    fn belong(&self, relation: RelationId, whole: bool, of_each: &[Vec<usize>], found: &dyn Shelf);
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
            Some((_, shelf)) => shelf.slots().len(),
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
}

impl<E> fmt::Debug for Gathered<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered")
            .field("rows", &self.rows.len())
            .field("kept", &self.kept.is_some())
            .finish()
    }
}
