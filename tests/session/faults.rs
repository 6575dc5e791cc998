//! What is wrong with a flush, found out in plain memory.

use crate::model::{Author, Fields, Model, PostRow, Stored};
use std::collections::BTreeSet;

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
        let room = self.makes_room();
        // What changed meanwhile is not removed, and in the way.
        let goes = |id: i64, version: i32| self.leaves(id) == Some(version);
        let there = view.users.iter();
        let there = there.filter(|(id, user)| !(room && goes(**id, user.version)));
        let mut emails: Vec<&str> = there.map(|(_, user)| &*user.email).collect();
        let mut coming = BTreeSet::new();
        for (at, row) in self.rows.iter().enumerate() {
            if let (true, Fields::User { email, .. }) = (row.is_pending(), &row.now) {
                if emails.contains(&&**email) {
                    faults.insert(Fault::Taken);
                }
                emails.push(email);
                coming.insert(at);
            }
        }
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
            if stale && (row.is_dirty() || row.is_leaving()) {
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
