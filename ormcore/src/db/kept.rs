//! What a layer above keeps with a handle, such as hooks, or the span of a session. What it is, nobody here has to know.

use super::pool::Db;
use crate::telemetry::{Scope, SessionOpen};
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

    /// The same database, for a session that has a span of its own.
    pub(crate) fn inside(&self, open: SessionOpen) -> Self {
        let mut inside = self.clone();
        inside.open = Some(Arc::new(open));
        inside
    }

    /// The session is not there any more, whoever still has its handle.
    pub(crate) fn leave(&self) {
        if let Some(open) = &self.open {
            open.close();
        }
    }

    /// The span of the session whose handle it is.
    pub(crate) fn around(&self) -> Option<&Scope> {
        self.open.as_deref().map(SessionOpen::scope)
    }

    /// What was given to keep, if it is such a thing.
    pub(crate) fn kept<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.kept.0.clone()?.downcast().ok()
    }
}
