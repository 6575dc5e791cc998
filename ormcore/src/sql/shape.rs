//! The fingerprint of a statement: equal shapes have equal text.

use super::token::{Scope, Sink, Token};
use crate::value::Param;
use smallvec::SmallVec;

/// A statement's words without their text, and its parameters.
///
/// Static data stands for itself by address: a column is always the same `static`. Two copies of one string constant
/// at different addresses only make two shapes of one text.
#[derive(Default)]
pub(crate) struct Shape<'a> {
    pub(crate) words: SmallVec<[u64; 32]>,
    pub(crate) params: SmallVec<[&'a Param; 8]>,
}

/// The top bits say what kind of word it is, so that no two kinds can be mistaken for each other.
const TABLE: u64 = 1 << 60;
const ALIAS: u64 = 2 << 60;
const COLUMN: u64 = 3 << 60;
const COLUMNS: u64 = 4 << 60;
const TYPE: u64 = 5 << 60;
const BIND: u64 = 6 << 60;
const LITERAL: u64 = 7 << 60;
const NUMBER: u64 = 8 << 60;
const RAW: u64 = 9 << 60;
const QUOTED_TABLE: u64 = 10 << 60;

impl Shape<'_> {
    /// A hash of the words (the multiply-and-rotate scheme of `FxHash`).
    pub(crate) fn hash(&self) -> u64 {
        self.words.iter().fold(0, |hash: u64, word| {
            (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
        })
    }

    fn text(&mut self, kind: u64, text: &'static str) {
        self.words.push(kind | address(text.as_ptr()));
        self.words.push(text.len() as u64);
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
        }
    }
}

impl<'a> Sink<'a> for Shape<'a> {
    fn bound(&mut self, param: &'a Param) {
        self.params.push(param);
    }

    #[inline]
    fn put(&mut self, token: Token<'a>) {
        match token {
            Token::Word(word) => self.text(0, word),
            Token::Table(table) => self.words.push(TABLE | address(table)),
            Token::QuotedTable(table) => self.words.push(QUOTED_TABLE | address(table)),
            Token::Alias(alias) => self.words.push(ALIAS | u64::from(alias)),
            Token::Column(scope, column) => {
                self.words.push(COLUMN | address(column));
                self.words.push(scope.word());
            }
            Token::Columns(scope, table) => {
                self.words.push(COLUMNS | address(table));
                self.words.push(scope.word());
            }
            Token::Type(ty) => {
                self.text(TYPE, ty.name());
                self.words.push(u64::from(ty.is_array()));
            }
            Token::Bind(param) => {
                self.words.push(BIND);
                self.params.push(param);
            }
            Token::Literal(text) => self.text(LITERAL, text),
            Token::Number(number) => {
                self.words.push(NUMBER);
                self.words.push(number as u64);
            }
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
