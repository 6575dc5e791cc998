//! How entities reach one another.

mod ask;
mod belongs_to;
mod eager;
mod has_many;
mod include;
mod info;
mod joined;
mod lazy;
mod link;
mod loaded;
mod many;
mod one;
mod pairs;
mod select_in;
mod shared;

pub use belongs_to::BelongsTo;
pub use has_many::HasMany;
pub use include::Include;
pub use info::RelationInfo;
pub use link::Link;
pub use many::Many;
pub use one::{One, ToOne};

use crate::entity::Entity;
use crate::error::{Error, ErrorKind};
use crate::telemetry::{Load, Strategy};
use loaded::Loaded;
use pairs::{NOWHERE, Pairs, Places};
use shared::{Groups, Shared};

/// What the loaders need to know about a relation of either kind.
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

    /// Gives each owner what was found for it.
    #[doc(hidden)]
    fn fill(self, owners: &mut [Self::Owner], pairs: Pairs, found: Vec<Self::Target>);
}

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

/// What telemetry says of a load.
fn load_of(
    info: &'static RelationInfo,
    many: bool,
    strategy: Strategy,
    batch: usize,
    depth: u64,
) -> Load {
    let foreign = if many {
        (info.target_columns)().first()
    } else {
        info.owner_columns.first()
    };
    Load {
        relation: info.name,
        target: (info.target)().entity,
        strategy,
        fk_column: foreign.map_or("", |column| column.name),
        batch: batch as u64,
        depth,
    }
}
