//! What is measured: each case, and ormcore's ways in it. The bench refuses a case that has other ways, `tests/readme.rs` a
//! table of the README that has other rows, and the rivals join these very cases.

/// A case and ormcore's ways; the first of them is the one that stands beside the rivals.
pub(crate) const CASES: [(&str, &[&str]); 15] = [
    ("find by key", &["ormcore"]),
    ("filter, order, limit 50", &["ormcore"]),
    (
        "1 000 rows",
        &[
            "ormcore",
            "ormcore, session",
            "ormcore, stream",
            "ormcore, for_each with borrowed text",
        ],
    ),
    (
        "10 000 rows",
        &[
            "ormcore",
            "ormcore, stream",
            "ormcore, for_each with borrowed text",
        ],
    ),
    (
        "100 posts with authors",
        &[
            "ormcore, joined",
            "ormcore, select-in",
            "ormcore, lazy (N+1)",
        ],
    ),
    ("100 authors × 10 posts × 5 comments", &["ormcore"]),
    ("insert one row, returning it", &["ormcore"]),
    ("update one row", &["ormcore"]),
    ("transaction with one update", &["ormcore"]),
    ("transaction with ten updates", &["ormcore"]),
    (
        "64 tasks on 8 connections",
        &["ormcore", "ormcore, reads multiplexed"],
    ),
    (
        "insert 1 000 rows",
        &["ormcore, insert_many", "ormcore, copy_in"],
    ),
    (
        "insert 1 000 rows, ids back",
        &["ormcore, ids in order", "ormcore, rows in order"],
    ),
    (
        "insert 100 000 rows",
        &["ormcore, copy_in", "ormcore, insert_many"],
    ),
    (
        "flush of 1 000 dirty rows",
        &[
            "ormcore, session",
            "ormcore, update_each",
            "ormcore, one by one in a transaction",
            "ormcore, one by one",
        ],
    ),
];

/// What the README calls a way's row.
pub(crate) fn row(case: &str, way: &str) -> String {
    format!("{case}{}", way.strip_prefix("ormcore").unwrap_or(way))
}
