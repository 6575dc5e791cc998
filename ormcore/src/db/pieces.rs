//! Many things at once in a transaction, of which some may go wrong: the others are done.

use super::savepoint::Savepoint;
use super::transaction::Transaction;
use crate::error::{Error, ErrorKind, Result};
use std::ops::Range;

impl Transaction {
    /// Does work with many things, and goes on where one of them is refused: all of them together in a savepoint, and when that
    /// fails each half by itself, and so on. Returns, in order, which things were done together and what came of it; where it is
    /// an error, it is about one thing, and nothing of it was done.
    ///
    /// Without a failure it is one savepoint. Each thing that fails costs about twice as many attempts as its half has halves:
    /// some twenty among a thousand. Only what can be the fault of a row is borne: a violated constraint, a value that cannot be
    /// sent or that the server refuses (SQLSTATE classes 22, 23 and 44, and what a trigger raises), a row that is not there or has
    /// another version, and what your own code [refuses](Error::refused).
    ///
    /// The work may run more than once for the same things, so it should do nothing but write here. Constraints that are
    /// deferred are checked at the commit, which fails as a whole.
    ///
    /// # Examples
    /// ```no_run
    /// use ormcore::{Db, Entity};
    ///
    /// #[derive(Entity)]
    /// #[orm(insert(NewUser, derive(Clone)))]
    /// struct User {
    ///     #[orm(primary_key, generated)]
    ///     id: i64,
    ///     #[orm(unique)]
    ///     name: String,
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> ormcore::Result<()> {
    ///     let db = Db::connect("postgres://localhost/blog").await?;
    ///     let rows = ["Ada", "Bob", "Ada", "Cleo"].map(|name| NewUser { name: name.into() });
    ///     let mut tx = db.begin().await?;
    ///     let pieces = tx
    ///         .attempt_each(&rows, async |part, rows| User::insert_many(rows.to_vec()).keys(part).await)
    ///         .await?;
    ///     for (which, done) in pieces {
    ///         match done {
    ///             Ok(keys) => println!("rows {which:?} have the keys {keys:?}"),
    ///             Err(error) => println!("row {} was not stored: {error}", which.start),
    ///         }
    ///     }
    ///     tx.commit().await
    /// }
    /// ```
    ///
    /// # Errors
    /// What is no row's fault, such as a deadlock or a connection that ended: then nothing is to be committed. And those of
    /// [`savepoint`](Self::savepoint).
    pub async fn attempt_each<T, R, F>(
        &mut self,
        things: &[T],
        mut work: F,
    ) -> Result<Vec<(Range<usize>, Result<R>)>>
    where
        F: AsyncFnMut(&mut Savepoint<'_>, &[T]) -> Result<R>,
    {
        let (mut pieces, mut left) = (Vec::new(), Vec::new());
        left.push(0..things.len());
        while let Some(piece) = left.pop().filter(|piece| !piece.is_empty()) {
            let part = Savepoint::begin(self).await?;
            let done = part
                .run(async |part: &mut Savepoint<'_>| work(part, &things[piece.clone()]).await)
                .await;
            match done {
                Err(error) if !error.is_about_a_row() => return Err(error),
                Err(_) if piece.len() > 1 => {
                    let middle = piece.start + piece.len() / 2;
                    left.push(middle..piece.end);
                    left.push(piece.start..middle);
                }
                done => pieces.push((piece, done)),
            }
        }
        Ok(pieces)
    }
}

impl Error {
    /// Whether it can be the fault of one row among several.
    fn is_about_a_row(&self) -> bool {
        match self.kind() {
            ErrorKind::UniqueViolation
            | ErrorKind::ForeignKeyViolation
            | ErrorKind::CheckViolation
            | ErrorKind::NotNullViolation
            | ErrorKind::NotFound
            | ErrorKind::TooManyRows
            | ErrorKind::StaleVersion
            | ErrorKind::Encode
            | ErrorKind::Refused => true,
            ErrorKind::Database => {
                let classes = ["22", "23", "44", "P0"];
                self.code()
                    .is_some_and(|code| classes.iter().any(|class| code.starts_with(class)))
            }
            _ => false,
        }
    }
}
