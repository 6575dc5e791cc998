//! Pages: one after the other, or by number with a total.

use super::cursor::Cursor;
use super::fetch::{Fetch, fetch, snapshot};
use super::find::Find;
use super::run::counted;
use super::wanted::Wanted;
use super::with::Level;
use crate::db::{Executor, Snapshot, Source};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::sql::{ColumnInfo, Expr, Nulls, Operation, Order};
use crate::telemetry::ResultSet;
use crate::value::Param;
use std::panic::Location;

/// Some rows, and where the next ones begin: [`Find::page`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<E> {
    /// The rows of this page.
    pub rows: Vec<E>,
    /// Where the next page begins; `None` when this is the last one.
    pub next: Option<Cursor>,
}

/// Some rows by the number of their page: [`Find::numbered_page`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NumberedPage<E> {
    /// The rows of this page.
    pub rows: Vec<E>,
    /// How many rows there are on all pages.
    pub total: u64,
    /// How many pages there are.
    pub pages: u64,
}

/// A question for the page after a cursor: [`Find::after`].
#[derive(Debug)]
#[must_use = "nothing is asked until `.page(size, &db)` is awaited"]
pub struct After<E> {
    find: Find<E>,
    cursor: Option<Cursor>,
}

impl<E: Entity> Find<E> {
    /// The rows behind those of an earlier page; `None` begins with the first.
    pub fn after(self, cursor: Option<Cursor>) -> After<E> {
        After { find: self, cursor }
    }

    /// The first so many rows, and a cursor for the page after them. The database finds each page by an index on what is
    /// ordered by, however far down it is, and rows that come or go meanwhile shift nothing.
    ///
    /// A limit that was set before does not matter. The order must be of columns; the primary key is added to it, so that it is always clear who comes next.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) when it is ordered by an expression; when the statement fails.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct Post { #[orm(primary_key, generated)] id: i64, title: String }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let mut page = Post::find().order_by(Post::TITLE).page(50, db).await?;
    /// while let Some(cursor) = page.next {
    ///     page = Post::find().order_by(Post::TITLE).after(Some(cursor)).page(50, db).await?;
    /// }
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn page<'a>(
        self,
        size: u32,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Page<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.after(None).read(size, source, caller).await }
    }

    /// The page with this number (from 1) of so many rows each, and how many rows there are in all: two statements, which
    /// see the same rows if you say [`consistent`](Self::consistent).
    ///
    /// The database reads all rows before it too: for long lists [`page`](Self::page) is better. A limit and an offset that
    /// were set before do not matter.
    ///
    /// # Errors
    /// When a statement fails, or a row cannot be read.
    #[track_caller]
    pub fn numbered_page<'a>(
        mut self,
        number: u32,
        size: u32,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<NumberedPage<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move {
            let snapshot = match std::mem::take(&mut self.consistent) {
                true => snapshot(source, caller).await?,
                false => None,
            };
            let source = snapshot.as_ref().map_or(source, Snapshot::source);
            let order = std::mem::take(&mut self.base.order);
            let (mut base, total) = counted(source, self.base, caller).await?;
            base.order = order;
            self.base = base;
            let before = u64::from(number.max(1) - 1) * u64::from(size);
            let page = self.limit(size).offset(before);
            let rows = page.rows(source, Wanted::Any, caller).await?;
            if let Some(snapshot) = snapshot {
                snapshot.end();
            }
            Ok(NumberedPage {
                rows,
                total,
                pages: total.div_ceil(u64::from(size.max(1))),
            })
        }
    }
}

impl<E: Entity> After<E> {
    /// So many rows behind the cursor.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::error::ErrorKind::Usage) when the cursor is of another order; as [`Find::page`].
    #[track_caller]
    pub fn page<'a>(
        self,
        size: u32,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Page<E>>> + Send + 'a {
        let (source, caller) = (Source::of(executor), Location::caller());
        async move { self.read(size, source, caller).await }
    }

    async fn read(
        self,
        size: u32,
        source: Source<'_>,
        caller: &'static Location<'static>,
    ) -> Result<Page<E>> {
        let size = size.max(1);
        let mut find = self.find;
        for column in E::TABLE.identity() {
            if !find.base.order.iter().any(|order| is(&order.by, column)) {
                find.base.order.push(Order {
                    by: Expr::Column(column),
                    descending: false,
                    nulls: None,
                });
            }
        }
        let columns = columns::<E>(&find.base.order).map_err(|error| error.at(caller))?;
        if let Some(cursor) = self.cursor {
            let values = cursor
                .values(&find.base.order)
                .map_err(|error| error.at(caller))?;
            let rows = behind(&find.base.order, values);
            find.base.filter.push(rows);
        }
        // One more row tells whether there is a next page.
        let find = find.limit(size.saturating_add(1));
        let order: Vec<Order> = find.base.order.iter().map(same).collect();
        let positions = E::TABLE.positions(&columns);
        let mut seen = 0;
        let mut last = None;
        let asked = Fetch {
            wanted: Wanted::Any,
            operation: Operation::Find,
            led_by: None,
            copies: false,
            page: crate::telemetry::Page {
                limit: find.limit,
                offset: find.offset,
            },
            withs: find.withs,
            set: ResultSet::next(),
            level: Level::top(caller)
                .lazily(find.lazy)
                .consistently(find.consistent)
                .saying(find.base.said_again()),
            base: find.base,
        };
        let mut rows: Vec<E> = fetch(source, asked, &mut |row| {
            seen += 1;
            if seen == size {
                let values = positions.iter().map(|position| row.raw(*position));
                last = Some(values.map(|value| value.map(<[u8]>::to_vec)).collect());
            }
            Ok(())
        })
        .await?;
        let full = usize::try_from(size).unwrap_or(usize::MAX);
        let more = rows.len() > full;
        rows.truncate(full);
        let next = last
            .filter(|_| more)
            .map(|values| Cursor::new(&order, values));
        Ok(Page { rows, next })
    }
}

fn is(by: &Expr, column: &'static ColumnInfo) -> bool {
    matches!(by, Expr::Column(by) if std::ptr::eq(*by, column))
}

/// The columns ordered by.
fn columns<E: Entity>(order: &[Order]) -> Result<Vec<&'static ColumnInfo>> {
    let column = |order: &Order| match &order.by {
        Expr::Column(column) => Ok(*column),
        _ => Err(Error::usage(format!(
            "pages of `{}` one after the other need an order of columns, not of expressions; use `.numbered_page(…)`",
            E::TABLE.entity
        ))),
    };
    order.iter().map(column).collect()
}

fn same(order: &Order) -> Order {
    let by = match &order.by {
        Expr::Column(column) => Expr::Column(column),
        _ => Expr::All(Vec::new()),
    };
    Order { by, ..*order }
}

/// The condition that a row comes after one with these values.
fn behind(order: &[Order], values: Vec<Option<Vec<u8>>>) -> Expr {
    let uniform = order
        .iter()
        .all(|one| one.descending == order[0].descending && never_null(one));
    if uniform && values.iter().all(Option::is_some) {
        // One comparison of rows, which one index serves.
        let words: &'static [&'static str] = match order[0].descending {
            true => &["", " < ", ""],
            false => &["", " > ", ""],
        };
        let columns = order.iter().map(|order| same(order).by).collect();
        let values = values.into_iter().flatten().map(given_back).collect();
        return Expr::Words(words, vec![Expr::Call("", columns), Expr::Call("", values)]);
    }
    let mut behind = Expr::Any(Vec::new());
    for (order, value) in order.iter().zip(values).rev() {
        // After it in this, or equal in this and after it in the rest.
        let (after, equal) = beside(order, value);
        behind = match behind {
            Expr::Any(parts) if parts.is_empty() => after,
            behind => after.or(equal.and(behind)),
        };
    }
    behind
}

fn given_back(value: Vec<u8>) -> Expr {
    Expr::Value(Param::binary(value))
}

fn never_null(order: &Order) -> bool {
    matches!(&order.by, Expr::Column(column) if !column.nullable)
}

/// What comes after a value in one column, and what equals it.
fn beside(order: &Order, value: Option<Vec<u8>>) -> (Expr, Expr) {
    let column = || same(order).by;
    let is = |words: &'static [&'static str]| Expr::Words(words, vec![column()]);
    let nulls_last = match order.nulls {
        Some(nulls) => nulls == Nulls::Last,
        None => !order.descending,
    };
    let Some(value) = value else {
        let after = match nulls_last {
            true => Expr::Any(Vec::new()),
            false => is(&["", " IS NOT NULL"]),
        };
        return (after, is(&["", " IS NULL"]));
    };
    let words: &'static [&'static str] = match order.descending {
        true => &["", " < ", ""],
        false => &["", " > ", ""],
    };
    let mut after = Expr::Words(words, vec![column(), given_back(value.clone())]);
    if nulls_last && !never_null(order) {
        after = after.or(is(&["", " IS NULL"]));
    }
    let equal = Expr::Words(&["", " = ", ""], vec![column(), given_back(value)]);
    (after, equal)
}
