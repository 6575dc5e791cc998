//! Which rows a relation leads to, as far as that was loaded: handles, side by side with the rows.

use super::reference::{Place, Ref};
use crate::query::RelationId;
use crate::relation::RelationInfo;
use crate::sql::Table;
use std::any::Any;
use std::collections::{HashMap, HashSet};

/// The lists of a session, by relation and owner.
#[derive(Default)]
pub(super) struct Lists {
    relations: HashMap<RelationId, OfRelation>,
    /// The relations that were loaded for all rows of a question.
    asked: HashSet<(RelationId, u32)>,
}

/// The lists of one relation.
struct OfRelation {
    info: &'static RelationInfo,
    lists: HashMap<Place, List>,
    /// The owners in whose lists a row may be; found out when it is asked for first.
    owners: Option<HashMap<Place, Vec<Place>>>,
}

struct List {
    rows: Box<dyn Handles>,
    /// Whether all rows that belong to the owner are in it.
    whole: bool,
}

/// Handles of one type.
pub(super) trait Handles: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn places(&self) -> Vec<Place>;
    fn remove(&mut self, place: Place);
    fn add(&mut self, place: Place);
}

impl<T: 'static> Handles for Vec<Ref<T>> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn places(&self) -> Vec<Place> {
        self.iter().map(|row| row.place).collect()
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

impl OfRelation {
    fn put(&mut self, owner: Place, list: List) {
        if let Some(owners) = &mut self.owners {
            for row in list.rows.places() {
                owners.entry(row).or_default().push(owner);
            }
        }
        self.lists.insert(owner, list);
    }

    fn add(&mut self, owner: Place, row: Place) {
        if let Some(list) = self.lists.get_mut(&owner) {
            list.rows.add(row);
            if let Some(owners) = &mut self.owners {
                owners.entry(row).or_default().push(owner);
            }
        }
    }

    fn owners(&mut self) -> &mut HashMap<Place, Vec<Place>> {
        self.owners.get_or_insert_with(|| {
            let mut owners: HashMap<Place, Vec<Place>> = HashMap::new();
            for (owner, list) in &self.lists {
                for row in list.rows.places() {
                    owners.entry(row).or_default().push(*owner);
                }
            }
            owners
        })
    }

    /// A row belongs to this owner, if to any.
    fn hand_over(&mut self, row: Place, to: Option<Place>) {
        for owner in self.owners().remove(&row).unwrap_or_default() {
            if let Some(list) = self.lists.get_mut(&owner).filter(|_| to != Some(owner)) {
                list.rows.remove(row);
            }
        }
        if let Some(owner) = to {
            self.add(owner, row);
        }
    }
}

impl Lists {
    pub(super) fn get<T: 'static>(
        &self,
        info: &'static RelationInfo,
        owner: Place,
    ) -> Option<&[Ref<T>]> {
        let list = self.list(info, owner)?;
        let rows: &Vec<Ref<T>> = list.rows.as_any().downcast_ref()?;
        Some(rows)
    }

    fn list(&self, info: &'static RelationInfo, owner: Place) -> Option<&List> {
        self.relations.get(&number(info))?.lists.get(&owner)
    }

    pub(super) fn has(&self, info: &'static RelationInfo, owner: Place) -> bool {
        self.list(info, owner).is_some()
    }

    /// Whether all rows that belong to the owner are known.
    pub(super) fn has_all(&self, info: &'static RelationInfo, owner: Place) -> bool {
        self.list(info, owner).is_some_and(|list| list.whole)
    }

    pub(super) fn set<T: 'static>(
        &mut self,
        info: &'static RelationInfo,
        owner: Place,
        rows: Vec<Ref<T>>,
    ) {
        self.put(info, owner, Box::new(rows), true);
    }

    /// `whole`: whether these are all rows that belong to the owner.
    pub(super) fn put(
        &mut self,
        info: &'static RelationInfo,
        owner: Place,
        rows: Box<dyn Handles>,
        whole: bool,
    ) {
        let none = || OfRelation {
            info,
            lists: HashMap::new(),
            owners: None,
        };
        let relation = self.relations.entry(number(info));
        let list = List { rows, whole };
        relation.or_insert_with(none).put(owner, list);
    }

    /// A row belongs to an owner now, if the owner's are known.
    pub(super) fn add(&mut self, info: &'static RelationInfo, owner: Place, row: Place) {
        if let Some(relation) = self.relations.get_mut(&number(info)) {
            relation.add(owner, row);
        }
    }

    /// A row does not belong to an owner any more.
    pub(super) fn remove(&mut self, info: &'static RelationInfo, owner: Place, row: Place) {
        let relation = self.relations.get_mut(&number(info));
        if let Some(list) = relation.and_then(|relation| relation.lists.get_mut(&owner)) {
            list.rows.remove(row);
        }
    }

    /// A row belongs to this owner and to no other of the relation's, or to none; where it was already it keeps its place.
    pub(super) fn hand_over(&mut self, info: &'static RelationInfo, row: Place, to: Option<Place>) {
        if let Some(relation) = self.relations.get_mut(&number(info)) {
            relation.hand_over(row, to);
        }
    }

    /// A row is in no list any more.
    pub(super) fn leave(&mut self, table: &'static Table, row: Place) {
        for relation in self.leading_to(table) {
            relation.hand_over(row, None);
        }
    }

    /// The lists that a row is in, or was, may not be all there is: the next load asks.
    pub(super) fn doubt(&mut self, table: &'static Table, row: Place) {
        for relation in self.leading_to(table) {
            for owner in relation.owners().get(&row).cloned().unwrap_or_default() {
                if let Some(list) = relation.lists.get_mut(&owner) {
                    list.whole = false;
                }
            }
        }
    }

    fn leading_to(&mut self, table: &'static Table) -> impl Iterator<Item = &mut OfRelation> {
        let relations = self.relations.values_mut();
        relations.filter(move |relation| (relation.info.target)() == table)
    }

    /// What a row leads to has to be asked for again.
    pub(super) fn forget(&mut self, table: &'static Table, owner: Place) {
        for relation in self.relations.values_mut() {
            let mut columns = relation.info.owner_columns.iter();
            if columns.all(|column| table.columns.iter().any(|own| std::ptr::eq(*own, *column))) {
                relation.lists.remove(&owner);
            }
        }
    }

    /// The relations that there are lists of.
    pub(super) fn relations(&self) -> Vec<&'static RelationInfo> {
        let relations = self.relations.values();
        relations.map(|relation| relation.info).collect()
    }

    /// Whether a relation was loaded for all rows of this question.
    pub(super) fn was_asked(&self, info: &'static RelationInfo, set: u32) -> bool {
        self.asked.contains(&(number(info), set))
    }

    pub(super) fn asked(&mut self, info: &'static RelationInfo, set: u32) {
        self.asked.insert((number(info), set));
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
