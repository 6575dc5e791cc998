//! How entities reach one another.

mod ask;
mod asked;
mod belongs_to;
mod change_links;
mod compared;
mod eager;
mod has_many;
mod has_one;
mod include;
mod info;
mod joined;
mod lazy;
mod link;
mod linked;
mod links;
mod loaded;
mod many;
mod many_to_many;
mod mistaken;
mod new_links;
mod of_kind;
mod one;
mod pairs;
mod peers;
mod select_in;
mod shared;

pub use belongs_to::{BelongsTo, OfAKind};
pub use has_many::HasMany;
pub use has_one::HasOne;
pub use include::Include;
pub use info::{RelationInfo, When};
pub use link::Link;
pub use links::Links;
pub use many::Many;
pub use many_to_many::ManyToMany;
pub use new_links::NewLinks;
pub use one::{One, ToOne};

use crate::entity::Entity;
use crate::error::{Error, ErrorKind};
use crate::sql::Kind;
use crate::telemetry::{Load, Strategy};
use loaded::Loaded;
use pairs::{NOWHERE, Pairs, Places};
use shared::{Groups, Shared};

/// What the loaders need to know about a relation of any kind.
pub trait Relation: Copy + Send + Sync + 'static {
    /// The entity that has the relation.
    type Owner: Entity;
    /// The entity it leads to.
    type Target: Entity;

    /// Whether one owner may have several.
    const MANY: bool;

    /// The relation's description.
    #[doc(hidden)]
    fn info(self) -> &'static RelationInfo;

    /// Where the owner's field leads.
    #[doc(hidden)]
    fn link(self, owner: &Self::Owner) -> Option<&Link>;

    /// Which of the owners' rows have it, if not all do.
    #[doc(hidden)]
    fn kind(self) -> Option<&'static Kind> {
        None
    }

    /// Gives each owner what was found for it. There is none where a row does not have the relation.
    #[doc(hidden)]
    fn fill<'o>(
        self,
        owners: impl Iterator<Item = Option<&'o mut Self::Owner>>,
        pairs: Pairs,
        found: Vec<Self::Target>,
    );
}

/// A relation to many rows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` leads to one row at most",
    label = "a limit is for relations to many rows"
)]
pub trait ToMany: Relation {}

/// The database found a row for a key that is not, byte for byte, the row's own: dropping it would look like its absence.
fn unclaimed(info: &'static RelationInfo) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!(
            "{} leads to rows by keys that only the database finds equal (`char(n)`, `citext` or a collation does that); \
             load it with `.joined()` or `.load(&db)`",
            info.constant
        ),
    )
}

/// Several rows where there may be one: the database does not keep what the relation says.
pub(crate) fn several(info: &'static RelationInfo) -> Error {
    Error::new(
        ErrorKind::TooManyRows,
        format!(
            "{} leads to several rows; give the column `{}` a unique constraint, or make the relation a `has_many`",
            info.constant,
            info.foreign_column()
        ),
    )
}

/// What telemetry says of a load.
pub(crate) fn load_of(
    info: &'static RelationInfo,
    strategy: Strategy,
    batch: usize,
    depth: u64,
) -> Load {
    Load {
        relation: info.name,
        target: (info.target)().entity,
        strategy,
        fk_column: info.foreign_column(),
        batch: batch as u64,
        depth,
    }
}
