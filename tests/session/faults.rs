//! What is wrong with a flush, found out in plain memory.

use crate::model::{Author, Fields, Model, PostRow, Stored};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    Stale,
    Taken,
    Nobody,
}

impl Model {
    /// What is wrong with a flush now, if anything is. `id` tells which keys new rows would have.
    pub(crate) fn faults(&self) -> BTreeSet<Fault> {
        let mut faults = BTreeSet::new();
        let view = self.transaction.as_ref().unwrap_or(&self.stored);
        if self.takes_what_is_taken(true) || self.takes_what_is_taken(false) {
            faults.insert(Fault::Taken);
        }
        let rows = self.rows.iter().enumerate();
        let people = rows.filter(|(_, row)| matches!(row.now, Fields::User { .. }));
        let coming: BTreeSet<usize> = people
            .filter(|(_, row)| row.is_pending())
            .map(|(at, _)| at)
            .collect();
        let is_there = |author: Author| match author {
            Author::Row(at) if coming.contains(&at) => true,
            author => {
                let key = self.key_of(author);
                key.is_some_and(|key| view.users.contains_key(&key) || self.is_coming(key))
            }
        };
        for row in &self.rows {
            let (Some(id), Some((_, version))) = (row.id, &row.flushed) else {
                if let (true, Fields::Post { author, .. }) = (row.is_pending(), &row.now)
                    && !is_there(*author)
                {
                    faults.insert(Fault::Nobody);
                }
                continue;
            };
            let stale = match &row.now {
                Fields::User { .. } => view
                    .users
                    .get(&id)
                    .is_none_or(|user| user.version != *version),
                Fields::Post { .. } => row.is_dirty() && !view.posts.contains_key(&id),
            };
            let writes = row.is_dirty() && !row.is_settled_by_hook();
            if stale && (writes || row.is_leaving()) {
                faults.insert(Fault::Stale);
            }
            if let (true, false, Fields::Post { author, .. }) = (row.is_dirty(), stale, &row.now)
                && !is_there(*author)
            {
                faults.insert(Fault::Nobody);
            }
        }
        for (at, _, adds) in self.waiting() {
            let row = &self.rows[*at];
            let gone = row.id.is_some_and(|id| !view.posts.contains_key(&id));
            if *adds && gone && row.flushed.is_some() {
                faults.insert(Fault::Nobody);
            }
        }
        // A user cannot go before its posts have.
        let after = self.after();
        for row in self.rows.iter().filter(|row| row.is_leaving()) {
            if let (Fields::User { .. }, Some(id)) = (&row.now, row.id) {
                let referred = after.posts.values().any(|post| post.author == id);
                let by_new = self.rows.iter().any(|post| {
                    let wanted = post.is_pending() || post.is_dirty();
                    matches!(&post.now, Fields::Post { author, .. }
                        if wanted && self.key_of(*author) == Some(id))
                });
                if referred || by_new {
                    faults.insert(Fault::Nobody);
                }
            }
        }
        faults
    }

    /// Whether people want an email that others have, or each other's. `stays`: whether those whom somebody else has changed
    /// keep theirs, because they are not written.
    fn takes_what_is_taken(&self, stays: bool) -> bool {
        let view = self.transaction.as_ref().unwrap_or(&self.stored);
        let room = self.makes_room();
        let (mut has, mut wants) = (BTreeMap::new(), BTreeMap::new());
        for (id, user) in &view.users {
            // What changed meanwhile is not removed, and in the way.
            if !(room && self.leaves(*id) == Some(user.version)) {
                has.insert(&*user.email, *id);
            }
        }
        for row in &self.rows {
            let Fields::User { email, .. } = &row.now else {
                continue;
            };
            let id = row.id.filter(|_| !row.is_pending());
            let stored = id.and_then(|id| view.users.get(&id));
            let moves = stored.is_some_and(|user| user.email != *email);
            let is_stale = stored.map(|user| user.version) != row.flushed.as_ref().map(|was| was.1);
            if (row.is_pending() || (row.is_dirty() && moves && !(stays && is_stale)))
                && wants.insert(&**email, id).is_some()
            {
                return true;
            }
        }
        // Whoever moves makes room, unless it is for itself in the end.
        let ends = |email: &str| {
            let mut next = email;
            let mut seen = BTreeSet::new();
            loop {
                let Some(holder) = has.get(next) else {
                    return true;
                };
                let moves_to = wants.iter().find(|(_, id)| **id == Some(*holder));
                match moves_to {
                    Some((email, _)) if seen.insert(*holder) => next = email,
                    _ => return false,
                }
            }
        };
        !wants.keys().all(|email| ends(email))
    }

    /// The version of the user with this key, if it is to be removed.
    fn leaves(&self, id: i64) -> Option<i32> {
        let mut rows = self.rows.iter().filter(|row| row.is_leaving());
        let row = rows.find(|row| row.id == Some(id) && matches!(row.now, Fields::User { .. }))?;
        row.flushed.as_ref().map(|(_, version)| *version)
    }

    /// Users go before others come, unless a post that changes was one of theirs.
    fn makes_room(&self) -> bool {
        let changed = self.rows.iter().filter(|row| row.is_dirty());
        let mut authors = changed.filter_map(|row| match &row.flushed {
            Some((Fields::Post { author, .. }, _)) => self.key_of(*author),
            _ => None,
        });
        !authors.any(|author| self.leaves(author).is_some())
    }

    /// Whether a hook refuses somebody who is to be written.
    pub(crate) fn refuses(&self) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| {
            let wanted = row.is_pending() || row.is_dirty();
            matches!(&row.now, Fields::User { name, .. } if wanted && is_refused(name))
        })
    }

    /// Whether a post that is to be written has the key of a user that is not there any more.
    pub(crate) fn promises_nobody(&self) -> bool {
        let wanted = self
            .rows
            .iter()
            .filter(|row| row.is_pending() || row.is_dirty());
        let mut authors = wanted.filter_map(|row| match &row.now {
            Fields::Post { author, .. } => Some(*author),
            Fields::User { .. } => None,
        });
        authors.any(|author| matches!(author, Author::Row(at) if self.rows[at].forgotten))
    }

    fn is_coming(&self, key: i64) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| {
            row.is_pending() && row.id == Some(key) && matches!(row.now, Fields::User { .. })
        })
    }

    /// What is stored when all posts that change and go have done so; new ones have no keys yet.
    fn after(&self) -> Stored {
        let mut view = self
            .transaction
            .clone()
            .unwrap_or_else(|| self.stored.clone());
        for row in &self.rows {
            let (Some(id), Fields::Post { author, title }) = (row.id, &row.now) else {
                continue;
            };
            if row.is_leaving() {
                view.posts.remove(&id);
            } else if row.is_dirty()
                && let Some(post) = view.posts.get_mut(&id)
            {
                // One that is not there yet is nobody's key.
                *post = PostRow {
                    author: self.key_of(*author).unwrap_or(i64::MIN),
                    title: title.clone(),
                };
            }
        }
        view
    }
}

/// Whom the hook refuses.
pub(crate) fn is_refused(name: &str) -> bool {
    let number = name.trim_start_matches('n').parse();
    number.is_ok_and(|number: u8| number % 32 == 7)
}
