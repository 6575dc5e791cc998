//! The rules of the house: rooms look down only, one door per outside crate, short files.
//!
//! The rules read the library's source as text. Each of them is also shown a fault, and has to see it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up; each may use those before it.
const ROOMS: [&str; 11] = [
    "error",
    "value",
    "sql",
    "telemetry",
    "db",
    "entity",
    "query",
    "relation",
    "session",
    "schema",
    "migrate",
];

/// Files on top of the rooms, which may name all of them.
const FACES: [&str; 2] = ["lib.rs", "codegen.rs"];

/// Outside crates, and the rooms that may name them.
const DOORS: [(&str, &[&str]); 6] = [
    ("opentelemetry", &["telemetry"]),
    ("opentelemetry_semantic_conventions", &["telemetry"]),
    ("tokio_postgres", &["db"]),
    ("deadpool", &["db"]),
    ("deadpool_postgres", &["db"]),
    ("postgres_types", &["value", "db"]),
];

/// Rooms that differ by feature.
const CONDITIONAL: [&str; 3] = ["value", "telemetry", "db"];

/// The room in which nothing is shared: who has the session has its rows.
const ALONE: &str = "session";

const LONGEST: usize = 400;

/// Source files by their path below `src`.
type Sources = BTreeMap<String, String>;

#[test]
fn the_house_keeps_its_rules() {
    let sources = read(&root().join("ormcore/src"));
    assert!(sources.len() > 50, "the library was not found");
    assert_eq!(complaints(&sources), Vec::<String>::new());
}

#[test]
fn no_file_is_long_anywhere() {
    let mut long = Vec::new();
    for member in [
        "ormcore",
        "ormcore-derive",
        "dev-postgres",
        "examples",
        "benches",
        "tests",
    ] {
        let sources = read(&root().join(member));
        assert!(!sources.is_empty(), "{member} was not found");
        long.extend(
            too_long(&sources)
                .into_iter()
                .map(|complaint| format!("{member}/{complaint}")),
        );
    }
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn each_rule_sees_its_fault() {
    let faults = [
        ("sql/select.rs", "use crate::db::Db;", "sql looks up to db"),
        (
            "sql/select.rs",
            "use crate::{value::Param, query::Find};",
            "sql looks up to query",
        ),
        (
            "value/mod.rs",
            "fn f() -> crate::entity::Column<E, T> {}",
            "value looks up to entity",
        ),
        (
            "db/pool.rs",
            "use crate::Error;",
            "imports `Error` from the face",
        ),
        (
            "value/mod.rs",
            "use super::error::Error;",
            "leaves its room by `super`",
        ),
        (
            "query/find.rs",
            "use tokio_postgres::Row;",
            "names tokio_postgres",
        ),
        (
            "relation/eager.rs",
            "let x = opentelemetry::Context::current();",
            "names opentelemetry",
        ),
        (
            "entity/mod.rs",
            "#[cfg(feature = \"json\")]",
            "differs by feature",
        ),
        ("query/mod.rs", "use crate::sql::*;", "imports everything"),
        (
            "session/store.rs",
            "use std::sync::{Arc, Mutex};",
            "shares by Mutex",
        ),
        ("cellar/mod.rs", "fn f() {}", "is in no room"),
        ("value/helpers.rs", "fn f() {}", "has no name of its own"),
        (
            "value/long.rs",
            &"fn f() {}\n".repeat(LONGEST + 1),
            "401 lines",
        ),
    ];
    for (path, text, expected) in faults {
        let sources = Sources::from([(path.to_owned(), text.to_owned())]);
        let found = complaints(&sources);
        assert!(
            found.iter().any(|complaint| complaint.contains(expected)),
            "the fault in {path} was not seen: {found:?}"
        );
    }
}

#[test]
fn what_is_allowed_is_not_complained_about() {
    let good = [
        (
            "relation/eager.rs",
            "use crate::db::Row;\nuse super::Keys;\n// see crate::session::Session",
        ),
        (
            "db/wire.rs",
            "use tokio_postgres::Row;\n#[cfg(unix)]\nuse postgres_types::Type;",
        ),
        ("lib.rs", "pub use relation::Many;\npub use db::Db;"),
        (
            "sql/text.rs",
            "#[cfg(test)]\nmod tests {\n    use super::Text;\n}",
        ),
    ];
    let sources = good
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
    assert_eq!(complaints(&sources), Vec::<String>::new());
}

fn complaints(sources: &Sources) -> Vec<String> {
    let mut complaints = too_long(sources);
    for (path, text) in sources {
        let code = without_comments(text);
        let room = path
            .split('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs");
        let mut complain = |fault: String| complaints.push(format!("{path}: {fault}"));
        let name = path.rsplit('/').next().unwrap_or_default();
        if [
            "util.rs",
            "utils.rs",
            "common.rs",
            "helpers.rs",
            "types.rs",
            "prelude.rs",
        ]
        .contains(&name)
        {
            complain("has no name of its own".to_owned());
        }
        if code.contains("::*") {
            complain("imports everything".to_owned());
        }
        if FACES.contains(&path.as_str()) {
            continue;
        }
        let Some(level) = ROOMS.iter().position(|other| *other == room) else {
            complain("is in no room".to_owned());
            continue;
        };
        for used in paths_from_crate(&code) {
            match ROOMS.iter().position(|other| *other == used) {
                Some(other) if other > level => complain(format!("{room} looks up to {used}")),
                None => complain(format!("imports `{used}` from the face")),
                Some(_) => {}
            }
        }
        let is_root = name == "mod.rs" && path.matches('/').count() == 1;
        if (is_root && outside_tests(&code).contains("super::"))
            || code.contains("super::super::super")
        {
            complain("leaves its room by `super`".to_owned());
        }
        for (outside, rooms) in DOORS {
            if !rooms.contains(&room) && names(&code, outside) {
                complain(format!("names {outside}"));
            }
        }
        for lock in ["Mutex", "RwLock", "RefCell", "Cell", "OnceLock"] {
            if room == ALONE && names(&code, lock) {
                complain(format!("shares by {lock}"));
            }
        }
        let conditional = code.replace("cfg(test)", "");
        if !CONDITIONAL.contains(&room)
            && (conditional.contains("cfg(") || conditional.contains("cfg_attr("))
        {
            complain("differs by feature".to_owned());
        }
    }
    complaints
}

fn too_long(sources: &Sources) -> Vec<String> {
    let lines = sources
        .iter()
        .map(|(path, text)| (path, text.lines().count()));
    lines
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect()
}

/// The first name after each `crate::`, also of those in braces.
fn paths_from_crate(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        // A macro's `$crate` and another crate's name that ends so are not ours to follow.
        if code[..at].ends_with(|before: char| before.is_alphanumeric() || "_$".contains(before)) {
            continue;
        }
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            Some(list) => paths.extend(top_level_names(list)),
            None => paths.extend(first_name(rest)),
        }
    }
    paths
}

fn top_level_names(list: &str) -> Vec<String> {
    let (mut depth, mut start, mut names) = (0, 0, Vec::new());
    for (at, part) in list.char_indices() {
        match part {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.extend(first_name(&list[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.extend(first_name(&list[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

fn first_name(path: &str) -> Option<String> {
    let name: String = path
        .trim_start()
        .chars()
        .take_while(|part| part.is_alphanumeric() || *part == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

fn names(code: &str, word: &str) -> bool {
    let is_part = |part: char| part.is_alphanumeric() || part == '_' || part == '"' || part == '-';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(is_part) && !code[at + word.len()..].starts_with(is_part)
    })
}

fn outside_tests(code: &str) -> &str {
    code.split("#[cfg(test)]").next().unwrap_or_default()
}

fn without_comments(text: &str) -> String {
    let code = text.lines().map(|line| match line.find("//") {
        Some(at) => &line[..at],
        None => line,
    });
    code.collect::<Vec<_>>().join("\n")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(folder: &Path) -> Sources {
    let mut sources = Sources::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
        {
            let name = entry
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if entry.is_dir() && name != "target" {
                folders.push(entry);
            } else if name.ends_with(".rs") {
                let path = entry
                    .strip_prefix(folder)
                    .expect("a path below")
                    .to_string_lossy()
                    .replace('\\', "/");
                sources.insert(path, fs::read_to_string(&entry).expect("a text"));
            }
        }
    }
    sources
}
