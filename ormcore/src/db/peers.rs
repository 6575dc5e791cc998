//! Rows that came together: which result they belong to, what their relations may do, and how they find each other.

use crate::telemetry::ResultSet;
use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

/// What the load of a relation does that was not loaded along with its owner.
///
/// Nothing is ever loaded by itself: a relation that nobody asks for costs no statement, its `get` is an error, and never an empty
/// list. What other libraries call `noload` is therefore the rule; [`Raise`](Self::Raise) also forbids to ask later.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, One, Result};
/// # #[derive(Entity)]
/// # struct User { #[orm(primary_key, generated)] id: i64, name: String }
/// # #[derive(Entity)]
/// # struct Post {
/// #     #[orm(primary_key, generated)] id: i64,
/// #     author_id: i64,
/// #     #[orm(belongs_to(key = author_id))] author: One<User>,
/// # }
/// # async fn run(db: &Db) -> Result<()> {
/// use ormcore::Lazy;
///
/// for post in &Post::find().lazy(Lazy::Peers).all(db).await? {
///     // The first load brings the authors of all posts.
///     println!("{}", post.author.load(db).await?.name);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lazy {
    /// It asks for this row's.
    #[default]
    One,
    /// It asks for those of all rows of the same result that are still there, in one statement, whatever statement returned
    /// them: a find, a write, or your own SQL.
    Peers,
    /// It is an error, whoever asks: what is not loaded along with its owner is not loaded. Others call it `raiseload`, or
    /// strict loading.
    #[doc(alias("noload", "raiseload", "raise_on_sql", "strict_loading"))]
    Raise,
}

/// The rows of one result.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) set: ResultSet,
    /// What their relations do, if the question says so.
    pub(crate) lazy: Option<Lazy>,
    peers: OnceLock<Arc<Peers>>,
}

impl Batch {
    pub(crate) fn new(set: ResultSet, lazy: Option<Lazy>) -> Self {
        Self {
            set,
            lazy,
            peers: OnceLock::new(),
        }
    }

    pub(super) fn peers(&self) -> &Arc<Peers> {
        self.peers.get_or_init(|| {
            Arc::new(Peers {
                lazy: self.lazy,
                waiting: Mutex::default(),
            })
        })
    }
}

/// What waits to be loaded, by relation. Nothing is kept here that its row does not keep.
pub(crate) struct Peers {
    /// What the question said of relations, which holds for what is loaded later too.
    pub(crate) lazy: Option<Lazy>,
    waiting: Mutex<Vec<(&'static str, Vec<Waiting>)>>,
}

/// A place of a row that a relation is loaded into.
type Waiting = Weak<dyn Any + Send + Sync>;

impl Peers {
    /// One more row waits for the relation of this name.
    pub(crate) fn add(&self, relation: &'static str, waiting: Waiting) {
        let mut relations = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match relations.iter_mut().find(|(name, _)| *name == relation) {
            Some((_, all)) => {
                // Of those that came and went nothing is to be left, however many they are.
                if all.len() == all.capacity() {
                    all.retain(|waiting| waiting.strong_count() > 0);
                    all.reserve(all.len() + 1);
                }
                all.push(waiting);
            }
            None => relations.push((relation, vec![waiting])),
        }
    }

    /// Those that wait for the relation, and are still there.
    pub(crate) fn of(&self, relation: &'static str) -> Vec<Arc<dyn Any + Send + Sync>> {
        let mut relations = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let all = relations.iter_mut().find(|(name, _)| *name == relation);
        let mut there = Vec::new();
        if let Some((_, all)) = all {
            all.retain(|waiting| match waiting.upgrade() {
                Some(waiting) => {
                    there.push(waiting);
                    true
                }
                None => false,
            });
        }
        there
    }
}

impl fmt::Debug for Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peers")
    }
}
