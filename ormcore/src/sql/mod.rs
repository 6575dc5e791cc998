//! Statements as data, and their text.
//!
//! A statement is written once, as a walk over tokens, into one of two sinks: [`shape`] takes the walk's fingerprint and the
//! parameters, [`text`] makes the SQL. Two statements with the same shape therefore have the same text, and a text is
//! made only for a shape that was never seen before.

mod alter;
mod between;
mod blame;
mod comment;
mod compound;
mod conflict;
mod copy;
mod copy_out;
mod create_index;
mod create_table;
mod create_type;
mod delete;
mod deleted;
mod expr;
mod flush;
mod found;
mod given;
mod guard;
mod insert;
mod insert_keys;
mod kind;
mod layout;
mod link;
mod link_rows;
mod operation;
mod order;
mod raw;
mod referring;
mod returning;
mod rule;
mod scope;
mod select;
mod shape;
mod table;
mod text;
mod token;
mod update;
mod update_each;
mod violation;

pub(crate) use alter::{
    add_column, add_foreign_key, add_key, alter_column, begin_numbers, declared, drop_column,
    new_table, new_type,
};
pub(crate) use blame::{Blame, Sent, SentValues, StillThere, Told};
pub(crate) use comment::{comment_on, ensure_comment};
pub(crate) use compound::Compound;
pub(crate) use conflict::{Action, Conflict, EXCLUDED, Target};
pub(crate) use copy::{CopyCheck, CopyIn};
pub(crate) use copy_out::{
    CopyColumns, CopyFormat, CopyOut, CopyValues, value_name, value_read_back,
};
pub(crate) use create_index::{ensure_index, new_index};
pub(crate) use create_table::{create_table, ensure_foreign_key};
pub(crate) use create_type::{create_type, definitions};
pub(crate) use delete::Delete;
pub(crate) use deleted::Deleted;
pub(crate) use expr::{
    Aggregate, Asks, Edge, Expr, Frame, Hop, Piece, Related, RelatedCut, Window, escape_like,
};
pub(crate) use flush::{NewKeys, Remove, WriteBack};
pub(crate) use found::{Asked, Found};
pub(crate) use insert::{Insert, Rows};
pub(crate) use kind::is_same;
pub use kind::{
    Kind, columns_of_kinds, gathered, kinds_of_one_table, one_column, other_kind, places_of_kind,
};
pub(crate) use layout::{ForeignKey, Layout, Wanted, WantedIndex, layouts};
pub(crate) use link::{Change, LinkChange};
pub(crate) use link_rows::LinkRows;
pub(crate) use operation::Operation;
pub(crate) use order::{Nulls, Order};
pub(crate) use raw::Raw;
pub(crate) use referring::{Referring, references};
pub(crate) use returning::Returning;
pub use rule::Rule;
pub(crate) use scope::{Said, ScopeValue, Unscoped, Within};
pub use scope::{ScopeColumn, link_scope, scope_column, scope_is_beside, shares_scope};
pub(crate) use select::{
    Base, Cut, Distinct, Given, GivenRows, Join, Lock, NamedJoin, Output, Part, Ranked, Select,
    Source, Terms,
};
pub(crate) use shape::{Params, Shape};
pub use table::{ColumnInfo, Index, Reference, Table, Through, link_column, unique_key};
pub(crate) use text::{Text, bare_type, identifier, literal, quoted};
pub(crate) use token::{Sink, Token};
pub(crate) use update::Update;
pub(crate) use update_each::UpdateEach;
pub(crate) use violation::{explained, folded, is_about, violated};

/// Something that can be sent: it knows its own words, and what it is, so that nobody has to read SQL to find out.
pub(crate) trait Statement {
    /// What the caller asked for.
    fn operation(&self) -> Operation;

    /// The verb and the tables, such as `SELECT posts users`: `db.query.summary`.
    fn summary(&self) -> String;

    /// The table, where there is just one.
    fn table(&self) -> Option<&'static Table>;

    /// How many conditions it has.
    fn filters(&self) -> usize {
        0
    }

    /// What it orders by, such as `name, id DESC`.
    fn order_by(&self) -> Option<String> {
        None
    }

    /// The aggregates it selects, such as `count,sum`.
    fn aggregates(&self) -> Option<String> {
        None
    }

    /// How many things it groups by.
    fn groups(&self) -> usize {
        0
    }

    /// Whether the caller says that it makes no difference if it is carried out twice.
    fn is_repeatable(&self) -> bool {
        false
    }

    /// Gives the statement's shape and its parameters: what a walk over its words leaves, unless there is a shorter way.
    fn shape<'a>(&'a self, shape: &mut Shape<'a>)
    where
        Self: Sized,
    {
        self.write(shape);
    }

    /// Writes the statement, from left to right.
    fn write<'a>(&'a self, sink: &mut impl Sink<'a>);
}
