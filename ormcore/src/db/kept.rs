//! What a layer above keeps with a handle, such as hooks. What it is, nobody here has to know.

use super::pool::Db;
use std::any::Any;
use std::sync::Arc;

/// Something, or nothing.
#[derive(Clone, Default)]
pub(super) struct Kept(Option<Arc<dyn Any + Send + Sync>>);

impl Db {
    /// The same database, with something to keep.
    pub(crate) fn keeping<T: Any + Send + Sync>(&self, what: Option<Arc<T>>) -> Self {
        let mut keeping = self.clone();
        keeping.kept = Kept(what.map(|what| what as _));
        keeping
    }

    /// What was given to keep, if it is such a thing.
    pub(crate) fn kept<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.kept.0.clone()?.downcast().ok()
    }
}
