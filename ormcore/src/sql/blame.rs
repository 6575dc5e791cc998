//! Questions behind a flush that failed: which of the rows that were sent an error is about, and which are still there.
//!
//! An error quotes values as PostgreSQL shows them. So PostgreSQL is asked to show those that were sent, and to compare.

use super::expr::At;
use super::guard::write_scope;
use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Operation, Statement, Table};
use crate::value::Param;

/// Which of the rows that were sent are told of in an error, by their positions.
#[derive(Debug)]
pub(crate) struct Blame {
    pub(crate) table: &'static Table,
    pub(crate) sent: Vec<Sent>,
    pub(crate) told: Told,
}

/// What was sent for one column.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) column: &'static ColumnInfo,
    /// The function of it that is told, if it is not the value itself.
    pub(crate) folded: Option<&'static str>,
    pub(crate) values: SentValues,
    /// An array of what other rows have in it: their positions are behind.
    pub(crate) others: Option<Param>,
}

#[derive(Debug)]
pub(crate) enum SentValues {
    /// The value of the only row.
    One(Param),
    /// An array.
    Many(Param),
}

/// What the error tells, as PostgreSQL shows it.
#[derive(Debug)]
pub(crate) enum Told {
    /// The values of these columns, a parenthesis, and more.
    Key(Param),
    /// The same, where rows of another table refer to them by this constraint.
    Referred { key: Param, constraint: Param },
    /// A whole row, with a comma and a blank on each side.
    Row(Param),
}

/// Which of some keys are there.
#[derive(Debug)]
pub(crate) struct StillThere {
    pub(crate) table: &'static Table,
    /// An array for each column of the key.
    pub(crate) lists: Vec<Param>,
}

/// No columns of ours can be called so.
const POSITION: &str = "\"ormcore position\"";
const SHOWN: &str = "\"ormcore shown\"";

/// PostgreSQL cuts off the values of a whole row behind so many bytes.
const LONGEST: &str = "64";
/// So many characters are left of them in any case.
const SURE: &str = "16";

impl Blame {
    fn write_columns<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.list(", ", &self.sent, |sink, sent| {
            sink.put(Token::Column(Scope::Only, sent.column));
        });
    }

    /// The rows that were sent, and the others, with their positions.
    fn write_rows<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("unnest(");
        sink.list(", ", &self.sent, |sink, sent| {
            match &sent.values {
                SentValues::One(value) => {
                    sink.word("ARRAY[");
                    sink.put(Token::Bind(value));
                    sink.word("::");
                    sink.put(exact(sent.column, false));
                    sink.word("]");
                }
                SentValues::Many(values) => {
                    sink.put(Token::Bind(values));
                    sink.word("::");
                    sink.put(exact(sent.column, true));
                }
            }
            if let Some(others) = &sent.others {
                sink.word(" || ");
                sink.put(Token::Bind(others));
                sink.word("::");
                sink.put(exact(sent.column, true));
            }
        });
        sink.word(") WITH ORDINALITY AS sent (");
        self.write_columns(sink);
        sink.word(", ");
        sink.word(POSITION);
        sink.word(")");
    }

    /// Those that have the values that are told, or others that count as the same. A value may hold what stands behind it,
    /// so that the longest is meant.
    fn write_by_key<'a>(&'a self, key: &'a Param, sink: &mut impl Sink<'a>) {
        sink.word("WITH sent AS MATERIALIZED (SELECT * FROM ");
        self.write_rows(sink);
        sink.word("), shown AS (SELECT *, concat_ws(', ', ");
        sink.list(", ", &self.sent, |sink, sent| {
            sent.write_shown(Scope::Only, sink);
        });
        sink.word(") AS ");
        sink.word(SHOWN);
        sink.word(" FROM sent), told AS (SELECT * FROM shown WHERE starts_with(");
        sink.put(Token::Bind(key));
        sink.word("::text, ");
        sink.word(SHOWN);
        sink.word(" || ')') ORDER BY length(");
        sink.word(SHOWN);
        sink.word(") DESC LIMIT 1) SELECT sent.");
        sink.word(POSITION);
        sink.word(" FROM sent JOIN told ON ");
        sink.list(" AND ", &self.sent, |sink, sent| {
            sent.write(Scope::Named("sent"), sink);
            sink.word(" IS NOT DISTINCT FROM ");
            sent.write(Scope::Named("told"), sink);
        });
    }

    /// Those whose values are all in the row that is told.
    fn write_by_row<'a>(&'a self, row: &'a Param, sink: &mut impl Sink<'a>) {
        sink.word("SELECT ");
        sink.word(POSITION);
        sink.word(" FROM (SELECT ");
        sink.word(POSITION);
        for sent in &self.sent {
            sink.word(", ");
            sent.write_shown(Scope::Only, sink);
            sink.word(" AS ");
            sink.put(Token::Column(Scope::Only, sent.column));
        }
        sink.word(" FROM ");
        self.write_rows(sink);
        sink.word(") AS shown WHERE ");
        sink.list(" AND ", &self.sent, |sink, sent| {
            let column = Token::Column(Scope::Only, sent.column);
            // Where no value was sent the database may have made one.
            if sent.column.default.is_some() {
                sink.word("(");
                sink.put(column);
                sink.word(" = 'null' OR ");
            }
            sink.word("strpos(");
            sink.put(Token::Bind(row));
            sink.word("::text, ', ' || CASE WHEN octet_length(");
            sink.put(column);
            sink.word(") > ");
            sink.word(LONGEST);
            sink.word(" THEN left(");
            sink.put(column);
            sink.word(", ");
            sink.word(SURE);
            sink.word(") ELSE ");
            sink.put(column);
            sink.word(" || ', ' END) > 0");
            if sent.column.default.is_some() {
                sink.word(")");
            }
        });
    }
}

impl Sent {
    /// A value as it is compared.
    fn write<'a>(&self, scope: Scope, sink: &mut impl Sink<'a>) {
        match self.folded {
            Some(_) => self.write_shown(scope, sink),
            None => sink.put(Token::Column(scope, self.column)),
        }
    }

    /// A value as it is quoted; `format` shows it as an error does, which a cast does not.
    fn write_shown<'a>(&self, scope: Scope, sink: &mut impl Sink<'a>) {
        let column = Token::Column(scope, self.column);
        sink.word("CASE WHEN ");
        sink.put(column);
        sink.word(" IS NULL THEN 'null' ELSE ");
        if let Some(function) = self.folded {
            sink.word(function);
            sink.word("(");
        }
        sink.word("format('%s', ");
        sink.put(column);
        sink.word(if self.folded.is_some() {
            ")) END"
        } else {
            ") END"
        });
    }
}

/// The type of a column, or an array of it. Where it has a length or a scale, values are shown with it.
fn exact<'a>(column: &'static ColumnInfo, array: bool) -> Token<'a> {
    let ty = if array { column.ty.array() } else { column.ty };
    match ty.name().contains('(') {
        true => Token::Type(ty),
        false => Token::Cast(ty),
    }
}

impl Statement for Blame {
    fn operation(&self) -> Operation {
        Operation::Find
    }

    fn summary(&self) -> String {
        format!("SELECT BLAME {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        match &self.told {
            Told::Row(row) => self.write_by_row(row, sink),
            Told::Key(key) => self.write_by_key(key, sink),
            Told::Referred { key, constraint } => {
                self.write_by_key(key, sink);
                // What goes along with a row may be referred to as well.
                sink.word(" WHERE EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conname = ");
                sink.put(Token::Bind(constraint));
                sink.word("::text AND contype = 'f' AND confrelid = ");
                sink.put(Token::QuotedTable(self.table));
                sink.word("::regclass)");
            }
        }
    }
}

impl Statement for StillThere {
    fn operation(&self) -> Operation {
        Operation::Find
    }

    fn summary(&self) -> String {
        format!("SELECT {}", self.table.name)
    }

    fn table(&self) -> Option<&'static Table> {
        Some(self.table)
    }

    fn write<'a>(&'a self, sink: &mut impl Sink<'a>) {
        sink.word("SELECT ");
        write_key(self.table, sink);
        sink.word(" FROM ");
        sink.put(Token::Table(self.table));
        sink.word(" WHERE (");
        write_key(self.table, sink);
        sink.word(") IN (SELECT * FROM unnest(");
        let pairs = self.table.key.iter().zip(&self.lists);
        sink.list(", ", pairs, |sink, (column, list)| {
            sink.put(Token::Bind(list));
            sink.word("::");
            sink.put(Token::Cast(column.ty.array()));
        });
        sink.word("))");
        write_scope(" AND ", At::only(self.table), sink);
    }
}

fn write_key<'a>(table: &'static Table, sink: &mut impl Sink<'a>) {
    sink.list(", ", table.key, |sink, column| {
        sink.put(Token::Column(Scope::Only, column));
    });
}
