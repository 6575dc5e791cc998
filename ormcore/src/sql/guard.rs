//! What stands guard wherever a table is named: rows are left out that are marked as deleted, and those of other scopes.

use super::expr::At;
use super::scope::Within;
use super::token::{Sink, Token};
use super::{Deleted, Table};

/// Whether rows of the table are left out.
pub(super) fn is_guarded<'a>(
    deleted: Deleted,
    table: &'static Table,
    sink: &mut impl Sink<'a>,
) -> bool {
    deleted.hides(table) || is_scoped(table, sink)
}

/// Whether rows of the table's other scopes are left out. A table that has scopes is not named unless one is said, or all.
fn is_scoped<'a>(table: &'static Table, sink: &mut impl Sink<'a>) -> bool {
    if table.scope.is_none() {
        return false;
    }
    match sink.within() {
        Within::One(_) => true,
        Within::All => false,
        Within::Nothing => {
            sink.unscoped(table);
            false
        }
    }
}

/// The conditions, behind some words, and whether there are any.
pub(super) fn write_guard<'a, S: Sink<'a>>(
    deleted: Deleted,
    before: &'static str,
    at: At,
    sink: &mut S,
) -> bool {
    let hides = deleted.write(before, at, sink);
    let scoped = write_scope(if hides { " AND " } else { before }, at, sink);
    hides || scoped
}

/// The condition on the scope alone, behind some words, and whether there is one.
pub(super) fn write_scope<'a, S: Sink<'a>>(before: &'static str, at: At, sink: &mut S) -> bool {
    let scoped = is_scoped(at.table, sink);
    if let Some(scope) = at.table.scope.filter(|_| scoped) {
        sink.word(before);
        sink.put(Token::Column(at.scope, scope.column));
        sink.word(" = ");
        sink.scope(at.table, scope);
    }
    scoped
}

/// The table without the rows that are left out, wherever a table can stand; it still needs a name.
pub(super) fn write_rest<'a, S: Sink<'a>>(deleted: Deleted, table: &'static Table, sink: &mut S) {
    if !is_guarded(deleted, table, sink) {
        return sink.put(Token::Table(table));
    }
    let at = At::only(table);
    sink.word("(SELECT ");
    sink.put(Token::Columns(at.scope, table));
    sink.word(" FROM ");
    sink.put(Token::Table(table));
    write_guard(deleted, " WHERE ", at, sink);
    sink.word(")");
}

/// What belongs together is of one scope: where each table is asked about one, that is so already.
pub(super) fn write_meeting<'a, S: Sink<'a>>(one: At, other: At, sink: &mut S) {
    if let (Some(ours), Some(theirs)) = (one.table.scope, other.table.scope)
        && sink.within() == Within::All
        && ours.is_like(theirs)
    {
        sink.word(" AND ");
        sink.put(Token::Column(one.scope, ours.column));
        sink.word(" = ");
        sink.put(Token::Column(other.scope, theirs.column));
    }
}
