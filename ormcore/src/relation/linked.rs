//! Asking what a row is linked to, without loading it.

use super::{Links, Relation};
use crate::db::{Executor, Reader, Row};
use crate::entity::{Condition, Entity, Key, Projection, Selection};
use crate::error::Result;
use crate::query::Find;
use crate::sql::{Asks, Expr, Hop, Related, Said};
use crate::value::{IntoKey, Param};

impl<O: Entity, T: Entity> Links<O, T> {
    /// A question for the rows it is linked to, as far as the relation leads to them:
    /// `Post::TAGS.of(&post).find().order_by(Tag::NAME).limit(10)`.
    pub fn find(self) -> Find<T> {
        let info = self.relation.info();
        let mut find = Find::new().filter(Condition::new(self.leads_here()));
        if let Some(condition) = info.condition() {
            find = find.filter(Condition::new(condition));
        }
        // Of the row's own scope, if there is a row.
        match self.scope.filter(|_| info.common().is_some()) {
            Some(scope) => find.saying(Said::One(scope)),
            None => find,
        }
    }

    /// Whether it is linked to the row with this key.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn has<'a>(
        self,
        executor: &'a impl Executor,
        key: impl IntoKey<T::Key>,
    ) -> impl Future<Output = Result<bool>> + Send + 'a {
        let (mut find, mut columns) = (self.find(), T::TABLE.key.iter());
        let mut parts = Vec::with_capacity(columns.len());
        key.into_params(&mut |value| {
            let op = " = ";
            parts.extend(
                columns
                    .next()
                    .map(|column| Expr::Compare { column, op, value }),
            );
        });
        for part in parts {
            find = find.filter(Condition::new(part));
        }
        find.exists(executor)
    }

    /// The keys of the rows it is linked to, in no order.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn keys<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<Vec<T::Key>>> + Send + 'a {
        self.find().select(TheKey).all(executor)
    }

    /// How many rows it is linked to.
    ///
    /// # Errors
    /// When the statement fails.
    #[track_caller]
    pub fn count<'a>(
        self,
        executor: &'a impl Executor,
    ) -> impl Future<Output = Result<u64>> + Send + 'a {
        self.find().count(executor)
    }

    /// A row of the table between leads to the row in question from this owner.
    fn leads_here(&self) -> Expr {
        let info = self.relation.info();
        let Some(through) = info.through() else {
            return Expr::Any(Vec::new());
        };
        let parts = info.matching().iter().zip(self.owner.parts());
        Expr::Related(Box::new(Related {
            asks: Asks::Exists,
            hops: vec![Hop {
                table: through.table,
                here: (info.target_columns)(),
                there: through.there,
            }],
            filter: parts
                .map(|(column, part)| Expr::Compare {
                    column,
                    op: " = ",
                    value: Param::other(part.clone()),
                })
                .collect(),
            cut: None,
        }))
    }
}

/// The columns of a row's key, read as one.
struct TheKey;

impl<E: Entity> Projection<E> for TheKey {
    type Output = E::Key;

    fn terms(self, terms: &mut Selection) {
        for column in E::TABLE.key {
            terms.terms.push(Expr::Column(column));
            terms.readers.push(Reader::Column(column));
        }
    }

    fn read(row: &Row<'_>, next: &mut usize) -> Result<E::Key> {
        let first = *next;
        *next += E::TABLE.key.len();
        let places: smallvec::SmallVec<[usize; 4]> = (first..*next).collect();
        Key::read(row, &places)
    }
}
