//! What a caller can ask for.

/// The operation as the caller sees it: `db.operation.name`, and the last part of the span's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Find,
    FindOne,
    Count,
    Exists,
    Aggregate,
    Insert,
    Upsert,
    CopyIn,
    CopyOut,
    Update,
    Delete,
    Raw,
}

impl Operation {
    /// `find`, `insert` …
    pub(crate) fn name(self) -> &'static str {
        // The span's name ends with it, so that the two cannot differ.
        self.span_name().trim_start_matches("db.query.")
    }

    /// `db.query.find`, `db.query.insert` …
    pub(crate) fn span_name(self) -> &'static str {
        match self {
            Self::Find => "db.query.find",
            Self::FindOne => "db.query.find_one",
            Self::Count => "db.query.count",
            Self::Exists => "db.query.exists",
            Self::Aggregate => "db.query.aggregate",
            Self::Insert => "db.query.insert",
            Self::Upsert => "db.query.upsert",
            Self::CopyIn => "db.query.copy_in",
            Self::CopyOut => "db.query.copy_out",
            Self::Update => "db.query.update",
            Self::Delete => "db.query.delete",
            Self::Raw => "db.query.raw",
        }
    }
}
