//! Something to attach to entities when they are loaded. This room declares it; `relation` implements it.

use super::gathered::{Gathered, Line, RelationId, Store};
use crate::db::{Lazy, Row, Source};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::sql::{Join, Said};
use async_trait::async_trait;
use smallvec::SmallVec;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// A relation to load along with its owners, given to [`Find::with`](super::Find::with).
///
/// Relations implement it: `User::POSTS`, `Post::AUTHOR.joined()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation of `{E}`",
    label = "not a relation of `{E}`",
    note = "relations are constants of the entity that has them, such as `User::POSTS`, and each has a `.with(…)` of its own",
    note = "which of its rows come is said by `.filter(…)`: `.with(User::POSTS.filter(Post::PUBLISHED))`"
)]
pub trait With<E>: Send + Sync {
    /// Begins: adds what is read in the owners' own statement, if it is read there. `owner` is the owners' alias.
    #[doc(hidden)]
    fn start<'s>(self: Box<Self>, owner: u16, joins: &mut Joins<'s>) -> Result<Collector<'s, E>>;

    /// Which relation it is.
    #[doc(hidden)]
    fn relation(&self) -> RelationId;

    /// Its constant, such as `User::POSTS`, for messages.
    #[doc(hidden)]
    fn constant(&self) -> &'static str;

    /// Whether there are no wishes: neither which of its rows are to come, nor what is to come with them.
    #[doc(hidden)]
    fn is_plain(&self) -> bool;
}

/// A relation that is being loaded along with its owners, whichever it is.
pub(crate) type Collector<'s, E> = Box<dyn Collect<E> + 's>;

/// A relation that is being loaded along with its owners.
#[async_trait]
pub trait Collect<E>: Send {
    /// Whether its rows come in the owners' own statement.
    fn is_joined(&self) -> bool;

    /// The next row of the owners' statement, which tells of this owner. Owners are numbered as they come. `repeats` is
    /// whether what belongs to one owner may come more than once.
    fn row(&mut self, row: Row<'_>, owner: usize, repeats: bool) -> Result<()>;

    /// Whether it asks the database for more once the owners are there.
    fn asks(&self) -> bool;

    /// All owners are there: asks for what did not come with them. The owners' other relations are asked for meanwhile.
    async fn ask(
        &mut self,
        source: Source<'_>,
        owners: &Gathered<'_, E>,
        level: Level,
    ) -> Result<()>;

    /// Everything is there: gives the owners what is theirs.
    fn give(self: Box<Self>, owners: &mut Gathered<'_, E>);
}

/// Begins all of them. One that is asked for twice in the same way comes once; a field has no room for two ways.
pub(crate) fn begin<'s, E: 'static>(
    withs: Vec<Box<dyn With<E>>>,
    owner: u16,
    joins: &mut Joins<'s>,
) -> Result<Vec<Collector<'s, E>>> {
    let mut known: SmallVec<[(RelationId, bool); 4]> = SmallVec::new();
    let mut collectors = Vec::with_capacity(withs.len());
    for with in withs {
        let (relation, plain) = (with.relation(), with.is_plain());
        match known.iter().find(|(other, _)| *other == relation) {
            None => {
                known.push((relation, plain));
                collectors.push(with.start(owner, joins)?);
            }
            Some((_, true)) if plain => {}
            Some(_) => return Err(twice(with.constant())),
        }
    }
    Ok(collectors)
}

#[cold]
fn twice(relation: &str) -> Error {
    Error::usage(format!(
        "`.with({relation})` is said twice, each time with other wishes, and a row has one field for it: put all wishes into \
         one, as in `.with({relation}.filter(…).with(…).with(…))`"
    ))
}

/// The joins of a statement, where the next one's columns begin, and what to make room for.
pub struct Joins<'s> {
    pub(crate) joins: Vec<Join>,
    pub(crate) width: usize,
    /// How many owners there will be, as far as is known.
    pub(crate) likely: usize,
    /// Whether a row may be somebody's more than once, and is each time another.
    pub(crate) copies: bool,
    pub(crate) lazy: Option<Lazy>,
    /// Who keeps the rows, if somebody does.
    pub(crate) store: Option<&'s dyn Store>,
    /// Whether the owners are there already, so that nothing is joined to them.
    pub(crate) apart: bool,
}

impl<'s> Joins<'s> {
    /// None, for owners that are there already.
    pub(crate) fn apart(store: &'s dyn Store) -> Self {
        Self {
            joins: Vec::new(),
            width: 0,
            likely: 0,
            copies: false,
            lazy: None,
            store: Some(store),
            apart: true,
        }
    }
}

impl fmt::Debug for Joins<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Joins").field(&self.joins).finish()
    }
}

/// How deep in a tree of relations something is loaded, and for whom.
#[derive(Clone, Debug)]
pub struct Level {
    pub(crate) depth: u64,
    pub(crate) caller: &'static Location<'static>,
    /// What the rows' other relations do, if the question says so.
    pub(crate) lazy: Option<Lazy>,
    /// Whether all its statements are to see the same.
    pub(crate) consistent: bool,
    /// What the question says about the scope, if it does.
    pub(crate) said: Option<Arc<Said>>,
    /// Whether it is loaded for rows that came together and are there already, and how many of what they lead to is too.
    pub(crate) peers: Option<u64>,
    /// What came above, where somebody keeps the rows.
    pub(crate) line: Line,
}

impl Level {
    pub(crate) fn top(caller: &'static Location<'static>) -> Self {
        Self {
            depth: 1,
            caller,
            lazy: None,
            consistent: false,
            said: None,
            peers: None,
            line: Line::default(),
        }
    }

    /// Above the first: what is loaded for rows that are there already.
    pub(crate) fn for_loaded(caller: &'static Location<'static>) -> Self {
        Self {
            depth: 0,
            ..Self::top(caller)
        }
    }

    pub(crate) fn lazily(self, lazy: Option<Lazy>) -> Self {
        Self { lazy, ..self }
    }

    pub(crate) fn consistently(self, consistent: bool) -> Self {
        Self { consistent, ..self }
    }

    pub(crate) fn saying(self, said: Option<Arc<Said>>) -> Self {
        Self { said, ..self }
    }

    pub(crate) fn for_peers(self, hits: u64) -> Self {
        Self {
            peers: Some(hits),
            ..self
        }
    }

    pub(crate) fn below(&self) -> Self {
        Self {
            depth: self.depth + 1,
            peers: None,
            ..self.clone()
        }
    }

    /// For what comes with these rows.
    pub(crate) fn under<E: Entity>(mut self, owners: &Gathered<'_, E>) -> Self {
        if let Some(shelf) = owners.shelf() {
            self.line = shelf.line(&self.line);
        }
        self
    }
}
