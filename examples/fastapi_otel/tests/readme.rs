//! What the README says to type, and what it says comes out.

use std::process::Command;

use super::app::App;

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

#[test]
fn what_the_readme_says_of_writing_is_what_is_written_here() {
    let (_, code) = README.split_once("```rust\n").expect("code in the README");
    let (code, _) = code.split_once("```").expect("its end");
    assert!(include_str!("../routes/users.rs").contains(code), "{code}");
}
