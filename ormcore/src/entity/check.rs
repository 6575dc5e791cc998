//! Checks values by the rules of their columns, before anything is sent.

use super::Entity;
use crate::error::{Error, InvalidField, Result};
use crate::sql::{ColumnInfo, Rule, Table};
use crate::value::Value;
use std::any::Any;
use std::panic::Location;
use std::ptr;

/// What rules refuse of what is to be written.
#[derive(Debug, Default)]
pub struct Check {
    /// Which of many rows is looked at.
    row: Option<usize>,
    found: Vec<Refused>,
}

#[derive(Clone, Copy, Debug)]
struct Refused {
    row: Option<usize>,
    column: &'static ColumnInfo,
    rule: &'static str,
    text: &'static str,
}

impl Check {
    /// Looks at the value that a column is to have. NULL is none.
    pub fn look<T: Value>(&mut self, column: &'static ColumnInfo, value: &T) {
        self.look_at(column, column.rules, value);
    }

    /// The same by these rules.
    pub(crate) fn look_at(
        &mut self,
        column: &'static ColumnInfo,
        rules: &'static [Rule],
        value: &dyn Any,
    ) {
        for rule in rules {
            if let Some(text) = (rule.refuses)(value) {
                self.found.push(Refused {
                    row: self.row,
                    column,
                    rule: rule.name,
                    text,
                });
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What follows is about this row of many; the first is 0.
    pub(crate) fn of_row(&mut self, row: usize) {
        self.row = Some(row);
    }

    /// What was found about a column does not count any more.
    pub(crate) fn forget(&mut self, column: &'static ColumnInfo) {
        self.found
            .retain(|refused| !ptr::eq(refused.column, column));
    }

    /// Takes in what was found elsewhere.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.found.append(&mut other.found);
    }

    /// How much was found.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// All of it was about one row, and nobody has to be told which.
    pub(crate) fn of_one(&mut self) {
        self.found.iter_mut().for_each(|refused| refused.row = None);
    }

    /// What was found, in words.
    pub(crate) fn fields(&self, table: &'static Table) -> Vec<InvalidField> {
        let field = |refused: &Refused| InvalidField {
            entity: table.entity,
            field: refused.column.field,
            rule: refused.rule,
            text: refused.text,
            row: refused.row,
        };
        self.found.iter().map(field).collect()
    }

    /// The refusal, if there is something to refuse.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::error::ErrorKind::Invalid) with all that was found.
    pub(crate) fn end<E: Entity>(&self, caller: &'static Location<'static>) -> Result<()> {
        match self.is_empty() {
            true => Ok(()),
            false => Err(Error::invalid(self.fields(E::TABLE)).at(caller)),
        }
    }
}

/// The rules of a column: of an enum those of all kinds that have it.
pub(crate) fn rules_of<E: Entity>(
    column: &'static ColumnInfo,
) -> impl Iterator<Item = &'static [Rule]> {
    let kinds = E::TABLE.kinds.iter().flat_map(|kind| kind.columns);
    let same = kinds.filter(|other| other.name == column.name);
    let others = same.filter(|other| !ptr::eq(**other, column));
    [column]
        .into_iter()
        .chain(others.copied())
        .map(|one| one.rules)
}
