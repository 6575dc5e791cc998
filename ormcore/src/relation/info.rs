//! What a relation is: plain static data that the derive writes.

use crate::db::Lazy;
use crate::entity::{Condition, Entity, IntoCondition};
use crate::sql::{ColumnInfo, Expr, Hop, Join, ScopeColumn, Table, Through, is_same};
use smallvec::SmallVec;
use std::fmt;
use std::ptr;

/// A relation, as a field describes it.
pub struct RelationInfo {
    /// The field's name.
    pub name: &'static str,
    /// The constant's name, such as `User::POSTS`, for messages.
    pub constant: &'static str,
    /// The entity that has it, for messages.
    pub owner: &'static str,
    /// The table it leads to. A function, because two entities may lead to each other.
    pub target: fn() -> &'static Table,
    /// The owner's columns that hold the key.
    pub owner_columns: &'static [&'static ColumnInfo],
    /// The target's columns that match them, one by one.
    pub target_columns: fn() -> &'static [&'static ColumnInfo],
    /// Whether the owner's columns refer to the target, of which there is one at most, and not the other way round.
    pub refers: bool,
    /// The table between the two, where there is one: its columns match the owner's and, on the other side, the target's.
    pub through: Option<fn() -> &'static Through>,
    /// Whether one owner may have several.
    pub many: bool,
    /// For which rows it holds, if not for all.
    pub when: Option<fn() -> When>,
    /// What a load does that was not asked for with the owner, if the field says so.
    pub lazy: Option<Lazy>,
    /// The column that names the owner's scope.
    pub scope: Option<&'static ScopeColumn>,
}

/// The scope that an owner has in common with what matches its key.
#[derive(Clone, Copy)]
pub(super) struct Common {
    /// Where it is among the parts of a link's key.
    pub(super) place: usize,
    /// Whether that is behind the owner's columns, none of which names it.
    pub(super) beside: bool,
    /// The column on the other side.
    pub(super) theirs: &'static ScopeColumn,
}

/// The condition of a relation.
#[derive(Debug)]
pub struct When(pub(super) Option<Expr>);

impl When {
    /// The condition on rows of `T`; called by generated code.
    #[must_use]
    pub fn of<T: Entity, C: IntoCondition<T>>(condition: C) -> Self {
        Self(condition.into_condition().map(Condition::into_expr))
    }
}

impl RelationInfo {
    /// A relation that all kinds of rows have, as it is that of their enum; called by generated code.
    #[must_use]
    pub const fn of_kinds(&self, constant: &'static str, owner: &'static str) -> Self {
        Self {
            constant,
            owner,
            ..*self
        }
    }

    /// Refuses, at compile time, relations of two kinds that go by other columns; called by generated code.
    ///
    /// # Panics
    /// When they do.
    pub const fn goes_by_the_columns_of(&self, other: &Self) {
        let (ours, theirs) = (self.owner_columns, other.owner_columns);
        let mut same = ours.len() == theirs.len();
        let mut at = 0;
        while same && at < ours.len() {
            same = is_same(ours[at].name, theirs[at].name);
            at += 1;
        }
        assert!(
            same,
            "a relation that all kinds have goes by the same columns of their table"
        );
    }

    /// The condition that holds for all rows it leads to.
    pub(super) fn condition(&self) -> Option<Expr> {
        self.when.and_then(|when| when().0)
    }

    pub(crate) fn through(&self) -> Option<&'static Through> {
        self.through.map(|through| through())
    }

    /// The columns that match the owner's: the target's own, or those of the table between.
    pub(crate) fn matching(&self) -> &'static [&'static ColumnInfo] {
        match self.through() {
            // Its scope may come behind them.
            Some(through) => {
                let columns = through.owners.columns;
                columns.get(..self.owner_columns.len()).unwrap_or(columns)
            }
            None => (self.target_columns)(),
        }
    }

    /// The scope that both sides have in common, if they do.
    pub(super) fn common(&self) -> Option<Common> {
        let ours = self.scope?;
        let matching = match self.through() {
            Some(through) => through.owners,
            None => (self.target)(),
        };
        let theirs = matching.scope.filter(|theirs| theirs.is_like(ours))?;
        let mut pairs = self.owner_columns.iter().zip(self.matching());
        let named = pairs
            .position(|(own, other)| ptr::eq(*own, ours.column) && ptr::eq(*other, theirs.column));
        Some(Common {
            place: named.unwrap_or(self.owner_columns.len()),
            beside: named.is_none(),
            theirs,
        })
    }

    /// The columns that match the parts of a link's key: a scope in common is a part of it.
    pub(super) fn keyed(&self) -> SmallVec<[&'static ColumnInfo; 2]> {
        let beside = self.common().filter(|common| common.beside);
        let scope = beside.map(|common| common.theirs.column);
        self.matching().iter().copied().chain(scope).collect()
    }

    /// The owner's columns that these match, one by one.
    pub(crate) fn keyed_by(&self) -> SmallVec<[&'static ColumnInfo; 2]> {
        let beside = self.common().is_some_and(|common| common.beside);
        let scope = self.scope.filter(|_| beside).map(|scope| scope.column);
        self.owner_columns.iter().copied().chain(scope).collect()
    }

    /// The way to the target, table by table.
    pub(super) fn hops(&self) -> Vec<Hop> {
        let target = |here| Hop {
            table: (self.target)(),
            here,
            there: (self.target_columns)(),
        };
        match self.through() {
            None => vec![target(self.owner_columns)],
            Some(through) => vec![
                Hop {
                    table: through.table,
                    here: self.owner_columns,
                    there: self.matching(),
                },
                target(through.there),
            ],
        }
    }

    /// Joins, to a statement about targets, what leads to their owners.
    pub(super) fn led_by(&self, through: &'static Through) -> Join {
        Join {
            table: through.owners,
            owner: 0,
            owner_table: (self.target)(),
            owner_columns: (self.target_columns)(),
            owner_kind: None,
            columns: through.there,
            filter: Vec::new(),
            order: Vec::new(),
            many: false,
            required: true,
            through: None,
            part: None,
        }
    }

    /// The column that makes the relation, for telemetry.
    pub(super) fn foreign_column(&self) -> &'static str {
        let columns = match self.refers {
            true => self.owner_columns,
            false => self.matching(),
        };
        columns.first().map_or("", |column| column.name)
    }
}

impl fmt::Debug for RelationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.constant)
    }
}
