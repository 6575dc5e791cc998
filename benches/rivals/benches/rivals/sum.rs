//! What the rivals are asked for, and the same checksums as the floor's, whatever struct a library keeps its rows in.

use crate::case::Checksum;
use chrono::{DateTime, Utc};

/// What a library read of a person.
pub(crate) struct Seen<'p> {
    pub(crate) id: i64,
    pub(crate) name: &'p str,
    pub(crate) email: &'p str,
    pub(crate) age: Option<i32>,
    pub(crate) active: bool,
    pub(crate) created_at: i64,
}

/// A person in some library's struct.
pub(crate) trait Person {
    fn seen(&self) -> Seen<'_>;
}

pub(crate) fn people<P: Person>(people: &[P]) -> u64 {
    let mut sum = Checksum::default();
    for person in people {
        let seen = person.seen();
        sum.add(seen.id);
        sum.text(seen.name);
        sum.text(seen.email);
        sum.add(seen.age.map_or(-1, i64::from));
        sum.add(seen.active.into());
        sum.add(seen.created_at);
    }
    sum.sum()
}

/// A row just written: its key differs from call to call.
pub(crate) fn written<P: Person>(person: &P) -> u64 {
    let (seen, mut sum) = (person.seen(), Checksum::default());
    sum.text(seen.name);
    sum.text(seen.email);
    sum.add(seen.age.map_or(-1, i64::from));
    sum.add(seen.created_at);
    sum.sum()
}

/// Posts with their authors, in order.
#[derive(Default)]
pub(crate) struct Posts(Checksum);

impl Posts {
    pub(crate) fn add(&mut self, id: i64, title: &str, author: &str) {
        self.0.add(id);
        self.0.text(title);
        self.0.text(author);
    }

    pub(crate) fn sum(self) -> u64 {
        self.0.sum()
    }
}

/// Authors, posts and comments, in any order.
#[derive(Default)]
pub(crate) struct Tree {
    rows: i64,
    ids: i64,
}

impl Tree {
    pub(crate) fn add(&mut self, id: i64, text: &str) {
        self.rows += 1;
        self.ids += id + text.len() as i64;
    }

    pub(crate) fn sum(self) -> u64 {
        let mut sum = Checksum::default();
        sum.add(self.rows);
        sum.add(self.ids);
        sum.sum()
    }
}

/// What the floor writes as its row `n`.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) age: Option<i32>,
    pub(crate) active: bool,
    /// Microseconds of the Unix epoch.
    created_at: i64,
}

impl Input {
    pub(crate) fn new(n: usize) -> Self {
        Self {
            name: format!("new {n}"),
            email: format!("new{n}@example.org"),
            age: (!n.is_multiple_of(3)).then_some(n as i32 % 90),
            active: n.is_multiple_of(2),
            created_at: 1_767_225_600_000_000 + n as i64,
        }
    }

    /// Those of a bulk.
    pub(crate) fn many(from: usize, count: usize) -> Vec<Self> {
        (from..from + count).map(Self::new).collect()
    }

    pub(crate) fn utc(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.created_at).unwrap_or_default()
    }

    pub(crate) fn micros(&self) -> i64 {
        self.created_at
    }
}

/// The age a page starts at.
pub(crate) fn age(n: usize) -> i32 {
    n as i32 % 60
}
