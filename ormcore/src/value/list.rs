//! Arrays, and columns of many rows, which are sent as arrays.

use super::{DecodeError, Param, SqlType, Type, Value, array, null, rows};
use bytes::BytesMut;
use postgres_types::{IsNull, ToSql};

/// An array column, or a list to compare with. The elements may be `Option`s where PostgreSQL may hold NULLs.
impl<T: Value> Value for Vec<T> {
    const TYPE: SqlType = {
        assert!(
            !T::TYPE.holds_arrays(),
            "a column cannot be a Vec of Vecs: PostgreSQL knows no arrays of arrays"
        );
        T::TYPE.array()
    };
    type Scalar = Self;
    type With<U: Value<Scalar = U>> = U;

    fn accepts(ty: &Type) -> bool {
        array::element::<T>(ty).is_some_and(<T as Value>::accepts)
    }

    fn decode(ty: &Type, raw: Option<&[u8]>) -> Result<Self, DecodeError> {
        array::read(ty, raw.ok_or_else(null)?)
    }

    fn takes(ty: &Type) -> bool {
        rows::element(ty, T::takes).is_some() || <Self as ToSql>::accepts(ty)
    }

    fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
        match rows::element(ty, T::takes) {
            Some(element) => rows::write(self, ty, element, T::put, out),
            None => self.to_sql(ty, out),
        }
    }

    fn into_param(self) -> Param {
        Param::other(rows::Rows::new(self, T::flaw, T::put, T::takes))
    }

    fn flaw(&self) -> Option<&'static str> {
        self.iter().find_map(T::flaw)
    }

    fn into_column(rows: Vec<Self>) -> ColumnValues {
        Self::into_nullable_column(rows.into_iter().map(Some).collect())
    }

    fn into_nullable_column(rows: Vec<Option<Self>>) -> ColumnValues {
        let mut lists = Lists::with_capacity(rows.len());
        for (position, row) in (1..).zip(rows) {
            lists
                .lengths
                .push(row.as_ref().map(|items| items.len() as i64));
            for item in row.into_iter().flatten() {
                lists.items.push(item);
                lists.rows.push(position);
            }
        }
        ColumnValues::Lists {
            lengths: Param::value(lists.lengths),
            items: lists.items.into_param(),
            rows: Param::value(lists.rows),
        }
    }
}

/// The values of one column of many rows, as they are sent.
#[derive(Debug)]
#[doc(hidden)]
pub enum ColumnValues {
    /// An array with an element for each row.
    Plain(Param),
    /// Arrays, which `unnest` would flatten: so they are sent flat, with what puts them together again.
    Lists {
        /// The length of each row's array; NULL where the row has none.
        lengths: Param,
        /// The elements of all the arrays.
        items: Param,
        /// The position of the row that each element belongs to; the first row is 1.
        rows: Param,
    },
    /// Values some of which are NULL on purpose, while others are left to the database.
    Chosen {
        /// The values; NULL where the row has none.
        values: Box<ColumnValues>,
        /// Whether each row has one.
        given: Param,
    },
}

impl ColumnValues {
    /// A value, which may be NULL, for each of many rows, unless it is left to the database.
    pub(crate) fn or_default<T: Value>(rows: Vec<Option<T>>) -> Self {
        let null = |row: &Option<T>| row.as_ref().is_some_and(T::is_null);
        // Only then NULL does not say that there is no value.
        let given = rows.iter().any(null).then(|| {
            let given: Vec<bool> = rows.iter().map(Option::is_some).collect();
            given.into_param()
        });
        let values = T::into_nullable_column(rows);
        match given {
            Some(given) => Self::Chosen {
                values: Box::new(values),
                given,
            },
            None => values,
        }
    }
}

struct Lists<T> {
    lengths: Vec<Option<i64>>,
    items: Vec<T>,
    rows: Vec<i64>,
}

impl<T> Lists<T> {
    fn with_capacity(rows: usize) -> Self {
        Self {
            lengths: Vec::with_capacity(rows),
            items: Vec::new(),
            rows: Vec::new(),
        }
    }
}
