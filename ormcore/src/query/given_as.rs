//! Rows that are selected, put together or written in SQL of your own, under a name.

use super::compound::Compound;
use super::find::Find;
use super::select::Select;
use crate::entity::{Alias, Columns, Entity, Fragment, Projection};
use crate::sql::{Expr, Given, GivenRows};

impl<E: Entity> Find<E> {
    /// What a selection, a union or SQL of your own finds goes by a name here, with columns that have names too: it can be
    /// joined, and asked like a table by [`of_rows`](Self::of_rows). PostgreSQL finds it once.
    ///
    /// What the rows look like is said by an entity, for which there need be no table; the columns are some of its, in the
    /// order of what is selected, and of the same types. The alias is one of [`Alias::of_rows`].
    ///
    /// SQL of your own is a [`fragment!`](macro@crate::fragment). The names of the columns are all that is known of its rows: a value
    /// of another type is an error when it is read. It may refer to itself by the alias' name; so this must not be the name of
    /// a table it reads.
    ///
    /// # Examples
    /// ```no_run
    /// use ormcore::{Alias, Db, Entity, fragment};
    ///
    /// #[derive(Entity)]
    /// struct Sale {
    ///     #[orm(primary_key, generated)]
    ///     id: i64,
    ///     day: i32,
    ///     seller: String,
    ///     euros: i32,
    /// }
    ///
    /// /// What somebody has sold: no table.
    /// #[derive(Entity)]
    /// struct Total {
    ///     #[orm(primary_key)]
    ///     seller: String,
    ///     euros: Option<i64>,
    /// }
    ///
    /// #[derive(Entity)]
    /// struct Day {
    ///     #[orm(primary_key)]
    ///     day: i32,
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> ormcore::Result<()> {
    ///     let db = Db::connect("postgres://localhost/shop").await?;
    ///     let totals = Alias::<Total>::of_rows("totals");
    ///     let sums = Sale::find().select((Sale::SELLER, Sale::EUROS.sum())).group_by(Sale::SELLER);
    ///     let best: Vec<Total> = Total::find()
    ///         .given_as(totals, (Total::SELLER, Total::EUROS), sums)
    ///         .of_rows(totals)
    ///         .filter(Total::EUROS.gt(1000))
    ///         .order_by(Total::EUROS.desc())
    ///         .all(&db)
    ///         .await?;
    ///
    ///     // Each of seven days, also those on which nothing was sold.
    ///     let days = Alias::<Day>::of_rows("days");
    ///     let last = 7;
    ///     let numbers = fragment!("SELECT 1 UNION ALL SELECT day + 1 FROM days WHERE day < {last}");
    ///     let sale = Alias::<Sale>::new("sale");
    ///     let sold = Day::find()
    ///         .given_as(days, Day::DAY, numbers)
    ///         .of_rows(days)
    ///         .left_join(sale, sale.col(Sale::DAY).eq(Day::DAY))
    ///         .select((Day::DAY, sale.maybe(Sale::EUROS).sum()))
    ///         .group_by(Day::DAY);
    ///     let sold: Vec<(i32, Option<i64>)> = sold.all(&db).await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn given_as<A: Entity, C: Columns<A>>(
        mut self,
        alias: Alias<A>,
        columns: C,
        rows: impl GivenAs<A, C::Values>,
    ) -> Self {
        self.base.more().given.push(Given {
            name: alias.rows().unwrap_or_else(|| alias.name()),
            columns: columns.infos(),
            rows: rows.into_given().0,
        });
        self
    }
}

/// Rows that can have the columns of an entity `A` whose values are `V`: a selection, several of them put together, or a
/// [`fragment!`](macro@crate::fragment).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not find rows with the values `{V}`",
    label = "expected `….select(…)` of columns with these types, in this order",
    note = "what is an `Option` on one side must be one on the other; `.nullable()` and `.coalesce(…)` make it so"
)]
pub trait GivenAs<A, V> {
    /// The rows.
    #[doc(hidden)]
    fn into_given(self) -> NamedRows;
}

/// Rows that are given a name.
#[derive(Debug)]
pub struct NamedRows(GivenRows);

impl<A, E: Entity, P: Projection<E>, R> GivenAs<A, P::Output> for Select<E, P, R> {
    fn into_given(self) -> NamedRows {
        NamedRows(GivenRows::Query(Box::new(self.into_sql())))
    }
}

impl<A: Entity, R> GivenAs<A, R> for Compound<R> {
    fn into_given(self) -> NamedRows {
        let words = Expr::Compound(Box::new(self.compound));
        NamedRows(GivenRows::Words(A::TABLE, words))
    }
}

impl<A: Entity, V> GivenAs<A, V> for Fragment<A> {
    fn into_given(self) -> NamedRows {
        NamedRows(GivenRows::Words(A::TABLE, self.into_expr()))
    }
}
