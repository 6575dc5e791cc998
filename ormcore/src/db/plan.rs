//! Plans: a statement's text and facts, made once for each shape.

use super::effect::Effect;
use super::executor::Source;
use super::first::Learned;
use super::prepared::ByNumber;
use crate::error::Result;
use crate::sql::{
    ColumnInfo, Operation, Said, ScopeColumn, Shape, Sink, Statement, Table, Text, Token, Within,
};
use crate::telemetry::{Described, Facts, Telemetry};
use crate::value::{Param, SqlType, Type, Value};
use smallvec::SmallVec;
use std::any::TypeId;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// What never changes about a statement.
pub(crate) struct Plan {
    pub(super) id: u32,
    pub(super) text: Arc<str>,
    operation: Operation,
    pub(super) facts: Facts,
    pub(super) reads: Reads,
    pub(super) effect: Effect,
    /// Whether it changes nothing.
    pub(super) only_reads: bool,
    /// Whether it can be sent among the statements of others: nobody waits for a lock, and the session stays as it was.
    pub(super) shares: bool,
    /// Whether we wrote it ourselves.
    pub(super) is_ours: bool,
    pub(super) learned: Learned,
    /// Whether the caller says that it may be carried out twice.
    pub(super) repeatable: bool,
    /// How often the server forgot it, or took it no longer.
    renewals: AtomicU32,
    shape: Box<[u64]>,
}

/// How the result is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// The columns of this table.
    Table(&'static Table),
    /// The columns of these tables, one after the other.
    Tables(SmallVec<[&'static Table; 2]>),
    /// The columns of this table, by name, wherever they are.
    ByName(&'static Table),
    /// These, one after the other.
    Each(Box<[Reader]>),
    /// Something else, or nothing.
    Other,
}

/// How one column of a result is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    /// As the field of a column.
    Column(&'static ColumnInfo),
    /// As a value of this type.
    Value {
        rust: TypeId,
        accepts: fn(&Type) -> bool,
        expected: SqlType,
    },
}

impl Reader {
    pub(crate) fn of<T: Value>() -> Self {
        Self::Value {
            rust: TypeId::of::<T>(),
            accepts: <T as Value>::accepts,
            expected: T::TYPE,
        }
    }
}

impl PartialEq for Reader {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Column(one), Self::Column(other)) => std::ptr::eq(*one, *other),
            (Self::Value { rust: one, .. }, Self::Value { rust: other, .. }) => one == other,
            _ => false,
        }
    }
}

impl Eq for Reader {}

impl PartialEq for Table {
    /// A table is one `static`.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Table {}

/// All plans of a `Db`, by shape.
#[derive(Default)]
pub(super) struct Plans {
    by_hash: RwLock<ByNumber<u64, SmallVec<[Arc<Plan>; 1]>>>,
    next: AtomicU32,
}

/// Programs have hundreds of shapes. One that makes up new ones for ever starts anew here instead of growing.
const CAPACITY: usize = 10_000;

impl Plans {
    /// The plan of a statement's shape; its text is written only the first time.
    ///
    /// # Errors
    /// When it names a table with scopes and nothing is said about them.
    pub(super) fn get<S: Statement>(
        &self,
        statement: &S,
        shape: &Shape<'_>,
        reads: Reads,
        telemetry: &Telemetry,
    ) -> Result<Arc<Plan>> {
        if let Some(unscoped) = shape.unscoped() {
            return Err(unscoped.into());
        }
        let hash = shape.hash();
        // `first` and a find with a limit have one text, but they are two operations in telemetry.
        let operation = statement.operation();
        {
            let by_hash = self.by_hash.read().unwrap_or_else(PoisonError::into_inner);
            for plan in by_hash.get(&hash).into_iter().flatten() {
                if plan.is_of(shape, &reads, operation) {
                    return Ok(Arc::clone(plan));
                }
            }
        }
        Ok(self.make(hash, statement, shape, reads, telemetry))
    }

    /// The plan of a shape that was not there a moment ago.
    #[cold]
    fn make<S: Statement>(
        &self,
        hash: u64,
        statement: &S,
        shape: &Shape<'_>,
        reads: Reads,
        telemetry: &Telemetry,
    ) -> Arc<Plan> {
        let operation = statement.operation();
        let mut by_hash = self.by_hash.write().unwrap_or_else(PoisonError::into_inner);
        let of_hash = by_hash.get(&hash).into_iter().flatten();
        let mut same = of_hash.filter(|plan| plan.is_of(shape, &reads, operation));
        if let Some(plan) = same.next() {
            return Arc::clone(plan);
        }
        if by_hash.len() >= CAPACITY {
            by_hash.clear();
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let plan = Arc::new(Plan::new(id, statement, shape, reads, telemetry));
        by_hash.entry(hash).or_default().push(Arc::clone(&plan));
        plan
    }
}

/// The text of a statement, as whoever asks here sends it. It is made anew: for errors.
#[cold]
pub(crate) fn text<S: Statement>(source: Source<'_>, statement: &S) -> Arc<str> {
    let mut text = Text::within(Shape::within(source.db().said()).begins_within());
    statement.write(&mut text);
    text.into_sql().into()
}

impl Plan {
    #[inline]
    fn is_of(&self, shape: &Shape<'_>, reads: &Reads, operation: Operation) -> bool {
        *self.shape == *shape.words && self.reads == *reads && self.operation == operation
    }

    fn new<S: Statement>(
        id: u32,
        statement: &S,
        shape: &Shape<'_>,
        reads: Reads,
        telemetry: &Telemetry,
    ) -> Self {
        let mut text = Text::within(shape.begins_within());
        statement.write(&mut text);
        let text: Arc<str> = text.into_sql().into();
        let operation = statement.operation();
        let table = statement.table();
        let described = Described {
            operation: operation.name(),
            span_name: operation.span_name(),
            summary: statement.summary(),
            text: &text,
            collection: table.map(|table| table.name),
            schema: table.and_then(|table| table.schema),
            filters: statement.filters(),
            order_by: statement.order_by(),
            aggregates: statement.aggregates(),
            groups: statement.groups(),
        };
        let facts = Facts::new(described, telemetry.settings(), telemetry.server());
        let mut tells = Tells::default();
        statement.write(&mut tells);
        let reads_rows = matches!(
            operation,
            Operation::Find
                | Operation::FindOne
                | Operation::Count
                | Operation::Exists
                | Operation::Aggregate
                | Operation::CopyOut
        );
        let only_reads = reads_rows && !tells.calls;
        let effect = match operation {
            Operation::Raw => Effect::of(&text),
            _ if tells.calls => Effect::of_calls(&text),
            // What we write ourselves touches rows only.
            _ => Effect::None,
        };
        Self {
            id,
            text,
            operation,
            facts,
            reads,
            effect,
            only_reads,
            shares: only_reads && !tells.locks,
            is_ours: operation != Operation::Raw,
            learned: Learned::default(),
            repeatable: statement.is_repeatable(),
            renewals: AtomicU32::new(0),
            shape: shape.words.as_slice().into(),
        }
    }

    pub(super) fn renewals(&self) -> u32 {
        self.renewals.load(Ordering::Relaxed)
    }

    /// It has another text from now on: a pooler that keeps statements by their texts prepares it anew.
    pub(super) fn renew(&self) {
        self.renewals.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a statement's words tell about it.
#[derive(Default)]
struct Tells {
    /// It has words of the caller's own, such as the name of a function: that can do anything.
    calls: bool,
    locks: bool,
}

impl<'a> Sink<'a> for Tells {
    fn put(&mut self, token: Token<'a>) {
        match token {
            Token::Raw(_) => self.calls = true,
            Token::Word(word) => self.locks |= word.starts_with(" FOR "),
            _ => {}
        }
    }

    fn bound(&mut self, _: &'a Param) {}

    fn saying(&mut self, _: Option<&'a Said>, words: impl FnOnce(&mut Self)) {
        words(self);
    }

    /// What leaves rows out tells nothing.
    fn within(&self) -> Within {
        Within::All
    }

    fn scope(&mut self, _: &'static Table, _: &'static ScopeColumn) {}
}

#[cfg(test)]
mod tests {
    use super::{Arc, Plan, Plans, Reads, Shape, Telemetry};
    use crate::sql::Raw;
    use crate::telemetry::{Server, Settings};
    use std::sync::OnceLock;

    fn shape(words: &[u64]) -> Shape<'static> {
        let mut shape = Shape::default();
        shape.words = words.into();
        shape
    }

    fn telemetry() -> Telemetry {
        let server = Server {
            address: "here".into(),
            port: 5432,
            database: "db".into(),
            schema: Arc::new(OnceLock::new()),
            pool: "pool".into(),
        };
        Telemetry::new(Settings::default(), server, Arc::new(|| None))
    }

    #[test]
    fn shapes_of_equal_hash_have_plans_of_their_own() {
        // The second word makes up for the difference in the first.
        let state = |word| shape(&[word]).hash().rotate_left(5);
        let first = shape(&[1, 2]);
        let second = shape(&[3, 2 ^ state(1) ^ state(3)]);
        assert_eq!(first.hash(), second.hash());

        let (plans, telemetry) = (Plans::default(), telemetry());
        let plan = |shape: &Shape<'_>, text: &'static str| -> Arc<Plan> {
            let (params, summary) = (Vec::new(), None);
            let statement = Raw {
                sql: text.into(),
                params,
                summary,
                repeatable: false,
            };
            let plan = plans.get(&statement, shape, Reads::Other, &telemetry);
            plan.expect("a plan")
        };
        let (one, other) = (plan(&first, "SELECT 1"), plan(&second, "SELECT 2"));
        assert_eq!((&*one.text, &*other.text), ("SELECT 1", "SELECT 2"));
        // What is known is not written again.
        assert_eq!(plan(&first, "SELECT 3").id, one.id);
        assert_eq!(plan(&second, "SELECT 3").id, other.id);
    }
}
