//! Who belongs to whom, changed from either side: both sides show it at once, the flush writes it.

use super::Session;
use super::arena::{Arena, position};
use super::edits::{Edit, Way, way};
use super::kept::Content;
use super::pending::RawPart;
use super::reference::{Place, Ref};
use super::refusal::stale;
use super::tracked::Tracked;
use crate::entity::{Entity, Key as _};
use crate::error::{Error, ErrorKind, Result};
use crate::relation::{Relation, RelationInfo};
use crate::sql::{ColumnInfo, Table, Through};
use crate::value::{KeyValue, Keys};
use std::any::TypeId;
use std::ptr;

impl Session {
    /// Makes a row belong to another: sets the key that refers to it, or links the two by the table between them. The relation
    /// may be named from either side, and either row may be new.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when a row is not in this session, the key cannot be set, or rows of two scopes were to be linked.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Many, One, Result};
    /// # #[derive(Entity)]
    /// # #[orm(insert(NewUser))]
    /// # struct User {
    /// #     #[orm(primary_key, generated)] id: i64,
    /// #     name: String,
    /// #     #[orm(has_many(Post, key = author_id))] posts: Many<Post>,
    /// # }
    /// # #[derive(Entity)]
    /// # struct Post {
    /// #     #[orm(primary_key, generated)] id: i64,
    /// #     author_id: i64,
    /// #     #[orm(belongs_to(key = author_id))] author: One<User>,
    /// # }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut s = db.session();
    /// let post = s.get::<Post>(1).await?;
    /// let bob = s.add(NewUser { name: "Bob".into() });
    /// s.connect(post, Post::AUTHOR, bob)?;
    /// assert_eq!(s.related(post, Post::AUTHOR)?, Some(bob));
    /// s.commit().await?;
    /// # Ok(()) }
    /// ```
    pub fn connect<R: Relation>(
        &mut self,
        owner: Ref<R::Owner>,
        relation: R,
        target: Ref<R::Target>,
    ) -> Result<()>
    where
        R::Owner: Tracked,
        R::Target: Tracked,
    {
        let info = relation.info();
        self.live(owner)?;
        self.live(target)?;
        if let Some(through) = info.through() {
            return self.edit(info, through, owner, target, true);
        }
        if info.refers {
            let key = self.try_key(target)?.keys();
            self.set_key::<R::Owner>(owner.place, info.owner_columns, Some(&key))?;
            let (child, parent) = (owner.place, Some(target.place));
            self.moved(R::Owner::TABLE, child, info.owner_columns, parent);
            return Ok(());
        }
        let key = self.try_key(owner)?.keys();
        self.set_key::<R::Target>(target.place, info.matching(), Some(&key))?;
        self.list_of_new::<R>(info, owner);
        let (child, parent) = (target.place, Some(owner.place));
        self.moved(R::Target::TABLE, child, info.matching(), parent);
        Ok(())
    }

    /// Ends that a row belongs to another: sets the key to NULL, or ends the link.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when a row is not in this session, or the key may not be NULL.
    pub fn disconnect<R: Relation>(
        &mut self,
        owner: Ref<R::Owner>,
        relation: R,
        target: Ref<R::Target>,
    ) -> Result<()>
    where
        R::Owner: Tracked,
        R::Target: Tracked,
    {
        let info = relation.info();
        self.live(owner)?;
        self.live(target)?;
        if let Some(through) = info.through() {
            return self.edit(info, through, owner, target, false);
        }
        if info.refers {
            self.set_key::<R::Owner>(owner.place, info.owner_columns, None)?;
            self.moved(R::Owner::TABLE, owner.place, info.owner_columns, None);
        } else {
            self.set_key::<R::Target>(target.place, info.matching(), None)?;
            self.moved(R::Target::TABLE, target.place, info.matching(), None);
        }
        Ok(())
    }

    fn live<E: Tracked>(&self, row: Ref<E>) -> Result<()> {
        match self.state(row)? {
            super::RowState::Deleted => Err(stale::<E>(row.place)),
            _ => Ok(()),
        }
    }

    fn edit<O: Tracked, T: Tracked>(
        &mut self,
        info: &'static RelationInfo,
        through: &'static Through,
        owner: Ref<O>,
        target: Ref<T>,
        adds: bool,
    ) -> Result<()> {
        let at = |kind: TypeId| self.arenas.iter().position(|(other, _)| *other == kind);
        let places = (at(TypeId::of::<O>()), at(TypeId::of::<T>()));
        let (Some(owners), Some(targets)) = places else {
            return Err(stale::<O>(owner.place));
        };
        let edit = Edit {
            through,
            owner: (owners, owner.place),
            target: (targets, target.place),
            adds,
        };
        self.links_within_scope(&edit)?;
        self.edits.push(edit);
        if adds && self.is_new(owner) && !self.lists.has(info, owner.place) {
            self.lists.set::<T>(info, owner.place, Vec::new());
        }
        let change = match adds {
            true => super::lists::Lists::add,
            false => super::lists::Lists::remove,
        };
        change(&mut self.lists, info, owner.place, target.place);
        // The same table, seen from the other side.
        for other in self.lists.relations() {
            let way = other.through().and_then(|other| way(through, other));
            if way == Some(Way::Back) && (other.target)() == O::TABLE {
                change(&mut self.lists, other, target.place, owner.place);
            }
        }
        Ok(())
    }

    fn is_new<E: Tracked>(&self, row: Ref<E>) -> bool {
        matches!(self.state(row), Ok(super::RowState::Pending))
    }

    /// A new row has no others than those it is given.
    fn list_of_new<R: Relation>(&mut self, info: &'static RelationInfo, owner: Ref<R::Owner>)
    where
        R::Owner: Tracked,
    {
        if self.is_new(owner) && !self.lists.has(info, owner.place) {
            self.lists.set::<R::Target>(info, owner.place, Vec::new());
        }
    }

    /// A row refers to another parent now: all lists that it was or is to be in are put right.
    pub(super) fn moved(
        &mut self,
        table: &'static Table,
        child: Place,
        columns: &[&'static ColumnInfo],
        parent: Option<Place>,
    ) {
        for info in self.lists.relations() {
            let matching = info.matching();
            let is_its = !info.refers
                && info.through().is_none()
                && (info.target)() == table
                && matching.len() == columns.len()
                && matching
                    .iter()
                    .zip(columns)
                    .all(|(one, other)| ptr::eq(*one, *other));
            if is_its {
                self.lists.hand_over(info, child, parent);
            }
        }
    }

    fn set_key<E: Tracked>(
        &mut self,
        place: Place,
        columns: &[&'static ColumnInfo],
        key: Option<&Keys>,
    ) -> Result<()> {
        let arena = self.arena_mut::<E>()?;
        for (number, column) in columns.iter().enumerate() {
            let part = match key {
                Some(key) => key.parts().get(number).cloned(),
                None => Some(KeyValue::null()),
            };
            let set = part.map(|part| arena.set_lead(place, column, &part));
            if !set.unwrap_or(Ok(false))? {
                return Err(Error::usage(format!(
                    "`{}::{}` cannot be set here: it may not be NULL, or refers to nothing; name its entity with `references`",
                    E::TABLE.entity,
                    column.field
                )));
            }
        }
        Ok(())
    }
}

impl<E: Tracked> Arena<E> {
    /// Sets a column that holds another row's key; whether that can be done.
    fn set_lead(
        &mut self,
        place: Place,
        column: &'static ColumnInfo,
        key: &KeyValue,
    ) -> Result<bool> {
        let Some(at) = position::<E>(column).filter(|_| !key.is_null() || column.nullable) else {
            return Ok(false);
        };
        let unusable = |error: crate::value::DecodeError| {
            let message = format!("`{}::{}` cannot be set", E::TABLE.entity, column.field);
            Error::new(ErrorKind::Encode, message).with_source(error)
        };
        if matches!(self.content(place)?, Content::Pending(_)) {
            let (ty, raw) = key.encode(None).map_err(unusable)?;
            let mut seen = false;
            let Some(slot) = self.slots.get_mut(place.slot as usize) else {
                return Ok(false);
            };
            if let Content::Pending(draft) = &mut slot.content {
                let resolved = draft.resolve(&mut |of, _| {
                    seen |= of == at;
                    (of == at).then(|| RawPart {
                        ty: ty.clone(),
                        raw: raw.clone(),
                    })
                });
                resolved.map_err(unusable)?;
            }
            return Ok(seen);
        }
        let ty = self.types.get(at).cloned();
        let (ty, raw) = key.encode(ty.as_ref()).map_err(unusable)?;
        let row = self.row_mut(place)?;
        row.set(at, &ty, raw.as_deref()).map_err(unusable)?;
        Ok(true)
    }
}
