//! What the README says to type, and what it says comes out.

use std::process::{Command, Output};

use ormcore::sql;
use serde_json::{Value, json};

use super::app::{App, PASSWORD};
use crate::traces::Span;

const README: &str = include_str!("../../README.md");

#[tokio::test]
async fn the_session_in_the_readme_goes_as_it_says() {
    let app = App::seeded().await;
    let address = app.serve().await;
    let (_, session) = README
        .split_once("```console\n$ curl")
        .expect("a session in the README");
    let (session, _) = session.split_once("```").expect("its end");
    let (mut typed, mut expected) = (String::from("curl"), String::new());
    let mut is_typed = true;
    for line in session.lines() {
        let command = line.strip_prefix("$ ").or(is_typed.then_some(line));
        let to = match command {
            Some(_) => &mut typed,
            None => &mut expected,
        };
        to.push_str(command.unwrap_or(line));
        to.push('\n');
        is_typed = line.ends_with('\\');
    }
    // Answers have no line break at their end; a terminal would show the next prompt behind them.
    let text = |text: &str| text.replace('\n', "");
    let typed = typed.replace("localhost:8000", &address.to_string());
    let done = tokio::task::spawn_blocking(move || {
        let shell = Command::new("sh").args(["-euc", &typed]).output();
        shell.expect("a shell")
    });
    let done = done.await.expect("an end");
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{errors}");
    let answered = String::from_utf8_lossy(&done.stdout);
    assert_eq!(text(&answered), text(&expected), "{errors}");
}

/// `scripts/test-api.sh`, and the last line it says.
async fn api_tested(app: &App) -> (bool, String) {
    let address = app.serve().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/test-api.sh");
    let done = tokio::task::spawn_blocking(move || {
        let app = format!("http://{address}");
        Command::new(script).env("APP", app).output()
    });
    let Output { status, stdout, .. } = done.await.expect("an end").expect("a shell");
    let said = String::from_utf8_lossy(&stdout);
    let last = said.lines().last().unwrap_or_default();
    (status.success(), last.to_owned())
}

#[tokio::test]
async fn the_script_that_asks_for_everything_finds_it_as_it_should_be() {
    let app = App::seeded().await;
    let (success, last) = api_tested(&app).await;
    assert!(
        success && last.ends_with("requests, 0 answered wrong"),
        "{last}"
    );
    // It leaves nothing behind, and can be run again.
    let users = app.get("/users").await.body;
    assert_eq!(users.as_array().map(Vec::len), Some(10));
    // And it says so when something is wrong.
    let broken = sql("ALTER TABLE comments RENAME TO said")
        .batch(&app.db)
        .await;
    broken.expect("no comments any more");
    let (success, last) = api_tested(&app).await;
    assert!(!success && last.ends_with(", 1 answered wrong"), "{last}");
}

#[tokio::test]
async fn the_trees_in_the_readme_are_those_of_the_requests() {
    let app = App::seeded().await;
    let new = json!({ "name": "Ada", "email": "mary@example.org", "password": PASSWORD });
    let signed_up = app.post("/signup", new.clone()).await;
    let token = app.post("/login", new).await.token();
    let post = json!({ "title": "Light", "content": "Bends." });
    let posted = app.post_as(&token, "/posts", post).await;
    for answer in [signed_up, posted] {
        let spans = answer.trace().await.spans;
        let start = format!("```text\n{} ", spans[0].name);
        let (_, shown) = README.split_once(&start).expect(&start);
        let (shown, _) = shown.split_once("```").expect("its end");
        let shown = format!("{} {shown}", spans[0].name);
        assert_eq!(shown.lines().count(), spans.len(), "{shown}");
        for (line, span) in shown.lines().zip(&spans) {
            assert_shows(line, span);
        }
    }
}

/// Its depth, name and kind, and after these its summary or some of its attributes.
fn assert_shows(line: &str, span: &Span) {
    let name = line.trim_start_matches(['│', '├', '└', '─', ' ']);
    let depth = (line.chars().count() - name.chars().count()) / 4;
    let (name, rest) = name.split_once('[').expect("a kind");
    let (kind, said) = rest.split_once(']').expect("its end");
    let shown = (depth, name.trim(), kind.to_lowercase());
    assert_eq!(
        shown,
        (span.depth, span.name.as_str(), span.kind.to_owned())
    );
    for word in said
        .split("  ")
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let (key, value) = word.split_once('=').unwrap_or(("db.query.summary", word));
        let is = match span.attributes.get(key) {
            Some(Value::String(is)) => is.clone(),
            Some(is) => is.to_string(),
            None => String::from("not there"),
        };
        assert_eq!(is, value, "{key} in {line}");
    }
}

#[test]
fn what_the_readme_says_of_writing_is_what_is_written_here() {
    let (_, code) = README.split_once("```rust\n").expect("code in the README");
    let (code, _) = code.split_once("```").expect("its end");
    assert!(include_str!("../routes/users.rs").contains(code), "{code}");
}
