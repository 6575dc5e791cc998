//! Each public method that changes what is sent has a question: those are written beside their SQL in the tables of questions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the library's questions, writes, expressions and relations are described.
const ROOMS: [&str; 3] = ["query", "entity", "relation"];

const TABLES: [&str; 4] = [
    "questions.sql",
    "more_questions.sql",
    "kinds_questions.sql",
    "last_questions.sql",
];

/// What has a name and no words: it is called by generated code, or looks at what came back.
const WORDLESS: [&str; 42] = [
    "by_key",
    "by_name",
    "check_kind",
    "described",
    "goes_by_the_columns_of",
    "info",
    "is_at_least",
    "is_at_most",
    "is_email",
    "is_in_the_way",
    "is_kind",
    "is_long",
    "is_moment",
    "is_unique_violation_of",
    "is_unloaded",
    "is_url",
    "is_violation_of",
    "iter",
    "kind_column",
    "kind_name",
    "leads_to",
    "len",
    "linked",
    "look",
    "maybe_text",
    "next",
    "of_kinds",
    "of_scope",
    "push",
    "push_default",
    "put",
    "put_default",
    "read_kind",
    "ruled",
    "same_key",
    "same_type",
    "set_checked",
    "set_default",
    "text",
    "to_entity",
    "unknown_kind",
    "unloaded",
];

#[test]
fn every_method_that_changes_sql_has_a_question() {
    let methods = methods();
    assert!(methods.len() > 200, "{}", methods.len());
    let questions = questions();
    let is_asked = |name: &str| questions.iter().any(|question| calls(question, name));
    let missing: BTreeMap<_, _> = methods
        .iter()
        .filter(|(name, _)| !is_asked(name) && !WORDLESS.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "in no table of questions: {missing:?}");
    for name in WORDLESS {
        let needed = methods.contains_key(name) && !is_asked(name);
        assert!(needed, "`{name}` is gone, or has a question");
    }
}

#[test]
fn a_method_is_seen_where_it_is_called_and_nowhere_else() {
    let text = "    pub fn one(self) {}\n    pub(crate) fn two() {}\n    three \" THREE \";\n    pub const fn four()";
    let found: Vec<_> = names(text).collect();
    assert_eq!(found, ["one", "four", "three"]);
    for (question, is_called) in [
        ("User::find().one(db)", true),
        ("User::find().one::<User>(db)", true),
        ("one(db)", true),
        ("User::find().someone(db)", false),
        ("User::find().one_more(db)", false),
        ("one::<User>", false),
    ] {
        assert_eq!(calls(question, "one"), is_called, "{question}");
    }
}

/// The names of public functions, and the files they are in.
fn methods() -> BTreeMap<String, BTreeSet<PathBuf>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ormcore/src");
    let mut folders: Vec<_> = ROOMS.iter().map(|room| source.join(room)).collect();
    let mut methods: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a text");
            for name in names(&text) {
                let file = path.strip_prefix(&source).expect("a path below");
                methods.entry(name).or_default().insert(file.to_owned());
            }
        }
    }
    methods
}

/// Those of functions as they stand, and of those that a macro makes of a name and its words: `join " JOIN ";`.
fn names(text: &str) -> impl Iterator<Item = String> {
    let plain = ["pub fn ", "pub const fn ", "pub async fn "]
        .into_iter()
        .flat_map(|start| text.split(start).skip(1))
        .map(|rest| rest.split(|letter| !is_of_name(letter)).next());
    let made = text.lines().map(|line| {
        let (name, words) = line.trim().split_once(" \"")?;
        (words.ends_with("\";") && name.chars().all(is_of_name)).then_some(name)
    });
    let names = plain.chain(made).flatten().map(str::to_owned);
    names
        .filter(|name| !name.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

fn questions() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("database");
    let tables = TABLES.map(|table| fs::read_to_string(folder.join(table)).expect(table));
    let lines = tables.iter().flat_map(|table| table.lines());
    let questions = lines.filter_map(|line| line.strip_prefix("-- "));
    questions.map(str::to_owned).collect()
}

/// Whether the question calls a function of this name, maybe with types.
fn calls(question: &str, name: &str) -> bool {
    question.match_indices(name).any(|(at, _)| {
        let rest = &question[at + name.len()..];
        let called = match rest.strip_prefix("::<") {
            Some(types) => types.split_once(">(").is_some(),
            None => rest.starts_with('('),
        };
        called && !question[..at].ends_with(is_of_name)
    })
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}
