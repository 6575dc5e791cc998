//! A handle that says which scope its statements are about.

use super::pool::Db;
use crate::sql::{Said, ScopeValue};
use crate::value::{KeyType, Value};
use std::sync::Arc;

impl Db {
    /// The same database, of which only the rows of one scope can be seen and changed, such as those of a tenant: what is
    /// asked with this handle, and in the transactions it begins, of entities with a column that is
    /// `#[orm(scope)]`. More in [`Scoped`](crate::Scoped).
    ///
    /// It is as cheap as a clone, so make one for each request. The value has the type of the column: with a type of its own
    /// (`struct TenantId(i64)`) nothing else can be taken for one. Your own SQL is sent as it stands.
    ///
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # struct Invoice { #[orm(primary_key, generated)] id: i64, #[orm(scope)] tenant_id: i64 }
    /// # async fn run(db: &Db) -> Result<()> {
    /// let db = db.scope(7_i64);
    /// let of_tenant_7 = Invoice::find().all(&db).await?;
    /// # Ok(()) }
    /// ```
    #[must_use = "the handle it is called on stays as it is"]
    pub fn scope<T: KeyType + Value<Scalar = T>>(&self, value: T) -> Self {
        self.saying(Said::One(ScopeValue::new(&value)))
    }

    /// The same database, of which the rows of all scopes can be seen and changed, without each statement saying so. New rows
    /// still need a scope.
    #[must_use = "the handle it is called on stays as it is"]
    pub fn all_scopes(&self) -> Self {
        self.saying(Said::All)
    }

    fn saying(&self, said: Said) -> Self {
        let mut saying = self.clone();
        saying.said = Some(Arc::new(said));
        saying
    }

    /// What its statements are about, unless they say it themselves.
    #[inline]
    pub(crate) fn said(&self) -> Option<&Said> {
        self.said.as_deref()
    }
}
