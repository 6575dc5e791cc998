//! What the caller's own SQL does besides answering.

/// What outlasts a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing on the connection.
    None,
    /// The session is not as it was: nobody else may get the connection.
    Session,
    /// A transaction begins or ends behind our back.
    Transaction,
}

/// `SET LOCAL` and its like end with their transaction.
const LOCAL: [&str; 3] = ["LOCAL", "TRANSACTION", "CONSTRAINTS"];
const SESSION: [&str; 9] = [
    "SET",
    "RESET",
    "LISTEN",
    "UNLISTEN",
    "PREPARE",
    "DEALLOCATE",
    "DECLARE",
    "DISCARD",
    "LOAD",
];
const TRANSACTION: [&str; 8] = [
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
];

impl Effect {
    /// Looks at the first words only. A piece that merely looks like a statement costs a new connection, no more.
    pub(super) fn of(sql: &str) -> Self {
        match Self::of_one(sql) {
            Self::None
                if sql
                    .split(';')
                    .skip(1)
                    .any(|piece| Self::of_one(piece) != Self::None) =>
            {
                Self::Session
            }
            effect => effect,
        }
    }

    fn of_one(sql: &str) -> Self {
        let mut words = without_comments(sql)
            .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let is_in = |word: Option<&str>, list: &[&str]| {
            word.is_some_and(|word| list.iter().any(|known| known.eq_ignore_ascii_case(word)))
        };
        let first = words.next();
        if is_in(first, &TRANSACTION) {
            Self::Transaction
        } else if is_in(first, &SESSION) && !is_in(words.find(|word| !word.is_empty()), &LOCAL) {
            Self::Session
        } else {
            Self::None
        }
    }
}

/// The text from its first word on.
fn without_comments(mut sql: &str) -> &str {
    loop {
        sql = sql.trim_start();
        let rest = match sql.get(..2) {
            Some("--") => sql.split_once('\n'),
            Some("/*") => sql.split_once("*/"),
            _ => return sql,
        };
        sql = rest.map_or("", |(_, rest)| rest);
    }
}

#[cfg(test)]
mod tests {
    use super::Effect;

    #[test]
    fn questions_and_ddl_leave_a_session_as_it_was() {
        for sql in [
            "SELECT 1",
            "  insert into t values (';')",
            "CREATE TABLE a (); CREATE TABLE b ()",
            "",
            ";",
            "é",
        ] {
            assert_eq!(Effect::of(sql), Effect::None, "{sql}");
        }
    }

    #[test]
    fn what_ends_with_the_transaction_leaves_the_session_as_it_was() {
        for sql in [
            "SET LOCAL app.tenant = '1'",
            "set  transaction read only",
            "SET CONSTRAINTS ALL DEFERRED",
        ] {
            assert_eq!(Effect::of(sql), Effect::None, "{sql}");
        }
    }

    #[test]
    fn settings_and_subscriptions_outlast_a_statement() {
        for sql in [
            "set search_path to a",
            "LISTEN news",
            "-- why\n/* what */ DISCARD ALL",
            "SELECT 1; RESET ALL",
        ] {
            assert_eq!(Effect::of(sql), Effect::Session, "{sql}");
        }
    }

    #[test]
    fn transactions_are_seen_behind_comments_and_in_the_middle() {
        for sql in ["BEGIN", "commit;", "/* a */start transaction"] {
            assert_eq!(Effect::of(sql), Effect::Transaction, "{sql}");
        }
        assert_eq!(Effect::of("SELECT 1; begin"), Effect::Session);
    }
}
