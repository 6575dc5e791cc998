//! Inserting many rows for their keys alone: the keys are made first, one for each row, and are known before a row is stored.

use super::given::Given;
use super::insert::{Insert, write_made};
use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Returning};
use crate::value::Param;

/// What goes by this name was made, and not read back.
const INPUT: Scope = Scope::Named("input");

impl Insert {
    /// The column whose values have to be made, if that is all there is to a key and only keys are wanted; and how many.
    pub(super) fn only_made_key(&self) -> Option<(&'static ColumnInfo, &Param)> {
        let (Returning::Keys(count), [key]) = (&self.returning, self.table.key) else {
            return None;
        };
        let is_it = |column: &&ColumnInfo| std::ptr::eq(*column, *key);
        (!self.columns.iter().any(is_it)).then_some((*key, count))
    }

    /// The array of keys stands beside those of the values, so each row gets its own without being numbered, sorted or found
    /// again. That all of them were stored is looked at all the same: triggers can do anything.
    pub(super) fn write_many_keys<'a, S: Sink<'a>>(
        &'a self,
        key: &'static ColumnInfo,
        count: &'a Param,
        given: Given<'a>,
        sink: &mut S,
    ) {
        sink.word("WITH input AS MATERIALIZED (SELECT array_agg(");
        write_made(self.table, key, sink);
        sink.word(") AS ");
        sink.put(Token::Column(Scope::Only, key));
        sink.word(" FROM generate_series(1, ");
        sink.put(Token::Bind(count));
        sink.word("::bigint)), stored AS (");
        self.write_target(&[key], sink);
        // Keys come from the column's own sequence, so GENERATED ALWAYS has nothing to object to.
        sink.word(" OVERRIDING SYSTEM VALUE SELECT ");
        sink.put(Token::Column(Scope::Alias(0), key));
        if !self.columns.is_empty() {
            sink.word(", ");
        }
        given.write_values(true, sink);
        sink.word(" FROM input CROSS JOIN ");
        given.write_source_beside(INPUT, key, sink);
        self.write_stored(sink);
        sink.word(") SELECT ");
        sink.put(Token::Column(INPUT, key));
        // Nobody looks at the types of what is no whole row: they are made sure of here.
        sink.word("::");
        sink.put(Token::Cast(key.ty.array()));
        sink.word(" FROM input WHERE (SELECT count(*) FROM stored JOIN unnest(");
        sink.put(Token::Column(INPUT, key));
        sink.word(") AS made ON made = stored.");
        sink.put(Token::Column(Scope::Only, key));
        sink.word(") = cardinality(");
        sink.put(Token::Column(INPUT, key));
        sink.word(")");
    }
}
