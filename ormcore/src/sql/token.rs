//! The words a statement is written with.

use super::{ColumnInfo, Said, ScopeColumn, Table, Within};
use crate::value::{Param, SqlType};

/// One word.
#[derive(Clone, Copy)]
pub(crate) enum Token<'a> {
    /// Text as it stands: keywords, operators, blanks.
    Word(&'static str),
    /// A table's name, quoted, with its schema.
    Table(&'static Table),
    /// A table's quoted name as a string constant, for functions that take a name.
    QuotedTable(&'static Table),
    /// The name a table goes by inside this statement.
    Alias(u16),
    /// The same, for any table.
    Name(Scope),
    /// A column.
    Column(Scope, &'static ColumnInfo),
    /// All columns of a table, in order.
    Columns(Scope, &'static Table),
    /// A type as it was declared.
    Type(SqlType),
    /// A type to cast a parameter to: without its modifiers, since a cast to `varchar(3)` cuts text off without a word.
    Cast(SqlType),
    /// A placeholder, and what is bound to it.
    Bind(&'a Param),
    /// A string constant, quoted.
    Literal(&'static str),
    /// The caller's own SQL.
    Raw(&'a str),
}

/// Which table a column belongs to: the only one there is, or one of several by alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Only,
    Alias(u16),
    /// A table of a statement inside another, so many levels deep.
    Inside(u16),
    /// The table asked, by its own name: what is inside names it so.
    Table(&'static Table),
    /// A table that is joined by this name.
    Named(&'static str),
    /// What the statement begins with.
    Source,
    /// The table that leads to a joined one.
    Link(u16),
}

/// Takes the words of a statement.
pub(crate) trait Sink<'a> {
    fn put(&mut self, token: Token<'a>);

    /// Takes a value whose placeholder the text already has.
    fn bound(&mut self, param: &'a Param);

    /// Writes words about which this is said; what is said about those around them does not matter to them.
    fn saying(&mut self, said: Option<&'a Said>, words: impl FnOnce(&mut Self))
    where
        Self: Sized;

    /// What is said of the scope here.
    fn within(&self) -> Within;

    /// Takes the scope's value. However often, it is bound once: what distributes a database sees that it is the same.
    fn scope(&mut self, table: &'static Table, scope: &'static ScopeColumn);

    /// Hears that a table with scopes is named where nothing is said about them.
    fn unscoped(&mut self, _: &'static Table) {}

    fn word(&mut self, word: &'static str) {
        self.put(Token::Word(word));
    }

    /// Writes items with a separator between them.
    fn list<T>(
        &mut self,
        separator: &'static str,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) where
        Self: Sized,
    {
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                self.word(separator);
            }
            each(self, item);
        }
    }
}
