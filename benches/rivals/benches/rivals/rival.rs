//! What every rival does.

use crate::case::Case;
use std::error::Error;

/// A library under comparison: it adds its ways to the cases the floor and ormcore are in already.
pub(crate) trait Rival {
    /// The crates that make it up; their versions go into the report.
    fn crates(&self) -> &'static [&'static str];

    /// How it is set up, and what of it each case uses.
    fn configuration(&self) -> &'static str;

    /// A row of six columns by its key: see [`crate::find::by_key`].
    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// The first 1 000 of them.
    fn rows<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// Those of an age, active, newest first, 50 of them.
    fn page<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// 100 posts, each with its author.
    fn authors<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// All authors with all their posts with all their comments.
    fn three_levels<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// A new row, returned as the server keeps it.
    fn insert_one<'w>(&'w self, case: Case<'w>) -> Case<'w>;

    /// 1 000 new rows at once.
    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w>;
}

/// An error that says whose it is.
pub(crate) fn failed(library: &'static str, error: impl Error) -> Box<dyn Error> {
    format!("{library}: {error} ({error:?})").into()
}
