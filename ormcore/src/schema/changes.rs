//! The SQL that makes a database fit a program: for somebody to read.

use std::fmt;

/// The statements that make a database fit the entities, in the order in which they run: [`diff`](super::diff).
///
/// Its text is SQL, with a comment before each statement that loses data, may fail or keeps others waiting. Read it, keep what you
/// want, and run it as one of your migrations. Nothing runs by itself.
///
/// # Examples
/// ```no_run
/// use ormcore::schema::{self, Risk};
/// use ormcore::{Db, Entity, entities};
///
/// #[derive(Entity)]
/// struct User {
///     #[orm(primary_key, generated)]
///     id: i64,
///     name: String,
/// }
///
/// #[tokio::main]
/// async fn main() -> ormcore::Result<()> {
///     let db = Db::connect("postgres://localhost/shop").await?;
///     let changes = schema::diff(&db, entities![User]).await?;
///     println!("{changes}");
///     let loses = |risk: &Risk| matches!(risk, Risk::LosesData(_));
///     if changes.statements().iter().any(|statement| statement.risks.iter().any(loses)) {
///         println!("read it twice");
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "nothing is changed until somebody runs the statements"]
pub struct Changes {
    pub(super) statements: Vec<Statement>,
    /// What drops the columns that no entity has.
    pub(super) drops: Vec<Statement>,
}

/// One statement of [`Changes`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// The SQL, without a semicolon. Empty where there is none, and somebody has to think: [`Risk::ByHand`].
    pub sql: String,
    /// What may come of it.
    pub risks: Vec<Risk>,
}

/// What may come of a statement, each with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Risk {
    /// What was stored is gone.
    LosesData(String),
    /// It depends on the rows, or on what else there is, whether PostgreSQL does it.
    MayFail(String),
    /// Others wait for the table, the longer the more rows it has.
    Locks(String),
    /// There is no statement for it.
    ByHand(String),
}

impl Changes {
    /// Whether the database fits already.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// The statements, in the order in which they run.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The same, and at the end what drops all columns that the tables have and the entities have not: with the data in them.
    ///
    /// ```no_run
    /// # use ormcore::{Db, Entity, Result, entities, schema};
    /// # #[derive(Entity)] struct User { #[orm(primary_key, generated)] id: i64, name: String }
    /// # async fn run(db: &Db) -> Result<()> {
    /// println!("{}", schema::diff(db, entities![User]).await?.and_drop_columns());
    /// # Ok(()) }
    /// ```
    pub fn and_drop_columns(mut self) -> Self {
        self.statements.append(&mut self.drops);
        self
    }
}

impl<'a> IntoIterator for &'a Changes {
    type Item = &'a Statement;
    type IntoIter = std::slice::Iter<'a, Statement>;

    fn into_iter(self) -> Self::IntoIter {
        self.statements.iter()
    }
}

impl Statement {
    pub(super) fn new(sql: String) -> Self {
        Self {
            sql,
            risks: Vec::new(),
        }
    }

    pub(super) fn by_hand(reason: String) -> Self {
        Self::new(String::new()).risking(Risk::ByHand(reason))
    }

    pub(super) fn risking(mut self, risk: impl Into<Option<Risk>>) -> Self {
        self.risks.extend(risk.into());
        self
    }
}

/// SQL that can run as it stands, one statement in a line.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statements
            .iter()
            .try_for_each(|statement| statement.fmt(f))
    }
}

/// The comments, and the statement with its semicolon.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for risk in &self.risks {
            writeln!(f, "{risk}")?;
        }
        match &*self.sql {
            "" => Ok(()),
            sql => writeln!(f, "{sql};"),
        }
    }
}

/// A comment of SQL.
impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, reason) = match self {
            Self::LosesData(reason) => ("LOSES DATA", reason),
            Self::MayFail(reason) => ("MAY FAIL", reason),
            Self::Locks(reason) => ("LOCKS", reason),
            Self::ByHand(reason) => ("BY HAND", reason),
        };
        // A name with a line break in it would end the comment.
        write!(f, "-- {what}: {}", reason.replace(['\n', '\r'], " "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Changes, Risk, Statement};

    #[test]
    fn the_text_is_sql_and_reasons_stay_comments() {
        let drop = Statement::new("ALTER TABLE \"a\" DROP COLUMN \"b\"".to_owned());
        let drop = drop.risking(Risk::LosesData("`b\nDROP TABLE a;\r--`".to_owned()));
        let hand = Statement::by_hand("think".to_owned());
        let changes = Changes {
            statements: vec![hand, Statement::new("SELECT 1".to_owned())],
            drops: vec![drop],
        };
        assert_eq!(changes.to_string(), "-- BY HAND: think\nSELECT 1;\n");
        assert_eq!(
            changes.and_drop_columns().to_string(),
            "-- BY HAND: think\nSELECT 1;\n-- LOSES DATA: `b DROP TABLE a; --`\nALTER TABLE \"a\" DROP COLUMN \"b\";\n"
        );
    }
}
