//! The fingerprint of a statement: equal shapes have equal text.

use super::token::{Scope, Sink, Token};
use super::{ColumnInfo, Returning, Said, ScopeColumn, ScopeValue, Table, Unscoped, Within};
use crate::value::Param;
use smallvec::SmallVec;

/// A statement's words without their text, and its parameters.
///
/// Static data stands for itself by address: a column is always the same `static`. Two copies of one string constant
/// at different addresses only make two shapes of one text.
#[derive(Default)]
pub(crate) struct Shape<'a> {
    pub(crate) words: SmallVec<[u64; 32]>,
    pub(crate) params: Params<'a>,
    /// What is said of the scope where the walk is.
    pub(super) within: Within,
    pub(super) scope: Option<&'a ScopeValue>,
    pub(super) unscoped: Option<Unscoped>,
}

/// A statement's parameters, in the order of their placeholders.
pub(crate) type Params<'a> = SmallVec<[&'a Param; 8]>;

/// The top bits say what kind of word it is, so that no two kinds can be mistaken for each other.
const TABLE: u64 = 1 << 60;
const ALIAS: u64 = 2 << 60;
const COLUMN: u64 = 3 << 60;
const COLUMNS: u64 = 4 << 60;
const TYPE: u64 = 5 << 60;
const BIND: u64 = 6 << 60;
const LITERAL: u64 = 7 << 60;
const CAST: u64 = 8 << 60;
const RAW: u64 = 9 << 60;
const QUOTED_TABLE: u64 = 10 << 60;
const BY_KEY: u64 = 11 << 60;
const NAME: u64 = 12 << 60;
/// What follows does not fit into the word itself: its number is the next word.
const LONG: u64 = 13 << 60;
const INSERT_ROW: u64 = 14 << 60;
const NAMED: u64 = 15 << 60;
/// An address with a small number above it, in one word.
const ADDRESS_BITS: u32 = 48;
const NUMBER_BITS: u32 = 12;

impl<'a> Shape<'a> {
    /// The shape of the commonest question, which its table says all about: one row by its key.
    pub(super) fn by_key(&mut self, table: &'static Table, key: impl Iterator<Item = &'a Param>) {
        self.words.push(BY_KEY | address(table));
        self.each(key);
    }

    /// One by one: nearly always there is one, and `extend` counts them first.
    fn each(&mut self, params: impl Iterator<Item = &'a Param>) {
        params.for_each(|param| self.params.push(param));
    }

    /// The shape of inserting one row, which its table, its columns and what comes back say all about.
    pub(super) fn row(
        &mut self,
        table: &'static Table,
        returning: &Returning,
        columns: &[&'static ColumnInfo],
        values: &'a [Param],
    ) {
        self.numbered(INSERT_ROW, address(table), returning.number());
        self.words
            .extend(columns.iter().map(|column| COLUMN | address(*column)));
        self.params.extend(values);
    }

    /// The shape of giving one row new values, by its key.
    pub(super) fn changed_row(
        &mut self,
        table: &'static Table,
        returning: &Returning,
        set: impl Iterator<Item = (&'static ColumnInfo, &'a Param)>,
        key: impl Iterator<Item = &'a Param>,
    ) {
        // Number 0 is the question for the row.
        self.numbered(BY_KEY, address(table), 1 + returning.number());
        for (column, value) in set {
            self.words.push(COLUMN | address(column));
            self.params.push(value);
        }
        self.each(key);
    }

    /// A hash of the words (the multiply-and-rotate scheme of `FxHash`).
    pub(crate) fn hash(&self) -> u64 {
        self.words.iter().fold(0, |hash: u64, word| {
            (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
        })
    }

    /// What belongs to a table, and how the statement names that.
    #[inline]
    fn scoped(&mut self, kind: u64, address: u64, scope: Scope) {
        self.numbered(kind, address, scope.word());
        if let Scope::Named(name) = scope {
            self.text(NAMED, name);
        }
    }

    #[inline]
    fn text(&mut self, kind: u64, text: &'static str) {
        self.numbered(kind, address(text.as_ptr()), text.len() as u64);
    }

    /// An address and a number: nearly always one word, otherwise three.
    #[inline]
    fn numbered(&mut self, kind: u64, address: u64, number: u64) {
        if address >> ADDRESS_BITS == 0 && number >> NUMBER_BITS == 0 {
            self.words.push(kind | number << ADDRESS_BITS | address);
        } else {
            self.long(kind | address, number);
        }
    }

    #[cold]
    fn long(&mut self, word: u64, number: u64) {
        self.words.extend([LONG, word, number]);
    }
}

/// An address is at most 57 bits wide on the machines there are.
fn address<T>(of: *const T) -> u64 {
    of.addr() as u64
}

impl Scope {
    fn word(self) -> u64 {
        match self {
            Self::Only => 0,
            Self::Alias(alias) => u64::from(alias) + 1,
            Self::Inside(depth) => 1 << 20 | u64::from(depth),
            Self::Table(table) => TABLE | address(table),
            Self::Source => 1 << 21,
            Self::Named(_) => 1 << 22,
            Self::Link(number) => 1 << 23 | u64::from(number),
        }
    }
}

impl<'a> Sink<'a> for Shape<'a> {
    fn bound(&mut self, param: &'a Param) {
        self.params.push(param);
    }

    fn saying(&mut self, said: Option<&'a Said>, words: impl FnOnce(&mut Self)) {
        self.hear_out(said, words);
    }

    fn within(&self) -> Within {
        self.within
    }

    fn scope(&mut self, table: &'static Table, scope: &'static ScopeColumn) {
        match self.value_of(table, scope) {
            Some((value, None)) => self.put(Token::Bind(value)),
            Some((_, Some(place))) => self.words.push(BIND | (place as u64 + 1)),
            None => {}
        }
    }

    fn unscoped(&mut self, table: &'static Table) {
        self.unscoped = Some(Unscoped::Missing(table));
    }

    #[inline]
    fn word(&mut self, word: &'static str) {
        self.text(0, word);
    }

    #[inline]
    fn put(&mut self, token: Token<'a>) {
        match token {
            Token::Word(word) => self.word(word),
            Token::Table(table) => self.words.push(TABLE | address(table)),
            Token::QuotedTable(table) => self.words.push(QUOTED_TABLE | address(table)),
            Token::Alias(alias) => self.words.push(ALIAS | u64::from(alias)),
            Token::Name(scope) => self.scoped(NAME, 0, scope),
            Token::Column(scope, column) => {
                self.scoped(COLUMN, address(column), scope);
            }
            Token::Columns(scope, table) => {
                self.scoped(COLUMNS, address(table), scope);
            }
            Token::Type(ty) => {
                self.text(TYPE, ty.name());
                self.words.push(u64::from(ty.is_array()));
            }
            Token::Cast(ty) => {
                self.text(CAST, ty.name());
                self.words.push(u64::from(ty.is_array()));
            }
            Token::Bind(param) => {
                self.words.push(BIND);
                self.params.push(param);
            }
            Token::Literal(text) => self.text(LITERAL, text),
            // The caller's text may be made at run time, so its bytes are the shape, not its address.
            Token::Raw(text) => {
                self.words.push(RAW);
                self.words.push(text.len() as u64);
                self.words.extend(text.as_bytes().chunks(8).map(|chunk| {
                    chunk
                        .iter()
                        .fold(0, |word, byte| word << 8 | u64::from(*byte))
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Shape, Sink, Token};
    use crate::sql::{
        Base, ColumnInfo, Expr, Insert, Operation, Output, Raw, Returning, Rows, Select, Statement,
        Table, Text,
    };
    use crate::value::Param;

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

    fn equal(column: &'static ColumnInfo, op: &'static str, value: i64) -> Expr {
        let value = Param::from_i64(value);
        Expr::Compare { column, op, value }
    }

    fn select(filter: impl IntoIterator<Item = Expr>) -> Select {
        let mut base = Base::new(&USERS);
        base.filter.extend(filter);
        Select::new(Operation::Find, Output::Columns, base)
    }

    fn text(statement: &impl Statement) -> String {
        let mut text = Text::default();
        statement.write(&mut text);
        text.into_sql()
    }

    /// Whether two statements have one shape; then they must have one text, and else two.
    fn alike(one: &impl Statement, other: &impl Statement) -> bool {
        let (mut shape, mut other_shape) = (Shape::default(), Shape::default());
        one.write(&mut shape);
        other.write(&mut other_shape);
        let alike = shape.words == other_shape.words;
        assert_eq!(alike, text(one) == text(other));
        assert!(!alike || shape.hash() == other_shape.hash());
        alike
    }

    #[test]
    fn values_do_not_matter_to_a_shape() {
        let by_id = |id| select([equal(&ID, " = ", id)]);
        assert!(alike(&by_id(1), &by_id(2)));
        let among = |ids: Vec<i64>| {
            let list = Param::value(ids);
            select([Expr::AnyOf { column: &ID, list }])
        };
        assert!(alike(&among(vec![]), &among(vec![1, 2, 3])));
    }

    #[test]
    fn columns_operators_and_nesting_do() {
        let one = || equal(&ID, " = ", 1);
        let other = || equal(&AGE, " = ", 1);
        for different in [
            select([]),
            select([other()]),
            select([equal(&ID, " <> ", 1)]),
            select([Expr::Not(Box::new(one()))]),
            select([one(), one()]),
            select([one().or(one())]),
        ] {
            assert!(!alike(&select([one()]), &different));
        }
        let (all, any) = (one().and(other()).or(one()), one().and(other().or(one())));
        assert!(!alike(&select([all]), &select([any])));
    }

    #[test]
    fn orders_and_pages_do() {
        let paged = |limit: Option<i64>, offset: Option<i64>| {
            let mut select = select([]);
            select.base.limit = limit.map(Param::from_i64);
            select.base.offset = offset.map(Param::from_i64);
            select
        };
        assert!(alike(&paged(Some(1), None), &paged(Some(2), None)));
        assert!(!alike(&paged(Some(1), None), &paged(None, Some(1))));
        assert!(!alike(&paged(None, None), &paged(Some(1), Some(1))));
        let mut count = select([]);
        count.output = Output::Count;
        assert!(!alike(&select([]), &count));
    }

    #[test]
    fn rows_to_insert_have_one_shape_when_they_have_one_text() {
        static TEAMS: Table = Table {
            name: "teams",
            ..USERS
        };
        let insert = |table, columns: &[&'static ColumnInfo], returning| Insert {
            table,
            columns: columns.to_vec(),
            rows: Rows::One(columns.iter().map(|_| Param::from_i64(1)).collect()),
            returning,
            conflict: None,
            said: None,
        };
        let columns: [&[&'static ColumnInfo]; 4] = [&[], &[&ID], &[&AGE], &[&ID, &AGE]];
        let mut inserts = Vec::new();
        for table in [&USERS, &TEAMS] {
            for columns in columns {
                for returning in [
                    || Returning::Nothing,
                    || Returning::Rows,
                    || Returning::Keys(Param::from_i64(1)),
                ] {
                    inserts.push(insert(table, columns, returning()));
                }
            }
        }
        for one in &inserts {
            for other in &inserts {
                let (mut shape, mut other_shape) = (Shape::default(), Shape::default());
                one.shape(&mut shape);
                other.shape(&mut other_shape);
                assert_eq!(
                    shape.words == other_shape.words,
                    text(one) == text(other),
                    "{} and {}",
                    text(one),
                    text(other)
                );
            }
            let mut shape = Shape::default();
            one.shape(&mut shape);
            assert_eq!(shape.params.len(), one.columns.len());
        }
    }

    /// A word of thousands of letters, and one like it that is longer.
    #[test]
    fn what_does_not_fit_into_one_word_takes_more() {
        let long: &'static str = "x".repeat(5_000).leak();
        let shape = |tokens: &[Token<'static>]| {
            let mut shape = Shape::default();
            tokens.iter().for_each(|token| shape.put(*token));
            shape.words
        };
        let word = |length: usize| shape(&[Token::Word(&long[..length])]);
        assert_eq!(word(5_000), word(5_000));
        for (one, other) in [(1, 2), (1, 4_097), (4_095, 4_096), (4_999, 5_000)] {
            assert_ne!(word(one), word(other), "{one} and {other}");
        }
        let column = |scope| shape(&[Token::Column(scope, &ID)]);
        assert_ne!(column(Scope::Only), column(Scope::Alias(0)));
        assert_ne!(column(Scope::Alias(1)), column(Scope::Alias(u16::MAX)));
        assert_ne!(
            column(Scope::Alias(4_095)),
            column(Scope::Alias(4_095 + 4_096))
        );
    }

    #[test]
    fn own_sql_is_its_text() {
        let raw = |sql: &str| Raw {
            sql: sql.to_owned().into(),
            params: Vec::new(),
            summary: None,
            repeatable: false,
        };
        assert!(alike(&raw("SELECT 1"), &raw("SELECT 1")));
        assert!(!alike(&raw("SELECT 1"), &raw("SELECT 2")));
        assert!(!alike(&raw("SELECT 12345678"), &raw("SELECT 12345679")));
        assert!(!alike(&raw("a"), &raw("\0a")));
        assert!(!alike(&raw(""), &raw("\0")));
    }
}
