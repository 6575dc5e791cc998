//! Errors of constraints, asked about typed columns.

use super::{Column, Entity};
use crate::error::Error;
use crate::sql::violated;

impl Error {
    /// Whether a unique constraint or index over this column, alone or with others, has that value already.
    ///
    /// The column is known by what PostgreSQL says of the constraint, by the constraint's name if it is PostgreSQL's own, such
    /// as `users_email_key`, or by the name the field gives with `#[orm(unique = "…")]` or `#[orm(constraint = "…")]`.
    ///
    /// # Examples
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result};
    /// # #[derive(Entity)]
    /// # #[orm(insert(NewUser))]
    /// # struct User { #[orm(primary_key, generated)] id: i64, #[orm(unique)] email: String }
    /// # async fn run(db: &Db, new: NewUser) -> Result<()> {
    /// match User::insert(new).one(db).await {
    ///     Err(error) if error.is_unique_violation_of(User::EMAIL) => println!("that address is taken"),
    ///     other => drop(other?),
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_unique_violation_of<E: Entity, T>(&self, column: Column<E, T>) -> bool {
        self.is_unique_violation() && self.is_violation_of(column)
    }

    /// Whether a constraint on this column, alone or with others, was violated; [`kind`](Self::kind) says which kind it is. It is
    /// known as in [`is_unique_violation_of`](Self::is_unique_violation_of), a check by its name alone.
    ///
    /// A foreign key is on the column that refers, also when it is the other row that should have been deleted.
    #[must_use]
    pub fn is_violation_of<E: Entity, T>(&self, column: Column<E, T>) -> bool {
        let violated = violated(self, E::TABLE);
        violated
            .iter()
            .any(|other| std::ptr::eq(*other, column.info()))
    }
}
