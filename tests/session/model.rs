//! A session as it ought to be, in plain memory: no arenas, no statements, no keys that stand for others.

use std::collections::{BTreeMap, BTreeSet};

/// A row of the database.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UserRow {
    pub name: String,
    pub email: String,
    pub age: Option<i32>,
    pub version: i32,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PostRow {
    pub author: i64,
    pub title: String,
}

/// All that is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stored {
    pub users: BTreeMap<i64, UserRow>,
    pub posts: BTreeMap<i64, PostRow>,
    /// Posts and their labels.
    pub links: BTreeSet<(i64, i64)>,
}

/// Whose post it is: a row of the session, or a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Author {
    Row(usize),
    Key(i64),
}

/// What a row holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fields {
    User {
        name: String,
        email: String,
        age: Option<i32>,
    },
    Post {
        author: Author,
        title: String,
    },
}

/// What a row was when a part of the work began, or at the last commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    pub flushed: Option<(Fields, i32)>,
    pub removed: bool,
    /// The ages that a hook has found since, and what it made of them.
    pub counted: Vec<[Option<i32>; 2]>,
    /// Whether it was written since.
    pub written: bool,
}

/// A row as the session sees it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub id: Option<i64>,
    pub now: Fields,
    /// As the session's transaction has it, with its version; none, if it is not there.
    pub flushed: Option<(Fields, i32)>,
    /// As it was at the last commit, and when each part began that goes on.
    pub before: Vec<Before>,
    pub removed: bool,
    /// Its handle leads nowhere.
    pub forgotten: bool,
    /// It was inserted, and that was undone with everything else.
    pub again: bool,
}

/// A part of the work that goes on.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub view: Stored,
    pub linked: usize,
}

/// What is there, what is flushed, and what is wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub stored: Stored,
    /// The session's own view, while it has a transaction.
    pub transaction: Option<Stored>,
    pub rows: Vec<Row>,
    /// Links of rows to labels that come or go with the next flush, and those that did since the last commit.
    pub edits: Vec<(usize, i64, bool)>,
    pub linked: Vec<(usize, i64, bool)>,
    pub parts: Vec<Part>,
}

impl UserRow {
    pub(crate) fn fields(self) -> (Fields, i32) {
        let Self {
            name,
            email,
            age,
            version,
        } = self;
        (Fields::User { name, email, age }, version)
    }
}

impl Stored {
    /// Its links go with it.
    pub(crate) fn remove_post(&mut self, id: i64) {
        self.posts.remove(&id);
        self.links.retain(|(post, _)| *post != id);
    }
}

impl Row {
    /// What it is again behind a failure now.
    pub(crate) fn last(&mut self) -> &mut Before {
        self.before.last_mut().expect("at least the last commit")
    }

    /// As a hook makes it, which counts its age up when it is written, but not the first time.
    fn counted(&self) -> Fields {
        let mut now = self.now.clone();
        let first = self.flushed.is_none() && !self.again;
        if let Fields::User { age, .. } = &mut now
            && !first
        {
            *age = one_more(*age);
        }
        now
    }

    /// What the hook makes of it is what it was: then nothing is written, and that is that.
    pub(crate) fn is_settled_by_hook(&self) -> bool {
        let flushed = self.flushed.as_ref();
        self.is_dirty() && flushed.is_some_and(|(fields, _)| *fields == self.counted())
    }

    fn count(&mut self) {
        let (settled, counted) = (self.is_settled_by_hook(), self.counted());
        let found = std::mem::replace(&mut self.now, counted);
        if let (Fields::User { age: found, .. }, Fields::User { age, .. }, false) =
            (found, &self.now, settled)
        {
            let counted = [found, *age];
            self.last().counted.push(counted);
        }
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.flushed.is_none() && !self.forgotten && !self.removed
    }

    pub(crate) fn is_dirty(&self) -> bool {
        let flushed = self.flushed.as_ref();
        !self.forgotten && !self.removed && flushed.is_some_and(|(fields, _)| *fields != self.now)
    }

    /// To be removed by the next flush.
    pub(crate) fn is_leaving(&self) -> bool {
        self.removed && self.flushed.is_some() && !self.forgotten
    }

    /// Whether the session shows it.
    pub(crate) fn is_readable(&self) -> bool {
        !self.forgotten && !self.removed && self.id.is_some()
    }
}

impl Model {
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let count = |is: fn(&Row) -> bool| self.rows.iter().filter(|row| is(row)).count();
        (
            count(Row::is_pending),
            count(Row::is_dirty),
            count(Row::is_leaving),
        )
    }

    /// The last word about two counts.
    pub(crate) fn link(&mut self, at: usize, label: i64, adds: bool) {
        self.edits
            .retain(|(row, other, _)| (*row, *other) != (at, label));
        self.edits.push((at, label, adds));
    }

    /// Links of rows that are there.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &(usize, i64, bool)> {
        let is_there = |row: &Row| !row.forgotten && !row.removed;
        let edits = self.edits.iter();
        edits.filter(move |(at, ..)| is_there(&self.rows[*at]))
    }

    /// Nothing would be written behind the hooks.
    pub(crate) fn is_settled_by_hooks(&self) -> bool {
        let mut rows = self.rows.iter();
        let (pending, _, leaving) = self.counts();
        (pending, leaving) == (0, 0)
            && self.waiting().next().is_none()
            && rows.all(|row| !row.is_dirty() || row.is_settled_by_hook())
    }

    /// Nothing would be flushed.
    pub(crate) fn is_idle(&self) -> bool {
        self.counts() == (0, 0, 0) && self.waiting().next().is_none()
    }

    pub(crate) fn add(&mut self, now: Fields) {
        self.rows.push(Row {
            id: None,
            now,
            flushed: None,
            before: vec![Before::default(); self.parts.len() + 1],
            removed: false,
            forgotten: false,
            again: false,
        });
    }

    /// A row that was read: it is there already, or is new to the session.
    pub(crate) fn found(&mut self, id: i64, fields: Fields, version: i32) -> usize {
        let is_user = matches!(fields, Fields::User { .. });
        let known = self.rows.iter().position(|row| {
            row.id == Some(id)
                && !row.forgotten
                && matches!(row.now, Fields::User { .. }) == is_user
        });
        if let Some(known) = known {
            return known;
        }
        let flushed = Some((fields.clone(), version));
        let before = Before {
            flushed: flushed.clone(),
            ..Before::default()
        };
        self.rows.push(Row {
            id: Some(id),
            now: fields,
            flushed,
            before: vec![before; self.parts.len() + 1],
            removed: false,
            forgotten: false,
            again: false,
        });
        self.rows.len() - 1
    }

    pub(crate) fn remove(&mut self, at: usize) {
        let row = &mut self.rows[at];
        match row.flushed {
            // It was never there.
            None => row.forgotten = true,
            Some(_) => row.removed = true,
        }
    }

    pub(crate) fn key_of(&self, author: Author) -> Option<i64> {
        match author {
            Author::Key(key) => Some(key),
            Author::Row(at) => self.rows[at].id,
        }
    }

    /// A flush that goes well; `id` tells the key that a new row was given.
    pub(crate) fn flush(&mut self, id: impl Fn(usize) -> i64) {
        if self.is_idle() {
            return;
        }
        let waiting: Vec<_> = self.waiting().copied().collect();
        let mut view = self
            .transaction
            .take()
            .unwrap_or_else(|| self.stored.clone());
        for at in 0..self.rows.len() {
            if self.rows[at].is_pending() {
                self.rows[at].id = Some(id(at));
            }
        }
        for at in 0..self.rows.len() {
            if self.rows[at].is_pending() || self.rows[at].is_dirty() {
                self.rows[at].count();
            }
            let row = self.rows[at].clone();
            let Some(key) = row.id else { continue };
            if row.is_leaving() {
                match row.now {
                    Fields::User { .. } => drop(view.users.remove(&key)),
                    Fields::Post { .. } => view.remove_post(key),
                }
                self.rows[at].flushed = None;
                self.rows[at].last().written = true;
                continue;
            }
            if !row.is_pending() && !row.is_dirty() {
                continue;
            }
            let mut version = 0;
            let now = match row.now.clone() {
                Fields::User { name, email, age } => {
                    version = view.users.get(&key).map_or(0, |user| user.version) + 1;
                    let user = UserRow {
                        name: name.clone(),
                        email: email.clone(),
                        age,
                        version,
                    };
                    view.users.insert(key, user);
                    Fields::User { name, email, age }
                }
                Fields::Post { author, title } => {
                    let author = self.key_of(author).unwrap_or_default();
                    let post = PostRow {
                        author,
                        title: title.clone(),
                    };
                    view.posts.insert(key, post);
                    // From now on it is a key like any other.
                    Fields::Post {
                        author: Author::Key(author),
                        title,
                    }
                }
            };
            self.rows[at].now = now.clone();
            self.rows[at].flushed = Some((now, version));
            self.rows[at].again = false;
            self.rows[at].last().written = true;
        }
        for (at, label, adds) in waiting {
            let link = (self.rows[at].id.unwrap_or_default(), label);
            match adds {
                true => view.links.insert(link),
                false => view.links.remove(&link),
            };
        }
        self.linked.append(&mut self.edits);
        self.transaction = Some(view);
    }
}

/// What the hook makes of an age.
pub(crate) fn one_more(age: Option<i32>) -> Option<i32> {
    Some(age.unwrap_or(0).wrapping_add(1))
}
