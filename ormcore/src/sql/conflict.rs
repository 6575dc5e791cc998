//! ON CONFLICT: what becomes of a new row when another is in its way.

use super::expr::At;
use super::given::{Given, POSITION};
use super::select::write_where;
use super::token::{Scope, Sink, Token};
use super::update::write_set;
use super::{ColumnInfo, Deleted, Expr, Insert, Said};
use smallvec::SmallVec;

/// Which row is in the way, and what is done about it.
#[derive(Debug)]
pub(crate) struct Conflict {
    pub(crate) target: Target,
    pub(crate) action: Action,
    /// What is said about the scope, if not what whoever sends it says.
    pub(crate) said: Option<Said>,
}

/// How the row in the way is found.
#[derive(Debug)]
pub(crate) enum Target {
    /// It has the same values in these columns, which must be unique together.
    Columns(Vec<&'static ColumnInfo>),
    /// The constraint of this name refuses both.
    Constraint(&'static str),
}

#[derive(Debug)]
pub(crate) enum Action {
    /// The row in the way stays, and the new one is dropped.
    Nothing,
    /// The row in the way is changed, if the filter holds for it.
    Update {
        set: Vec<(&'static ColumnInfo, Expr)>,
        filter: SmallVec<[Expr; 1]>,
    },
}

/// How the values of the new row are named.
pub(crate) const EXCLUDED: &str = "excluded";

impl Conflict {
    pub(super) fn write<'a, S: Sink<'a>>(&'a self, insert: &'a Insert, sink: &mut S) {
        sink.word(" ON CONFLICT ");
        match &self.target {
            Target::Columns(columns) => {
                sink.word("(");
                sink.list(", ", columns, |sink, column| {
                    sink.put(Token::Column(Scope::Only, column));
                });
                sink.word(")");
                // An index may be on those alone that are not marked as deleted; one on all rows will do too.
                Deleted::Hidden.write(" WHERE ", At::only(insert.table), sink);
            }
            Target::Constraint(name) => {
                sink.word("ON CONSTRAINT ");
                sink.put(Token::Name(Scope::Named(name)));
            }
        }
        match &self.action {
            Action::Nothing => sink.word(" DO NOTHING"),
            Action::Update { set, filter } => {
                // Both rows have these columns: those of the table go by its name.
                let at = At {
                    scope: Scope::Table(insert.table),
                    table: insert.table,
                };
                sink.word(" DO UPDATE SET ");
                write_set(set, at, sink);
                write_where(filter, Some(Deleted::Shown), at, sink);
            }
        }
    }
}

impl Insert {
    /// The rows come back in the order given, found again by the columns of the conflict's target: a row that was in the way
    /// has a key of its own. Where the rows do not have these columns, the order is nobody's.
    pub(super) fn write_upsert<'a, S: Sink<'a>>(
        &'a self,
        given: Given<'a>,
        conflict: &'a Conflict,
        sink: &mut S,
    ) {
        sink.word("WITH input AS MATERIALIZED (SELECT ");
        given.write_values(true, sink);
        sink.word(", ");
        sink.word(POSITION);
        sink.word(" FROM ");
        given.write_source(true, sink);
        sink.word("), stored AS (");
        self.write_target(&[], sink);
        sink.word(" SELECT ");
        sink.list(", ", &self.columns, |sink, column| {
            sink.put(Token::Column(Scope::Only, column));
        });
        sink.word(" FROM input ORDER BY ");
        sink.word(POSITION);
        conflict.write(self, sink);
        self.write_stored(sink);
        sink.word(") SELECT ");
        self.write_returned(sink);
        sink.word(" FROM stored");
        if let Some(target) = self.found_by(conflict) {
            let columns = |sink: &mut S| {
                sink.list(", ", target, |sink, column| {
                    sink.put(Token::Column(Scope::Only, column));
                });
            };
            // Several rows may have been given for one; and one with a NULL is found by nothing, but is there.
            sink.word(" LEFT JOIN (SELECT ");
            columns(sink);
            sink.word(", min(");
            sink.word(POSITION);
            sink.word(") AS position FROM input GROUP BY ");
            columns(sink);
            sink.word(") AS input ON ");
            sink.list(" AND ", target, |sink, column| {
                sink.word("stored.");
                sink.put(Token::Column(Scope::Only, column));
                sink.word(" = input.");
                sink.put(Token::Column(Scope::Only, column));
            });
            sink.word(" ORDER BY input.position");
        }
    }

    fn found_by<'c>(&self, conflict: &'c Conflict) -> Option<&'c [&'static ColumnInfo]> {
        let Target::Columns(columns) = &conflict.target else {
            return None;
        };
        let given = |column: &&'static ColumnInfo| {
            let is_it = |other: &&'static ColumnInfo| std::ptr::eq(*other, *column);
            self.columns.iter().any(is_it)
        };
        columns.iter().all(given).then_some(columns)
    }
}
