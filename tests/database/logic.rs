//! Random conditions, asked of PostgreSQL and of a model in Rust: nesting and NULLs mean the same to both.

use crate::dice::Dice;
use crate::fresh::fresh;
use ormcore::{Condition, Entity, entities};

#[derive(Entity, Debug, Clone)]
#[orm(table = "cells", insert(NewCell, derive(Clone)))]
struct Cell {
    #[orm(primary_key, generated)]
    id: i64,
    a: Option<i32>,
    b: Option<i32>,
    word: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A condition as a tree, so that it can be built for the database and weighed in Rust.
#[derive(Debug)]
enum Tree {
    Value(Op, i32),
    Columns(Op),
    In(Vec<i32>),
    NotIn(Vec<i32>),
    Between(i32, i32),
    Null,
    NotNull,
    StartsWith(&'static str),
    Contains(&'static str),
    NotLike(&'static str),
    Not(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

const NUMBERS: [Option<i32>; 4] = [None, Some(0), Some(1), Some(2)];
const WORDS: [Option<&str>; 5] = [None, Some(""), Some("50%"), Some("50"), Some("a_b")];
const PARTS: [&str; 5] = ["", "5", "50%", "_", "a_"];
const OPS: [Op; 6] = [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge];

fn grow(dice: &mut Dice, depth: u32) -> Tree {
    let leaf = depth == 0 || dice.one_in(4);
    if leaf {
        let number = |dice: &mut Dice| dice.below(4) as i32;
        let numbers = |dice: &mut Dice| (0..dice.below(3)).map(|_| dice.below(3) as i32).collect();
        return match dice.below(10) {
            0 | 1 => Tree::Value(dice.pick(&OPS), number(dice)),
            2 => Tree::Columns(dice.pick(&OPS)),
            3 => Tree::In(numbers(dice)),
            4 => Tree::NotIn(numbers(dice)),
            5 => Tree::Between(number(dice), number(dice)),
            6 => Tree::Null,
            7 => Tree::NotNull,
            8 => Tree::StartsWith(dice.pick(&PARTS)),
            9 if dice.one_in(2) => Tree::Contains(dice.pick(&PARTS)),
            _ => Tree::NotLike(dice.pick(&PARTS)),
        };
    }
    let one = |dice: &mut Dice| Box::new(grow(dice, depth - 1));
    let some = |dice: &mut Dice| (0..dice.below(4)).map(|_| grow(dice, depth - 1)).collect();
    match dice.below(5) {
        0 => Tree::Not(one(dice)),
        1 => Tree::And(one(dice), one(dice)),
        2 => Tree::Or(one(dice), one(dice)),
        3 => Tree::All(some(dice)),
        _ => Tree::Any(some(dice)),
    }
}

impl Tree {
    fn condition(&self) -> Condition<Cell> {
        match self {
            Self::Value(Op::Eq, value) => Cell::A.eq(*value),
            Self::Value(Op::Ne, value) => Cell::A.ne(*value),
            Self::Value(Op::Lt, value) => Cell::A.lt(*value),
            Self::Value(Op::Le, value) => Cell::A.le(*value),
            Self::Value(Op::Gt, value) => Cell::A.gt(*value),
            Self::Value(Op::Ge, value) => Cell::A.ge(*value),
            Self::Columns(Op::Eq) => Cell::A.eq(Cell::B),
            Self::Columns(Op::Ne) => Cell::A.ne(Cell::B),
            Self::Columns(Op::Lt) => Cell::A.lt(Cell::B),
            Self::Columns(Op::Le) => Cell::A.le(Cell::B),
            Self::Columns(Op::Gt) => Cell::A.gt(Cell::B),
            Self::Columns(Op::Ge) => Cell::A.ge(Cell::B),
            Self::In(values) => Cell::A.in_(values.clone()),
            Self::NotIn(values) => Cell::A.not_in(values.clone()),
            Self::Between(low, high) => Cell::A.between(*low, *high),
            Self::Null => Cell::B.is_null(),
            Self::NotNull => Cell::B.is_not_null(),
            Self::StartsWith(part) => Cell::WORD.starts_with(part),
            Self::Contains(part) => Cell::WORD.contains(part),
            Self::NotLike(part) => {
                let escaped = part.replace('%', "\\%").replace('_', "\\_");
                Cell::WORD.not_like(&*format!("%{escaped}"))
            }
            Self::Not(inner) => !inner.condition(),
            Self::And(a, b) => a.condition().and(b.condition()),
            Self::Or(a, b) => a.condition() | b.condition(),
            Self::All(parts) => Condition::all(parts.iter().map(Self::condition)),
            Self::Any(parts) => Condition::any(parts.iter().map(Self::condition)),
        }
    }

    /// True, false, or, where NULL comes in, neither.
    fn holds(&self, row: &Cell) -> Option<bool> {
        let word = row.word.as_deref();
        match self {
            Self::Value(op, value) => Some(op.holds(row.a?, *value)),
            Self::Columns(op) => Some(op.holds(row.a?, row.b?)),
            Self::In(values) if values.is_empty() => Some(false),
            Self::In(values) => Some(values.contains(&row.a?)),
            Self::NotIn(values) if values.is_empty() => Some(true),
            Self::NotIn(values) => Some(!values.contains(&row.a?)),
            Self::Between(low, high) => Some((*low..=*high).contains(&row.a?)),
            Self::Null => Some(row.b.is_none()),
            Self::NotNull => Some(row.b.is_some()),
            Self::StartsWith(part) => Some(word?.starts_with(part)),
            Self::Contains(part) => Some(word?.contains(part)),
            Self::NotLike(part) => Some(!word?.ends_with(part)),
            Self::Not(inner) => inner.holds(row).map(|holds| !holds),
            Self::And(a, b) => all([a.holds(row), b.holds(row)]),
            Self::Or(a, b) => any([a.holds(row), b.holds(row)]),
            Self::All(parts) => all(parts.iter().map(|part| part.holds(row))),
            Self::Any(parts) => any(parts.iter().map(|part| part.holds(row))),
        }
    }
}

impl Op {
    fn holds(self, left: i32, right: i32) -> bool {
        match self {
            Self::Eq => left == right,
            Self::Ne => left != right,
            Self::Lt => left < right,
            Self::Le => left <= right,
            Self::Gt => left > right,
            Self::Ge => left >= right,
        }
    }
}

fn all(parts: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    any(parts.into_iter().map(|part| part.map(|holds| !holds))).map(|holds| !holds)
}

fn any(parts: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let parts: Vec<_> = parts.into_iter().collect();
    if parts.contains(&Some(true)) {
        Some(true)
    } else if parts.contains(&None) {
        None
    } else {
        Some(false)
    }
}

#[tokio::test]
async fn a_condition_means_to_the_database_what_it_means_in_rust() {
    let fresh = fresh(entities![Cell]).await;
    let mut rows = Vec::new();
    for a in NUMBERS {
        for b in NUMBERS {
            for word in WORDS {
                let word = word.map(str::to_owned);
                rows.push(NewCell { a, b, word });
            }
        }
    }
    let rows = Cell::insert_many(rows).all(&fresh.db).await.unwrap();
    assert_eq!(rows.len(), 80);
    let mut some = 0;
    for seed in 0..400 {
        let tree = grow(&mut Dice::new(seed), 5);
        let found = Cell::find().filter(tree.condition()).order_by(Cell::ID);
        let found = found.all(&fresh.db).await.unwrap();
        let found: Vec<i64> = found.iter().map(|row| row.id).collect();
        let expected = rows.iter().filter(|row| tree.holds(row) == Some(true));
        let expected: Vec<i64> = expected.map(|row| row.id).collect();
        assert_eq!(found, expected, "seed {seed}: {tree:?}");
        some += usize::from(!expected.is_empty() && expected.len() < rows.len());
    }
    // Conditions that always or never hold prove little.
    assert!(some > 100, "{some}");
}

#[test]
fn the_model_has_all_three_truths() {
    assert_eq!(all([Some(true), None]), None);
    assert_eq!(all([Some(false), None]), Some(false));
    assert_eq!(all([]), Some(true));
    assert_eq!(any([Some(true), None]), Some(true));
    assert_eq!(any([Some(false), None]), None);
    assert_eq!(any([]), Some(false));
}
