//! Which rows a relation leads to, as far as that was loaded: handles, side by side with the rows.

use super::reference::{Place, Ref};
use crate::query::RelationId;
use crate::relation::RelationInfo;
use std::any::Any;
use std::collections::HashMap;

/// The lists of a session, by relation and owner.
#[derive(Default)]
pub(super) struct Lists(HashMap<(RelationId, Place), List>);

pub(super) struct List {
    pub(super) info: &'static RelationInfo,
    rows: Box<dyn Handles>,
    /// Whether it is not only some of them that were asked for.
    whole: bool,
}

/// Handles of one type.
pub(super) trait Handles: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn remove(&mut self, place: Place);
    fn add(&mut self, place: Place);
}

impl<T: 'static> Handles for Vec<Ref<T>> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn remove(&mut self, place: Place) {
        self.retain(|row| row.place != place);
    }

    fn add(&mut self, place: Place) {
        let row = Ref::new(place);
        if !self.contains(&row) {
            self.push(row);
        }
    }
}

fn number(info: &'static RelationInfo) -> RelationId {
    RelationId::of(info)
}

impl Lists {
    pub(super) fn get<T: 'static>(
        &self,
        info: &'static RelationInfo,
        owner: Place,
    ) -> Option<&[Ref<T>]> {
        let list = self.0.get(&(number(info), owner))?;
        let rows: &Vec<Ref<T>> = list.rows.as_any().downcast_ref()?;
        Some(rows)
    }

    pub(super) fn has(&self, info: &'static RelationInfo, owner: Place) -> bool {
        self.0.contains_key(&(number(info), owner))
    }

    /// Whether all rows that belong to the owner are known.
    pub(super) fn has_all(&self, info: &'static RelationInfo, owner: Place) -> bool {
        let list = self.0.get(&(number(info), owner));
        list.is_some_and(|list| list.whole)
    }

    pub(super) fn set<T: 'static>(
        &mut self,
        info: &'static RelationInfo,
        owner: Place,
        rows: Vec<Ref<T>>,
    ) {
        self.put(info, owner, Box::new(rows), true);
    }

    pub(super) fn put(
        &mut self,
        info: &'static RelationInfo,
        owner: Place,
        rows: Box<dyn Handles>,
        whole: bool,
    ) {
        let list = List { info, rows, whole };
        self.0.insert((number(info), owner), list);
    }

    /// A row belongs to an owner now, if the owner's are known.
    pub(super) fn add(&mut self, info: &'static RelationInfo, owner: Place, row: Place) {
        if let Some(list) = self.0.get_mut(&(number(info), owner)) {
            list.rows.add(row);
        }
    }

    /// A row does not belong to an owner any more.
    pub(super) fn remove(&mut self, info: &'static RelationInfo, owner: Place, row: Place) {
        if let Some(list) = self.0.get_mut(&(number(info), owner)) {
            list.rows.remove(row);
        }
    }

    /// A row belongs to none of the relation's owners any more.
    pub(super) fn remove_from_all(&mut self, info: &'static RelationInfo, row: Place) {
        let of_relation = number(info);
        let lists = self.0.iter_mut().filter(|((of, _), _)| *of == of_relation);
        lists.for_each(|(_, list)| list.rows.remove(row));
    }

    /// The relations that there are lists of.
    pub(super) fn relations(&self) -> Vec<&'static RelationInfo> {
        let mut relations: Vec<&'static RelationInfo> = Vec::new();
        for list in self.0.values() {
            if !relations
                .iter()
                .any(|other| std::ptr::eq(*other, list.info))
            {
                relations.push(list.info);
            }
        }
        relations
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
