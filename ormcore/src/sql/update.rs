//! UPDATE.

use super::expr::At;
use super::select::write_where;
use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Deleted, Expr, Operation, Returning, Said, Shape, Statement, Table};
use smallvec::SmallVec;

/// New values for some columns of some rows.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) table: &'static Table,
    pub(crate) set: Vec<(&'static ColumnInfo, Expr)>,
    pub(crate) filter: SmallVec<[Expr; 1]>,
    pub(crate) returning: Returning,
    /// Whether rows are changed that are marked as deleted.
    pub(crate) deleted: Deleted,
    /// What is said about the scope, if not what whoever sends it says.
    pub(crate) said: Option<Said>,
}

impl Statement for Update {
    fn operation(&self) -> Operation {
        Operation::Update
    }

    fn summary(&self) -> String {
        format!("UPDATE {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn filters(&self) -> usize {
        self.filter.len()
    }

    fn shape<'a>(&'a self, shape: &mut Shape<'a>) {
        let plain = self.deleted == Deleted::Hidden && self.table.scope.is_none();
        let whole = !matches!(self.returning, Returning::Terms(_));
        let values = |(_, value): &(_, Expr)| matches!(value, Expr::Value(_));
        if plain && whole && self.set.iter().all(values) && self.is_by_key() {
            let set = self.set.iter().filter_map(|(column, value)| match value {
                Expr::Value(value) => Some((*column, value)),
                _ => None,
            });
            let key = self.filter.iter().filter_map(|part| match part {
                Expr::Compare { value, .. } => Some(value),
                _ => None,
            });
            shape.changed_row(self.table, &self.returning, set, key);
        } else {
            self.write(shape);
        }
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.saying(self.said.as_ref(), |sink| self.write_update(sink));
    }
}

impl Update {
    /// Whether the row is named by its key, and by nothing else.
    fn is_by_key(&self) -> bool {
        let named = |(part, key): (&Expr, &&'static ColumnInfo)| match part {
            Expr::Compare { column, op, .. } => std::ptr::eq(*column, *key) && *op == " = ",
            _ => false,
        };
        self.filter.len() == self.table.key.len()
            && self.filter.iter().zip(self.table.key).all(named)
    }

    fn write_update<'a>(&'a self, sink: &mut impl Sink<'a>) {
        let at = At::only(self.table);
        sink.word("UPDATE ");
        sink.put(Token::Table(self.table));
        sink.word(" SET ");
        write_set(&self.set, at, sink);
        write_where(&self.filter, Some(self.deleted), at, sink);
        self.returning.write(at, sink);
    }
}

/// What changes: what was asked for, and what every change of a row changes.
pub(super) fn write_set<'a, S: Sink<'a>>(
    set: &'a [(&'static ColumnInfo, Expr)],
    at: At,
    sink: &mut S,
) {
    sink.list(", ", set, |sink, (column, value)| {
        sink.put(Token::Column(Scope::Only, column));
        sink.word(" = ");
        value.write(at, sink);
    });
    let is_set = |column: &ColumnInfo| set.iter().any(|(other, _)| std::ptr::eq(*other, column));
    write_touched(at, is_set, sink);
}

/// The version of a row, and the moment of its last change, behind other changes.
pub(super) fn write_touched<'a, S: Sink<'a>>(
    at: At,
    is_set: impl Fn(&ColumnInfo) -> bool,
    sink: &mut S,
) {
    let asked_for = |column: &&'static ColumnInfo| !is_set(column);
    if let Some(version) = at.table.version.filter(asked_for) {
        sink.word(", ");
        sink.put(Token::Column(Scope::Only, version));
        sink.word(" = ");
        sink.put(Token::Column(at.scope, version));
        sink.word(" + 1");
    }
    if let Some(updated) = at.table.updated.filter(asked_for) {
        sink.word(", ");
        sink.put(Token::Column(Scope::Only, updated));
        sink.word(" = now()");
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnInfo, Deleted, Expr, Returning, Shape, Statement as _, Table, Update};
    use crate::sql::Text;
    use crate::value::Param;
    use std::ptr;

    static ID: ColumnInfo = ColumnInfo::plain::<i64>("id");
    static AGE: ColumnInfo = ColumnInfo::plain::<i64>("age");
    static USERS: Table = Table {
        schema: None,
        name: "users",
        entity: "User",
        columns: &[&ID, &AGE],
        key: &[&ID],
        version: None,
        updated: None,
        deleted: None,
        kind: None,
        kinds: &[],
        scope: None,
        links: &[],
        indexes: &[],
        description: None,
    };

    fn value() -> Expr {
        Expr::Value(Param::from_i64(7))
    }

    fn compare(column: &'static ColumnInfo, op: &'static str) -> Expr {
        let value = Param::from_i64(1);
        Expr::Compare { column, op, value }
    }

    fn update(set: usize, filter: usize, returns: bool, deleted: Deleted) -> Update {
        let set = match set {
            0 => vec![(&ID, value())],
            1 => vec![(&AGE, value())],
            2 => vec![(&ID, value()), (&AGE, value())],
            _ => vec![(&AGE, Expr::Column(&ID))],
        };
        let filter = match filter {
            0 => vec![compare(&ID, " = ")],
            1 => vec![compare(&AGE, " = ")],
            2 => vec![compare(&ID, " < ")],
            _ => vec![compare(&ID, " = "), compare(&AGE, " > ")],
        };
        let returning = if returns {
            Returning::Rows
        } else {
            Returning::Nothing
        };
        Update {
            table: &USERS,
            set,
            filter: filter.into(),
            returning,
            deleted,
            said: None,
        }
    }

    fn shape(update: &Update) -> Shape<'_> {
        let mut shape = Shape::default();
        update.shape(&mut shape);
        shape
    }

    fn text(update: &Update) -> String {
        let mut text = Text::default();
        update.write(&mut text);
        text.into_sql()
    }

    #[test]
    fn two_changes_have_one_shape_when_they_have_one_text() {
        let mut updates = Vec::new();
        for (set, filter) in (0..16).map(|both| (both / 4, both % 4)) {
            for returns in [false, true] {
                updates.push(update(set, filter, returns, Deleted::Hidden));
                updates.push(update(set, filter, returns, Deleted::Shown));
            }
        }
        for one in &updates {
            for other in &updates {
                let (ours, theirs) = (text(one), text(other));
                let alike = shape(one).words == shape(other).words;
                assert!(!alike || ours == theirs, "{ours} and {theirs}");
            }
        }
    }

    #[test]
    fn a_row_that_is_named_by_its_key_is_not_written_out_and_binds_the_same() {
        let by_key = update(2, 0, true, Deleted::Hidden);
        let (short, mut written) = (shape(&by_key), Shape::default());
        by_key.write(&mut written);
        assert!(short.words.len() < written.words.len());
        let both = short.params.iter().zip(&written.params);
        assert!(
            both.clone().count() == 3 && both.into_iter().all(|(one, other)| ptr::eq(*one, *other))
        );
        assert_eq!(short.params.len(), written.params.len());
    }
}
