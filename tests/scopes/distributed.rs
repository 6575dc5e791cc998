//! What PostgreSQL takes and what distributes it (Citus) does not: shapes that it cannot send on, plans wrongly or dies of.
//!
//! There is none here to ask, so the words are looked at: those of all shapes with a scope, and of those without.

/// The tables that have scopes, and the column each has it in.
pub(crate) type Scopes = [(&'static str, &'static str)];

const LIBRARY: &Scopes = &[
    ("tenants", "id"),
    ("authors", "tenant_id"),
    ("portraits", "tenant_id"),
    ("books", "tenant_id"),
    ("tags", "tenant_id"),
    ("book_tags", "tenant_id"),
    ("memberships", "tenant_id"),
];

/// What changes from row to row, or from shard to shard, while a statement runs.
const VOLATILE: [&str; 7] = [
    "random(",
    "clock_timestamp(",
    "timeofday(",
    "gen_random_uuid(",
    "nextval(",
    "setval(",
    "txid_current(",
];

/// What is wrong with a statement wherever rows are distributed.
pub(crate) fn wrong_anywhere(statement: &str) -> Option<String> {
    if statement.contains("MERGE") {
        return Some("MERGE takes no parameters as its source".into());
    }
    if statement.contains("tableoid") {
        return Some("tableoid is that of the shard".into());
    }
    let mut cases = statement.split("CASE ").skip(1);
    if cases.any(|case| !case.starts_with("WHEN ")) {
        return Some("CASE of a value is sent on in wrong words".into());
    }
    for values in sets(statement) {
        if let Some(volatile) = VOLATILE.iter().find(|name| values.contains(*name)) {
            return Some(format!("{volatile}) is volatile, and stands in SET"));
        }
        if values.contains('[') {
            return Some("a subscript in SET ends the coordinator".into());
        }
    }
    None
}

/// What is wrong with a statement about one scope.
pub(crate) fn wrong_within(statement: &str, scopes: &Scopes) -> Option<String> {
    for (table, scope) in scopes {
        let name = format!("\"{table}\"");
        for (at, _) in statement.match_indices(&name) {
            let before = statement[..at].trim_end();
            let behind = &statement[at + name.len()..];
            let word = before.rsplit(' ').next().unwrap_or_default();
            let word = word.trim_start_matches('(');
            let is_stored = word == "INTO" || word == "COPY";
            if is_stored && !listed(behind).contains(&format!("\"{scope}\"")) {
                return Some(format!("rows of {name} are stored without \"{scope}\""));
            }
            if !["FROM", "JOIN", "UPDATE", ""].contains(&word) || behind.starts_with('.') {
                continue;
            }
            // In parentheses alone it is the first of several that are joined.
            if word.is_empty() && !before.ends_with("JOIN (") {
                continue;
            }
            let alias = behind.strip_prefix(" AS ").map(|behind| {
                let end = behind.find([' ', ')']).unwrap_or(behind.len());
                &behind[..end]
            });
            if !is_asked(statement, at, alias.unwrap_or(&name), scope) {
                return Some(format!("{name} is named without a condition on its scope"));
            }
        }
    }
    let is_moved = |values: &&str| {
        let mut columns = scopes.iter().map(|(_, scope)| format!("\"{scope}\" = "));
        columns.any(|set| values.starts_with(&set) || values.contains(&format!(", {set}")))
    };
    let moved = sets(statement).iter().any(is_moved);
    moved.then(|| "the scope of a row is set".into())
}

/// What stands behind each SET, with all that is in parentheses there.
fn sets(statement: &str) -> Vec<&str> {
    let sets = statement.match_indices(" SET ");
    let sets = sets.map(|(at, set)| {
        let values = &statement[at + set.len()..];
        let mut depth = 0;
        let end = values.char_indices().find(|(at, letter)| {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            let ends = [" FROM ", " WHERE ", " RETURNING "];
            let ends = ends.into_iter().any(|word| values[*at..].starts_with(word));
            depth < 0 || depth == 0 && ends
        });
        &values[..end.map_or(values.len(), |(at, _)| at)]
    });
    sets.collect()
}

/// Whether the scope of what goes by this name is asked for where it stands, or around the parentheses it is joined in.
fn is_asked(statement: &str, at: usize, name: &str, scope: &str) -> bool {
    let rest = &statement[at..];
    let here = level(rest);
    let arm = here.split(" UNION ").next().unwrap_or_default();
    let named = format!("{name}.\"{scope}\" = $");
    let alone = format!(" \"{scope}\" = $");
    let asks = |words: &str| words.contains(&named) || words.contains(&alone);
    if asks(arm) {
        return true;
    }
    let closed = closing(rest).map(|end| &rest[end + 1..]);
    let is_group = statement[..at].rfind('(').is_some_and(|open| {
        let inside = &statement[open + 1..at];
        !inside.contains("SELECT ")
    });
    is_group && closed.is_some_and(|behind| level(behind).contains(&named))
}

/// The words up to the end of the parentheses they stand in, without what is in parentheses of its own.
fn level(words: &str) -> String {
    let end = closing(words).unwrap_or(words.len());
    let mut depth = 0;
    let mut kept = String::new();
    for letter in words[..end].chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    kept
}

/// Where the parentheses end that the words stand in.
fn closing(words: &str) -> Option<usize> {
    let mut depth = 0;
    words.char_indices().find_map(|(at, letter)| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth < 0).then_some(at)
    })
}

/// The columns behind a table's name.
fn listed(behind: &str) -> &str {
    let list = behind.strip_prefix(" (").unwrap_or_default();
    &list[..closing(list).unwrap_or(0)]
}

/// The statements of a file, each with the question that is above it.
fn statements(file: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut question = "";
    let mut found = Vec::new();
    for line in file.lines() {
        match line.strip_prefix("-- ") {
            Some(above) => question = above,
            None if line.is_empty() => {}
            None => found.push((question, line)),
        }
    }
    assert!(found.len() > 50, "the file has too few statements");
    found
}

#[test]
fn no_shape_has_words_that_cannot_be_sent_on() {
    let files = [
        include_str!("questions.sql"),
        include_str!("../database/questions.sql"),
        include_str!("../database/more_questions.sql"),
    ];
    for (question, statement) in files.into_iter().flat_map(statements) {
        if let Some(wrong) = wrong_anywhere(statement) {
            panic!("{wrong}: {question}\n{statement}");
        }
    }
}

#[test]
fn the_scope_is_asked_for_wherever_a_table_is_named() {
    let all = statements(include_str!("questions.sql"));
    let of_one = all
        .into_iter()
        .filter(|(question, _)| !question.contains("all_scopes"));
    for (question, statement) in of_one {
        if let Some(wrong) = wrong_within(statement, LIBRARY) {
            panic!("{wrong}: {question}\n{statement}");
        }
    }
}

/// With all scopes each task is asked for its own rows: then what belongs together is of one, and never joined by less.
#[test]
fn of_all_scopes_what_belongs_together_is_joined_by_the_scope_too() {
    let all = statements(include_str!("questions.sql"));
    let of_all = all
        .into_iter()
        .filter(|(question, _)| question.contains("all_scopes"));
    let mut joined = 0;
    for (question, statement) in of_all {
        let tables = LIBRARY.iter().map(|(table, _)| {
            let name = format!("\"{table}\"");
            let named = statement.matches(&format!("FROM {name}")).count();
            named + statement.matches(&format!("JOIN {name}")).count()
        });
        if tables.sum::<usize>() < 2 {
            continue;
        }
        joined += 1;
        let meets = statement.split("\"tenant_id\" = ").skip(1);
        let meets = meets.filter(|behind| !behind.starts_with('$')).count();
        assert!(meets > 0, "{question}\n{statement}");
    }
    assert!(joined > 3, "only {joined} are joined");
}

#[test]
fn what_is_wrong_is_found() {
    for wrong in [
        "MERGE INTO \"books\" USING x",
        "SELECT tableoid FROM \"books\"",
        "UPDATE \"books\" SET \"title\" = CASE \"id\" WHEN 1 THEN 'a' END WHERE \"id\" = $1",
        "UPDATE \"books\" SET \"title\" = $1 || random() WHERE \"id\" = $2",
        "UPDATE \"books\" SET \"title\" = ($1::text[])[1] WHERE \"id\" = $2",
        "UPDATE \"books\" SET \"a\" = (SELECT nextval('s')) WHERE \"id\" = $2",
    ] {
        assert!(wrong_anywhere(wrong).is_some(), "{wrong}");
    }
    for wrong in [
        r#"SELECT "id" FROM "books" WHERE "id" = $1"#,
        r#"SELECT "id" FROM "books" WHERE "id" = $1 UNION SELECT "id" FROM "tags" WHERE "tenant_id" = $2"#,
        r#"SELECT t0."id" FROM "books" AS t0 JOIN "tags" AS t1 ON t1."id" = t0."id" WHERE t0."tenant_id" = $1"#,
        r#"SELECT "id" FROM "books" WHERE EXISTS (SELECT FROM "tags" AS s1 WHERE s1."id" = "books"."id") AND "tenant_id" = $1"#,
        r#"SELECT t0."id" FROM "tags" AS t0 LEFT JOIN ("book_tags" AS l1 JOIN "books" AS t1 ON t1."id" = l1."book_id") ON l1."tag_id" = t0."id" AND t1."tenant_id" = $1 WHERE t0."tenant_id" = $1"#,
        r#"INSERT INTO "books" ("id", "title") VALUES ($1, $2)"#,
        r#"COPY "tags" ("id", "name") FROM STDIN (FORMAT binary)"#,
        r#"DELETE FROM "books" WHERE "id" = $1"#,
        r#"UPDATE "books" SET "tenant_id" = $1 WHERE "tenant_id" = $2"#,
    ] {
        assert!(wrong_within(wrong, LIBRARY).is_some(), "{wrong}");
    }
}
