//! Random expressions in conditions: the rows for which one holds are those for which it is true when it is selected.

use crate::chance::{is_clear, runtime, session, try_many};
use crate::fresh::{Fresh, fresh};
use ormcore::{Condition, Entity, Expression, Many, case, entities};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

#[derive(Entity, Debug)]
#[orm(table = "cells", insert(NewCell))]
struct Cell {
    #[orm(primary_key)]
    id: i64,
    n: Option<i32>,
    m: i32,
    word: Option<String>,
    tags: Vec<String>,
    #[orm(has_many(Part, key = cell_id))]
    parts: Many<Part>,
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "parts", insert(NewPart))]
struct Part {
    #[orm(primary_key)]
    id: i64,
    #[orm(references(Cell))]
    cell_id: i64,
    size: i32,
}

type Number = Expression<Cell, Option<i32>>;

#[derive(Clone, Debug)]
enum Num {
    N,
    M,
    Value(i32),
    Length,
    Tags,
    Parts,
    Two(u8, Box<Num>, Box<Num>),
    Negative(Box<Num>),
    Absolute(Box<Num>),
    Case(Box<Cond>, Box<Num>, Box<Num>),
}

#[derive(Clone, Debug)]
enum Cond {
    Compare(u8, Num, Num),
    In(Num, Vec<i32>, bool),
    Between(Num, Num, Num),
    Null(Num, bool),
    Word(u8, String),
    Has(String),
    Parts(u8, i32),
    InQuery(Num, i32, bool),
    Not(Box<Cond>),
    All(Vec<Cond>),
    Any(Vec<Cond>),
}

impl Num {
    fn build(&self) -> Number {
        match self {
            Self::N => Cell::N.into(),
            Self::M => Expression::from(Cell::M).nullable(),
            Self::Value(value) => Expression::value(Some(*value)),
            Self::Length => Cell::WORD.length(),
            Self::Tags => Cell::TAGS.count_elements().nullable(),
            Self::Parts => Cell::PARTS.count().cast(),
            Self::Two(how, one, other) => {
                let (one, other) = (one.build(), other.build());
                match how % 9 {
                    0 => one + other,
                    1 => one - other,
                    2 => one * other,
                    3 => one / other,
                    4 => one % other,
                    5 => one.coalesce(other).nullable(),
                    6 => one.null_if(other),
                    7 => one.greatest(other),
                    _ => one.least(other),
                }
            }
            Self::Negative(inner) => -inner.build(),
            Self::Absolute(inner) => inner.build().abs(),
            Self::Case(when, then, otherwise) => case::<Cell, i32>()
                .when(when.build(), then.build())
                .otherwise(otherwise.build())
                .nullable(),
        }
    }
}

impl Cond {
    fn build(&self) -> Condition<Cell> {
        let all = |parts: &[Self]| parts.iter().map(Self::build).collect::<Vec<_>>();
        match self {
            Self::Compare(how, one, other) => {
                let (one, other) = (one.build(), other.build());
                match how % 8 {
                    0 => one.eq(other),
                    1 => one.ne(other),
                    2 => one.lt(other),
                    3 => one.le(other),
                    4 => one.gt(other),
                    5 => one.ge(other),
                    6 => one.is_distinct_from(other),
                    _ => one.is_not_distinct_from(other),
                }
            }
            Self::In(number, values, true) => number.build().in_(values.clone()),
            Self::In(number, values, false) => number.build().not_in(values.clone()),
            Self::Between(number, low, high) => number.build().between(low.build(), high.build()),
            Self::Null(number, true) => number.build().is_null(),
            Self::Null(number, false) => number.build().is_not_null(),
            Self::Word(how, word) => match how % 9 {
                0 => Cell::WORD.starts_with(word),
                1 => Cell::WORD.ends_with(word),
                2 => Cell::WORD.contains(word),
                3 => Cell::WORD.icontains(word),
                4 => Cell::WORD.like(word),
                5 => Cell::WORD.not_ilike(word),
                6 => Cell::WORD.matches(word),
                7 => Cell::WORD.search("simple", word),
                _ => Cell::WORD.concat(word).upper().trim().ne(word),
            },
            Self::Has(word) => Cell::TAGS.has(word),
            Self::Parts(how, size) => match how % 4 {
                0 => Cell::PARTS.any(Part::SIZE.gt(*size)),
                1 => Cell::PARTS.none(Part::SIZE.gt(*size)),
                2 => Cell::PARTS.every(Part::SIZE.gt(*size)),
                _ => Cell::PARTS.missing(),
            },
            Self::InQuery(number, size, within) => {
                let sizes = Part::find().filter(Part::SIZE.lt(*size)).select(Part::SIZE);
                match within {
                    true => number.build().in_query(sizes),
                    false => number.build().not_in_query(sizes),
                }
            }
            Self::Not(inner) => !inner.build(),
            Self::All(parts) => Condition::all(all(parts)),
            Self::Any(parts) => Condition::any(all(parts)),
        }
    }
}

fn numbers() -> impl Strategy<Value = i32> {
    prop_oneof![4 => -2..4_i32, 1 => Just(i32::MAX), 1 => Just(i32::MIN), 1 => any::<i32>()]
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(vec!["", "a", "A%", "_", "\\", "a b", "('", "\u{0}", "🦀", "[", "a|"]).prop_map(str::to_owned),
        1 => vec(any::<char>(), 0..4).prop_map(|letters| letters.into_iter().collect()),
    ]
}

/// Conditions this deep. Those in a CASE are leaves.
fn conditions() -> impl Strategy<Value = Cond> {
    let leaf = prop_oneof![
        Just(Num::N),
        Just(Num::M),
        numbers().prop_map(Num::Value),
        Just(Num::Length),
        Just(Num::Tags),
        Just(Num::Parts),
    ];
    let in_case = (any::<u8>(), leaf.clone(), leaf.clone());
    let in_case = in_case.prop_map(|(how, one, other)| Cond::Compare(how, one, other));
    let number = leaf.prop_recursive(3, 12, 2, move |inner| {
        let one = inner.clone().prop_map(Box::new);
        prop_oneof![
            4 => (any::<u8>(), one.clone(), one.clone()).prop_map(|(how, a, b)| Num::Two(how, a, b)),
            1 => one.clone().prop_map(Num::Negative),
            1 => one.clone().prop_map(Num::Absolute),
            1 => (in_case.clone().prop_map(Box::new), one.clone(), one).prop_map(|(when, a, b)| Num::Case(when, a, b)),
        ]
    });
    let number = || number.clone();
    let leaf = prop_oneof![
        (any::<u8>(), number(), number()).prop_map(|(how, a, b)| Cond::Compare(how, a, b)),
        (number(), vec(numbers(), 0..4), any::<bool>())
            .prop_map(|(a, list, is)| Cond::In(a, list, is)),
        (number(), number(), number()).prop_map(|(a, b, c)| Cond::Between(a, b, c)),
        (number(), any::<bool>()).prop_map(|(a, is)| Cond::Null(a, is)),
        (any::<u8>(), words()).prop_map(|(how, word)| Cond::Word(how, word)),
        words().prop_map(Cond::Has),
        (any::<u8>(), numbers()).prop_map(|(how, size)| Cond::Parts(how, size)),
        (number(), numbers(), any::<bool>()).prop_map(|(a, size, is)| Cond::InQuery(a, size, is)),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Cond::Not(Box::new(inner))),
            vec(inner.clone(), 0..4).prop_map(Cond::All),
            vec(inner, 0..4).prop_map(Cond::Any),
        ]
    })
}

async fn cells() -> Fresh {
    let fresh = fresh(entities![Cell, Part]).await;
    let words = [
        None,
        Some(""),
        Some("a"),
        Some("a b"),
        Some("50%_\\"),
        Some("🦀"),
    ];
    let numbers = [None, Some(0), Some(2), Some(-1), Some(i32::MAX), Some(3)];
    let rows = (0..12).map(|id| NewCell {
        id,
        n: numbers[id as usize % 6],
        m: [i32::MIN, 0, 1, 7][id as usize % 4],
        word: words[id as usize * 5 % 6].map(str::to_owned),
        tags: words[..id as usize % 4]
            .iter()
            .flatten()
            .map(|word| (*word).to_owned())
            .collect(),
    });
    Cell::insert_many(rows.collect())
        .execute(&fresh.db)
        .await
        .expect("cells");
    let parts = (0..10).map(|id| NewPart {
        id,
        cell_id: id % 7,
        size: i32::try_from(id).expect("small") - 2,
    });
    Part::insert_many(parts.collect())
        .execute(&fresh.db)
        .await
        .expect("parts");
    fresh
}

#[test]
fn a_condition_holds_for_the_rows_for_which_it_is_selected_as_true() {
    let runtime = runtime();
    let cells = runtime.block_on(cells());
    let at_first = runtime.block_on(session(&cells));
    let (mut some, mut refused, mut tried) = (0, 0, 0);
    try_many(400, &conditions(), |condition| {
        runtime.block_on(async {
            tried += 1;
            let found = Cell::find().filter(condition.build()).order_by(Cell::ID);
            let found = found.select(Cell::ID).all(&cells.db).await;
            let truth = case::<Cell, i32>()
                .when(condition.build(), 1)
                .when(!condition.build(), 2);
            let truth = Cell::find()
                .order_by(Cell::ID)
                .select((Cell::ID, truth.otherwise(3)));
            let truth = truth.all(&cells.db).await;
            let none = Cell::find().filter(!condition.build()).order_by(Cell::ID);
            let none = none.select(Cell::ID).all(&cells.db).await;
            let now = session(&cells).await;
            if now != at_first {
                return Err("the connection was given up".to_owned());
            }
            let (found, truth, none) = match (found, truth, none) {
                (Ok(found), Ok(truth), Ok(none)) => (found, truth, none),
                (found, truth, none) => {
                    refused += 1;
                    let errors = [found.err(), truth.map(drop).err(), none.err()];
                    let unclear = errors.iter().flatten().find(|error| !is_clear(error));
                    return unclear.map_or(Ok(()), |error| Err(format!("no clear error: {error}")));
                }
            };
            let is = |which: i32| {
                let rows = truth.iter().filter(move |(_, truth)| *truth == which);
                rows.map(|(id, _)| *id).collect::<Vec<i64>>()
            };
            if (&found, &none) != (&is(1), &is(2)) {
                return Err(format!(
                    "found {found:?} and {none:?}, but true is {truth:?}"
                ));
            }
            some += usize::from(!found.is_empty() && found.len() < truth.len());
            Ok(())
        })
    });
    // Conditions that always or never hold, and those that overflow, prove little.
    assert!(
        some > tried / 5 && refused < tried / 2,
        "{some} and {refused} of {tried}"
    );
}
