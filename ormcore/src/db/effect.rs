//! What the caller's own SQL does besides answering.

/// What outlasts a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing on the connection.
    None,
    /// Nothing that outlasts the transaction, in which there are other time limits from now on.
    Limits,
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

/// PostgreSQL's functions that outlast the statement that calls them. What a function of the user's own does inside is not
/// seen.
const FUNCTIONS: [&str; 9] = [
    "set_config",
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
    "setseed",
    "set_limit",
    "dblink_connect",
    "dblink_connect_u",
];

/// What is named where the time limit of statements is set, by `SET LOCAL` or by `set_config`.
const TIMEOUT: &[u8] = b"statement_timeout";

impl Effect {
    /// Looks at the first words, and at the functions called. What merely looks like a statement or a call costs a new
    /// connection, no more.
    pub(super) fn of(sql: &str) -> Self {
        let names = |window: &[u8]| window.eq_ignore_ascii_case(TIMEOUT);
        match Self::of_statements(sql) {
            Self::None if sql.as_bytes().windows(TIMEOUT.len()).any(names) => Self::Limits,
            effect => effect,
        }
    }

    fn of_statements(sql: &str) -> Self {
        match Self::of_one(sql) {
            Self::None
                if sql
                    .split(';')
                    .skip(1)
                    .any(|piece| Self::of_one(piece) != Self::None) =>
            {
                Self::Session
            }
            Self::None => Self::of_calls(sql),
            effect => effect,
        }
    }

    /// The same of a statement that we wrote, with functions of the caller's in it.
    pub(super) fn of_calls(sql: &str) -> Self {
        let calls = sql.match_indices('(').any(|(at, _)| {
            let name = sql[..at].trim_end().trim_end_matches('"');
            let name = name.rsplit(|letter| !is_of_name(letter)).next();
            is_in(name, &FUNCTIONS) && !is_local(name, &sql[at + 1..])
        });
        match calls {
            true => Self::Session,
            false => Self::None,
        }
    }

    fn of_one(sql: &str) -> Self {
        let mut words = without_comments(sql).split(|letter| !is_of_name(letter));
        let first = words.next();
        let mut words = words.filter(|word| !word.is_empty());
        if is_in(first, &TRANSACTION) {
            Self::Transaction
        } else if is_in(first, &SESSION) && !is_in(words.next(), &LOCAL)
            || is_in(first, &["CREATE"]) && makes_temporary(words)
        {
            Self::Session
        } else {
            Self::None
        }
    }
}

fn is_in(word: Option<&str>, list: &[&str]) -> bool {
    word.is_some_and(|word| list.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Whether it makes a table, view or sequence that the session keeps, and that hides others of its name.
fn makes_temporary<'s>(words: impl Iterator<Item = &'s str>) -> bool {
    let mut words =
        words.skip_while(|word| is_in(Some(word), &["OR", "REPLACE", "LOCAL", "GLOBAL"]));
    let is_temporary = is_in(words.next(), &["TEMP", "TEMPORARY"]);
    let words: Vec<_> = words.map(str::to_ascii_uppercase).collect();
    is_temporary
        && !words
            .windows(3)
            .any(|words| words == ["ON", "COMMIT", "DROP"])
}

/// Whether `set_config` is told to forget it all at the end of the transaction: by the word `true`, since what is bound is
/// not known here.
fn is_local(name: Option<&str>, arguments: &str) -> bool {
    let last = || last_argument(arguments)?.rsplit("=>").next();
    let is_true = |last: &str| last.trim().eq_ignore_ascii_case("true");
    is_in(name, &["set_config"]) && last().is_some_and(is_true)
}

/// What stands before the closing parenthesis.
fn last_argument(arguments: &str) -> Option<&str> {
    let (mut depth, mut quoted, mut begin) = (0_usize, false, 0);
    for (at, letter) in arguments.char_indices() {
        match letter {
            // Quotes of another kind.
            '\\' if quoted => return None,
            '$' if !quoted
                && !arguments[at + 1..].starts_with(|next: char| next.is_ascii_digit()) =>
            {
                return None;
            }
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' if depth == 0 => return Some(&arguments[begin..at]),
            ')' => depth -= 1,
            ',' if depth == 0 => begin = at + 1,
            _ => {}
        }
    }
    None
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
    fn functions_that_outlast_a_statement_are_seen_wherever_they_are_called() {
        for sql in [
            "SELECT set_config('search_path', 'a', false)",
            "SELECT set_config($1, $2, $3)",
            "SELECT set_config('a', 'b, true)', false)",
            "SELECT set_config('a', E'\\', true)', false)",
            "SELECT set_config('a', $$', true)$$, false)",
            "select pg_catalog . \"set_config\" ('a', f(true), not (true))",
            "SELECT 1 WHERE Pg_Try_Advisory_Lock (1)",
            "SELECT setseed(0.5), set_config('a', 'b', true)",
        ] {
            assert_eq!(Effect::of(sql), Effect::Session, "{sql}");
            assert_eq!(Effect::of_calls(sql), Effect::Session, "{sql}");
        }
        for sql in [
            "SELECT set_config('app.tenant', $1, true)",
            "SELECT set_config($1, coalesce('it''s, f(', 'b'), TRUE )",
            "SELECT set_config('a', 'b', is_local => true)",
            "SELECT pg_advisory_xact_lock(1), my_set_config(2), setseed FROM t WHERE a IN (1)",
            "SELECT (1), ( 2 ), \"(\" FROM t",
        ] {
            assert_eq!(Effect::of(sql), Effect::None, "{sql}");
        }
    }

    #[test]
    fn temporary_tables_outlast_a_statement_unless_they_go_with_the_transaction() {
        for sql in [
            "CREATE TEMP TABLE a AS SELECT 1",
            "create or replace temporary view a as select 1",
        ] {
            assert_eq!(Effect::of(sql), Effect::Session, "{sql}");
        }
        for sql in [
            "CREATE TEMP TABLE a ON COMMIT DROP AS SELECT 1",
            "CREATE TABLE temp (a int)",
            "CREATE TABLE a (temp int)",
        ] {
            assert_eq!(Effect::of(sql), Effect::None, "{sql}");
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
