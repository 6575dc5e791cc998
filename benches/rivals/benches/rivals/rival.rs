//! What every rival does.

use crate::case::Case;
use std::error::Error;

/// A library under comparison: it adds its ways to the cases the floor and ormcore are in already.
pub(crate) trait Rival: Reads + Writes {
    /// The crates that make it up; their versions go into the report.
    fn crates(&self) -> &'static [&'static str];

    /// How it is set up, and what of it each case uses.
    fn configuration(&self) -> &'static str;

    /// The cases it has no way for, and why.
    fn lacks(&self) -> &'static [(&'static str, &'static str)];
}

pub(crate) trait Reads {
    /// A row of six columns by its key: see [`crate::find::by_key`].
    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// Those of an age, active, newest first, 50 of them.
    fn page<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// The first so many of them.
    fn rows<'w>(&'w self, case: Case<'w>, count: u32) -> Case<'w>;

    /// 100 posts, each with its author.
    fn authors<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// All authors with all their posts with all their comments.
    fn three_levels<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// What [`Reads::by_key`] does, 640 times by 64 tasks.
    fn crowd<'w>(&'w self, case: Case<'w>) -> Case<'w>;
}

pub(crate) trait Writes {
    /// A new row, returned as the server keeps it.
    fn insert_one<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// Another age for the row of a key.
    fn update_one<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// So many of these in a transaction, one after the other.
    fn transaction<'w>(&'w self, case: Case<'w>, updates: usize) -> Case<'w>;

    /// 1 000 new rows at once.
    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// 1 000 new rows at once, and their keys.
    fn insert_with_ids<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// 100 000 new rows.
    fn insert_100_000<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        case
    }

    /// 1 000 rows that were read, each of another age now.
    fn flush<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        case
    }
}

/// Adds a rival's ways to a case.
pub(crate) fn join<'w>(rival: &'w dyn Rival, case: Case<'w>) -> Result<Case<'w>, Box<dyn Error>> {
    let (name, before) = (case.name, case.names().len());
    let case = match name {
        "find by key" => rival.by_key(case),
        "filter, order, limit 50" => rival.page(case),
        "1 000 rows" => rival.rows(case, 1_000),
        "10 000 rows" => rival.rows(case, 10_000),
        "100 posts with authors" => rival.authors(case),
        "100 authors × 10 posts × 5 comments" => rival.three_levels(case),
        "insert one row, returning it" => rival.insert_one(case),
        "update one row" => rival.update_one(case),
        "transaction with one update" => rival.transaction(case, 1),
        "transaction with ten updates" => rival.transaction(case, 10),
        "64 tasks on 8 connections" => rival.crowd(case),
        "insert 1 000 rows" => rival.insert_many(case),
        "insert 1 000 rows, ids back" => rival.insert_with_ids(case),
        "insert 100 000 rows" => rival.insert_100_000(case),
        "flush of 1 000 dirty rows" => rival.flush(case),
        _ => return Err(format!("no rival was asked for {name}").into()),
    };
    let lacks = rival.lacks().iter().any(|(other, _)| *other == name);
    if lacks == (case.names().len() > before) {
        let library = rival.crates()[0];
        return Err(format!("{library}: {name} is neither done nor lacking, or both").into());
    }
    Ok(case)
}

/// An error that says whose it is.
pub(crate) fn failed(library: &'static str, error: impl Error) -> Box<dyn Error> {
    format!("{library}: {error} ({error:?})").into()
}
