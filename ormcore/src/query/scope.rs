//! Saying which scope a statement is about, such as which tenant; and what that makes of new and of changed rows.

use super::copy_in::CopyIn;
use super::delete::Delete;
use super::find::Find;
use super::get::Get;
use super::insert::{Insert, InsertMany};
use super::update::Update;
use super::update_each::UpdateEach;
use super::upsert::{NewRows, Upsert};
use crate::db::Source;
use crate::entity::{Entity, Insertable, Scoped};
use crate::error::{Error, Result};
use crate::sql::{self, Action, ColumnInfo, Said, ScopeValue, Target, Unscoped};
use crate::value::{ColumnValues, KeyValue, Param};
use std::panic::Location;
use std::ptr;
use std::sync::Arc;

fn one<E: Scoped>(value: &E::Scope) -> Said {
    Said::One(ScopeValue::new(value))
}

macro_rules! said {
    ($($kind:ident;)*) => {$(
        impl<E: Scoped> $kind<E> {
            /// Of this scope, whatever the handle says. Of this and `all_scopes` the last counts.
            pub fn scope(mut self, scope: E::Scope) -> Self {
                self.said = Some(one::<E>(&scope));
                self
            }
        }

        impl<E: Entity> $kind<E> {
            /// Of all scopes: of this entity, and of those that a relation or sub-query leads to from it. What a relation
            /// leads to is still of the row's own scope.
            pub fn all_scopes(mut self) -> Self {
                self.said = Some(Said::All);
                self
            }
        }
    )*};
}

said! {
    Update;
    UpdateEach;
    Delete;
}

macro_rules! said_of_questions {
    ($($kind:ident $($place:ident).+;)*) => {$(
        impl<E: Scoped> $kind<E> {
            /// Of this scope, whatever the handle says. Of this and `all_scopes` the last counts.
            pub fn scope(mut self, scope: E::Scope) -> Self {
                self.$($place).+.more().said = Some(Arc::new(one::<E>(&scope)));
                self
            }
        }

        impl<E: Entity> $kind<E> {
            /// Of all scopes: of this entity, and of those that a relation or sub-query leads to from it. What a relation
            /// leads to is still of the row's own scope.
            pub fn all_scopes(mut self) -> Self {
                self.$($place).+.more().said = Some(Arc::new(Said::All));
                self
            }
        }
    )*};
}

said_of_questions! {
    Find base;
    Get select.base;
}

impl<E: Entity> Find<E> {
    /// About this scope, as somebody says who knows it.
    pub(crate) fn saying(mut self, said: Said) -> Self {
        self.base.more().said = Some(Arc::new(said));
        self
    }
}

macro_rules! said_of_new {
    ($([$($parameters:tt)*] $kind:ty, $entity:ty;)*) => {$(
        impl<$($parameters)*> $kind
        where
            $entity: Scoped,
        {
            /// In this scope, whatever the handle says.
            pub fn scope(mut self, scope: <$entity as Scoped>::Scope) -> Self {
                self.said = Some(one::<$entity>(&scope));
                self
            }
        }
    )*};
}

said_of_new! {
    [I: Insertable] Insert<I>, I::Entity;
    [I: Insertable] InsertMany<I>, I::Entity;
    [N: NewRows] Upsert<N>, N::Entity;
    [I: Insertable, S] CopyIn<I, S>, I::Entity;
}

/// The scope of new rows: the column, and what stands there. Nothing where there is none, or the database makes it.
pub(super) fn of_new<E: Entity>(
    said: Option<&Said>,
    source: Source<'_>,
    caller: &'static Location<'static>,
) -> Result<Option<(&'static ColumnInfo, KeyValue)>> {
    let Some(scope) = E::TABLE.scope.filter(|scope| !scope.column.generated) else {
        return Ok(None);
    };
    let value = match said.or(source.db().said()) {
        Some(Said::One(value)) => value.for_row(E::TABLE, scope),
        Some(Said::All) | None => Err(Unscoped::New(E::TABLE)),
    };
    match value {
        Ok(value) => Ok(Some((scope.column, value.clone()))),
        Err(unscoped) => Err(Error::from(unscoped).at(caller)),
    }
}

/// Gives so many new rows their scope. A row in their way is one of the same scope.
pub(super) fn fill<E: Entity>(
    insert: &mut sql::Insert,
    rows: usize,
    said: Option<&Said>,
    source: Source<'_>,
    caller: &'static Location<'static>,
) -> Result<()> {
    if let Some(conflict) = &insert.conflict
        && let Action::Update { set, .. } = &conflict.action
    {
        stays::<E>(set.iter().map(|(column, _)| *column), caller)?;
    }
    let said = said.or(insert
        .conflict
        .as_ref()
        .and_then(|conflict| conflict.said.as_ref()));
    let Some((column, value)) = of_new::<E>(said, source, caller)? else {
        return Ok(());
    };
    insert.columns.push(column);
    match &mut insert.rows {
        sql::Rows::One(values) => values.push(Param::other(value)),
        sql::Rows::Many(arrays) => {
            let values = Param::other(vec![value; rows]);
            arrays.push(ColumnValues::Plain(values));
        }
    }
    if let Some(conflict) = &mut insert.conflict
        && let Target::Columns(columns) = &mut conflict.target
        && !columns.iter().any(|other| ptr::eq(*other, column))
    {
        columns.push(column);
    }
    Ok(())
}

/// Refuses to move a row from one scope to another.
pub(super) fn stays<E: Entity>(
    mut set: impl Iterator<Item = &'static ColumnInfo>,
    caller: &'static Location<'static>,
) -> Result<()> {
    let Some(scope) = E::TABLE.scope else {
        return Ok(());
    };
    if !set.any(|column| ptr::eq(column, scope.column)) {
        return Ok(());
    }
    let (entity, column) = (E::TABLE.entity, scope.column.name);
    let message = format!(
        "column `{column}` says which scope a `{entity}` is of, and cannot be set: delete the row, and insert it in the other scope"
    );
    Err(Error::usage(message).at(caller))
}
