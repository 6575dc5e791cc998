//! Inserting rows, or changing those that are in their way.

use crate::entity::{
    Assignment, Changes, Check, Column, Columns, Condition, Entity, Insertable, IntoCondition,
    not_computed,
};
use crate::error::Result;
use crate::sql::{Action, ColumnInfo, Conflict, EXCLUDED, Expr, Said, Target};
use crate::value::Value;
use smallvec::SmallVec;
use std::panic::Location;
use std::ptr;

/// A row, or rows, to insert where no other is in the way: `User::upsert(NewUser { … })`, `User::upsert_many(rows)`.
///
/// [`on_conflict`](Self::on_conflict) says which row would be in the way, and what follows what becomes of it. Rows of an
/// `upsert_many` are one statement; two of them in each other's way are an error of the server's, unless nothing is to be
/// done about it. A number of a sequence is used up for each row, also where none is inserted.
///
/// # Examples
/// ```no_run
/// # use ormcore::{Db, Entity, Result};
/// # #[derive(Entity)]
/// # #[orm(insert(NewPage))]
/// # struct Page { #[orm(primary_key, generated)] id: i64, #[orm(unique)] path: String, title: String, views: i64 }
/// # async fn run(db: &Db) -> Result<()> {
/// use ormcore::excluded;
///
/// let page = || NewPage { path: "/".into(), title: "Home".into(), views: 1 };
/// let home = Page::upsert(page())
///     .on_conflict(Page::PATH)
///     .update(Page::TITLE)
///     .set(Page::VIEWS, Page::VIEWS + excluded(Page::VIEWS))
///     .one(db)
///     .await?;
/// let new = Page::upsert(page()).on_conflict(Page::PATH).do_nothing().maybe(db).await?;
/// Page::upsert_many(vec![page()]).on_conflict(Page::PATH).update_all().execute(db).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "say what is in the way: `.on_conflict(…)`"]
pub struct Upsert<N> {
    rows: N,
    pub(super) said: Option<Said>,
}

/// Which row is in the way; what becomes of it is still to be said.
#[derive(Debug)]
#[must_use = "say what becomes of the row in the way: `.update(…)`, `.update_all()`, `.set(…)` or `.do_nothing()`"]
pub struct OnConflict<N> {
    rows: N,
    target: Target,
    said: Option<Said>,
}

/// New rows that are dropped where another is in the way. Only those come back that were inserted.
#[derive(Debug)]
#[must_use = "nothing is inserted until `.maybe(&db)`, `.all(&db)` or `.execute(&db)` is awaited"]
pub struct DoNothing<N> {
    pub(super) rows: N,
    pub(super) target: Target,
    said: Option<Said>,
}

/// New rows, and how a row in their way is changed instead.
#[derive(Debug)]
#[must_use = "nothing is inserted until `.one(&db)`, `.all(&db)` or `.execute(&db)` is awaited"]
pub struct DoUpdate<N> {
    pub(super) rows: N,
    pub(super) target: Target,
    said: Option<Said>,
    pub(super) set: Changes,
    pub(super) filter: SmallVec<[Expr; 1]>,
}

/// What can be upserted: what inserting an entity needs, or a `Vec` of it.
pub trait NewRows: Send + 'static {
    /// The entity.
    type Entity: Entity;

    /// The columns it has values for.
    #[doc(hidden)]
    const COLUMNS: &'static [&'static ColumnInfo];

    /// Whether some column has rules for its values.
    #[doc(hidden)]
    const CHECKED: bool;

    /// Looks at the values of all rows.
    #[doc(hidden)]
    fn check(&self, check: &mut Check);
}

impl<I: Insertable> NewRows for I {
    type Entity = I::Entity;
    const COLUMNS: &'static [&'static ColumnInfo] = <I as Insertable>::COLUMNS;
    const CHECKED: bool = <I as Insertable>::CHECKED;

    fn check(&self, check: &mut Check) {
        Insertable::check(self, check);
    }
}

impl<I: Insertable> NewRows for Vec<I> {
    type Entity = I::Entity;
    const COLUMNS: &'static [&'static ColumnInfo] = <I as Insertable>::COLUMNS;
    const CHECKED: bool = <I as Insertable>::CHECKED;

    fn check(&self, check: &mut Check) {
        for (at, row) in self.iter().enumerate() {
            check.of_row(at);
            Insertable::check(row, check);
        }
    }
}

impl<N: NewRows> Upsert<N> {
    /// This row, or these rows.
    pub fn new(rows: N) -> Self {
        Self { rows, said: None }
    }

    /// A row is in the way that has the same values in these columns: one, or a tuple of several. The table must have a
    /// primary key or unique index on just them.
    pub fn on_conflict(self, columns: impl Columns<N::Entity>) -> OnConflict<N> {
        OnConflict {
            rows: self.rows,
            target: Target::Columns(columns.infos()),
            said: self.said,
        }
    }

    /// A row is in the way that, with the new one, would violate the unique or exclusion constraint of this name. The name is
    /// part of the SQL. A row can only be changed if the constraint is a unique one.
    pub fn on_constraint(self, name: &'static str) -> OnConflict<N> {
        OnConflict {
            rows: self.rows,
            target: Target::Constraint(name),
            said: self.said,
        }
    }
}

impl<N: NewRows> OnConflict<N> {
    /// The row in the way stays as it is, and the new one is dropped: neither of them comes back.
    ///
    /// To have the rows that were in the way as well, write `.update(…)` of the columns of `on_conflict`, which are equal
    /// anyway. They come back as they are, at the price of being written:
    ///
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # #[orm(insert(NewTag, derive(Clone)))]
    /// # struct Tag { #[orm(primary_key, generated)] id: i64, #[orm(unique)] name: String }
    /// # async fn run(db: &Db, tags: Vec<NewTag>) -> Result<()> {
    /// let new = Tag::upsert_many(tags.clone()).on_conflict(Tag::NAME).do_nothing().all(db).await?;
    /// let all = Tag::upsert_many(tags).on_conflict(Tag::NAME).update(Tag::NAME).all(db).await?;
    /// # Ok(()) }
    /// ```
    pub fn do_nothing(self) -> DoNothing<N> {
        DoNothing {
            rows: self.rows,
            target: self.target,
            said: self.said,
        }
    }

    /// The row in the way gets the new values of these columns.
    pub fn update(self, columns: impl Columns<N::Entity>) -> DoUpdate<N> {
        self.changed().update(columns)
    }

    /// The row in the way gets all the new values, but keeps its primary key. What the new row leaves to the database
    /// becomes what an insert would have made it.
    pub fn update_all(self) -> DoUpdate<N> {
        let mut update = self.changed();
        let is_in = |list: &[&ColumnInfo], column: &ColumnInfo| {
            list.iter().any(|other| ptr::eq(*other, column))
        };
        let key = N::Entity::TABLE.key;
        for column in N::COLUMNS {
            let found_by = match &update.target {
                Target::Columns(target) => is_in(target, column),
                Target::Constraint(_) => false,
            };
            if !found_by && !is_in(key, column) {
                update.set.put(column, Expr::Of(EXCLUDED, column));
            }
        }
        // It has nothing else: then it stays as it is, and still comes back.
        if let (true, Some(part)) = (update.set.0.is_empty(), key.first()) {
            update.set.put(part, Expr::Column(part));
        }
        update
    }

    /// A column of the row in the way is set, to a value or to an expression of what it is and what it would have been:
    /// [`excluded`](crate::excluded).
    pub fn set<T: Value>(
        self,
        column: Column<N::Entity, T>,
        value: impl Assignment<N::Entity, T>,
    ) -> DoUpdate<N> {
        self.changed().set(column, value)
    }

    fn changed(self) -> DoUpdate<N> {
        DoUpdate {
            rows: self.rows,
            target: self.target,
            said: self.said,
            set: Changes::default(),
            filter: SmallVec::new(),
        }
    }
}

impl<N: NewRows> DoUpdate<N> {
    /// The row in the way gets the new values of these columns too.
    pub fn update(mut self, columns: impl Columns<N::Entity>) -> Self {
        for column in columns.infos() {
            self.set.put(column, Expr::Of(EXCLUDED, column));
        }
        self
    }

    /// A column of the row in the way is set too; of several values for one column the last counts.
    pub fn set<T: Value>(
        mut self,
        column: Column<N::Entity, T>,
        value: impl Assignment<N::Entity, T>,
    ) -> Self {
        self.set.assign(column, value);
        self
    }

    /// The row in the way is only changed if the condition holds for it as it is; otherwise it stays, and the new one is
    /// dropped.
    pub fn filter(mut self, condition: impl IntoCondition<N::Entity>) -> Self {
        self.filter
            .extend(condition.into_condition().map(Condition::into_expr));
        self
    }

    /// The new rows, and what becomes of those in their way.
    ///
    /// # Errors
    /// What rules refuse of either.
    pub(super) fn parts(mut self, caller: &'static Location<'static>) -> Result<(N, Conflict)> {
        not_computed::<N::Entity>(self.set.0.iter().map(|(column, _)| *column), caller)?;
        check(&self.rows, self.set.take_check(), caller)?;
        let action = Action::Update {
            set: self.set.0,
            filter: self.filter,
        };
        let (target, said) = (self.target, self.said);
        let conflict = Conflict {
            target,
            action,
            said,
        };
        Ok((self.rows, conflict))
    }
}

impl<N: NewRows> DoNothing<N> {
    pub(super) fn parts(self, caller: &'static Location<'static>) -> Result<(N, Conflict)> {
        check(&self.rows, Check::default(), caller)?;
        let (target, action, said) = (self.target, Action::Nothing, self.said);
        let conflict = Conflict {
            target,
            action,
            said,
        };
        Ok((self.rows, conflict))
    }
}

/// Looks at the new rows too.
fn check<N: NewRows>(rows: &N, mut check: Check, caller: &'static Location<'static>) -> Result<()> {
    if N::CHECKED {
        rows.check(&mut check);
    }
    check.end::<N::Entity>(caller)
}
