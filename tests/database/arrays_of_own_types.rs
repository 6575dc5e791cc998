//! Arrays of enums, composites, domains, ranges, addresses, intervals, documents and newtypes, NULLs among them.

use crate::fresh::fresh;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use ormcore::value::{Char, Cidr, Inet, Interval, Json, Multirange, Numeric, Oid, Range};
use ormcore::{Condition, Entity, Value, entities};
use rust_decimal::Decimal;
use std::net::IpAddr;

#[derive(Value, Clone, Debug, PartialEq)]
enum Size {
    Small,
    Large,
}

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(text)]
enum Word {
    Yes,
    No,
}

#[derive(Value, Clone, Debug, PartialEq)]
struct Spot {
    x: Option<i32>,
    names: Vec<Option<Word>>,
    evens: Vec<Option<Even>>,
    size: Size,
}

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "even", check = "VALUE % 2 = 0")]
struct Even(i64);

#[derive(Value, Clone, Debug, PartialEq)]
struct Cents(i32);

#[derive(serde::Serialize, serde::Deserialize, Clone, Debug, PartialEq)]
struct Note {
    text: String,
}

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 1_000).expect("a moment")
}

/// An entity, and what is the same in each of its arrays.
macro_rules! arrays {
    ($($field:ident $constant:ident: $ty:ty = $one:expr;)*) => {
        #[derive(Entity, Debug, Clone, PartialEq)]
        #[orm(table = "arrays", insert(NewArrays, derive(Clone)), patch(ArraysPatch))]
        struct Arrays {
            #[orm(primary_key, generated)]
            id: i64,
            $($field: Vec<Option<$ty>>,)*
        }

        /// Each has a value between two NULLs, so many times.
        fn arrays(times: usize) -> NewArrays {
            NewArrays { $($field: (0..times).flat_map(|_| [None, Some($one), None]).collect(),)* }
        }

        fn stored(id: i64, new: NewArrays) -> Arrays {
            Arrays { id, $($field: new.$field,)* }
        }

        fn patch() -> ArraysPatch {
            ArraysPatch { $($field: Some(vec![Some($one)]),)* }
        }

        fn patched(id: i64) -> Arrays {
            Arrays { id, $($field: vec![Some($one)],)* }
        }

        /// Those that have a value, each by itself.
        fn conditions() -> Vec<(&'static str, Condition<Arrays>)> {
            vec![$({
                let (one, column): (fn() -> $ty, _) = (|| $one, Arrays::$constant);
                let holds = column.has(one())
                    & column.has_any(vec![Some(one()), None])
                    & column.has_any(column)
                    & column.has_all(vec![one()])
                    & !column.has_all(vec![None, Some(one())])
                    & !column.is_within(vec![one(), one()])
                    & column.eq(vec![None, Some(one()), None])
                    & column.count_elements().eq(3);
                (stringify!($field), holds)
            },)*]
        }
    };
}

arrays! {
    sizes SIZES: Size = Size::Large;
    words WORDS: Word = Word::No;
    spots SPOTS: Spot = Spot { x: None, names: vec![None, Some(Word::Yes)], evens: vec![Some(Even(4)), None], size: Size::Small };
    evens EVENS: Even = Even(-2);
    cents CENTS: Cents = Cents(7);
    ranges RANGES: Range<i32> = (1..5).into();
    spans SPANS: Range<NaiveDate> = (..NaiveDate::MAX).into();
    sets SETS: Multirange<i64> = [1..2, 4..6].into_iter().collect();
    instants INSTANTS: Range<DateTime<Utc>> = (moment(-7)..moment(7)).into();
    moments MOMENTS: Multirange<DateTime<Utc>> = [Range::from(..moment(-9)), (moment(-1)..moment(1)).into()].into_iter().collect();
    locals LOCALS: Multirange<NaiveDateTime> = [moment(0).naive_utc()..].into_iter().collect();
    amounts AMOUNTS: Multirange<Decimal> = [Decimal::MIN..Decimal::ZERO].into_iter().collect();
    longest LONGEST: Interval = Interval { months: i32::MAX, days: i32::MAX, microseconds: i64::MAX - 1 };
    shortest SHORTEST: Interval = Interval { months: i32::MIN, days: i32::MIN, microseconds: i64::MIN + 1 };
    hosts HOSTS: IpAddr = IpAddr::from([0; 16]);
    inets INETS: Inet = "10.1.2.3/8".parse().expect("an address");
    cidrs CIDRS: Cidr = "fe80::/10".parse().expect("a network");
    times TIMES: Interval = Interval { months: -1, days: 40, microseconds: -1 };
    notes NOTES: Json<Note> = Json(Note { text: "{\"a\",NULL}".into() });
    numbers NUMBERS: Numeric = "-1.50".parse().expect("a number");
    oids OIDS: Oid = Oid(u32::MAX);
    chars CHARS: Char = Char(255);
}

#[tokio::test]
async fn they_come_back_as_they_were_inserted_copied_and_set() {
    let fresh = fresh(entities![Arrays]).await;
    let db = &fresh.db;
    for times in 0..3 {
        let one = Arrays::insert(arrays(times)).one(db).await.unwrap();
        assert_eq!(one, stored(one.id, arrays(times)));
        assert_eq!(Arrays::get(one.id).one(db).await.unwrap(), one);
    }
    let rows = [2, 0, 1].map(arrays);
    let many = Arrays::insert_many(rows.into()).all(db).await.unwrap();
    for (row, times) in many.into_iter().zip([2, 0, 1]) {
        assert_eq!(row, stored(row.id, arrays(times)));
    }
    assert_eq!(
        Arrays::copy_in([2, 0, 1].map(arrays))
            .execute(db)
            .await
            .unwrap(),
        3
    );
    let all = Arrays::find().order_by(Arrays::ID).all(db).await.unwrap();
    for (row, times) in all.into_iter().zip([0, 1, 2, 2, 0, 1, 2, 0, 1]) {
        let id = row.id;
        assert_eq!(row, stored(id, arrays(times)));
        let set = Arrays::update(id).patch(patch()).one(db).await.unwrap();
        assert_eq!(set, patched(id));
    }
}

#[tokio::test]
async fn they_are_found_by_what_is_in_them() {
    let fresh = fresh(entities![Arrays]).await;
    let db = &fresh.db;
    let rows = Arrays::insert_many(vec![arrays(0), arrays(1)]);
    let id = rows.all(db).await.unwrap()[1].id;
    for (field, condition) in conditions() {
        let found = Arrays::find().filter(condition).one(db).await;
        assert_eq!(found.expect(field).id, id, "{field}");
    }
}
