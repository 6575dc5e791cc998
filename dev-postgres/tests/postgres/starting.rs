//! Starting a server, and what is said when that fails.

use std::fs;

use dev_postgres::{Error, Server};

use crate::support::{Place, ask, connect, program, start};

#[tokio::test]
async fn settings_are_the_callers_where_given_and_fast_elsewhere() -> Result<(), Error> {
    let server = Server::builder()
        .setting("work_mem", "7MB")
        .setting("jit", "on")
        .start()?;
    let client = connect(&server.url("postgres")).await;
    for (name, value) in [
        ("work_mem", "7MB"),
        ("jit", "on"),
        ("fsync", "off"),
        ("max_connections", "200"),
    ] {
        assert_eq!(ask(&client, &format!("SHOW {name}")).await, value, "{name}");
    }
    Ok(())
}

#[test]
fn a_server_that_ends_early_shows_the_end_of_its_log() {
    let error = Server::builder()
        .setting("shared_buffers", "plenty")
        .start()
        .expect_err("no server");
    let message = error.to_string();
    assert!(message.contains("ended before it was ready"), "{message}");
    assert!(
        message.contains("invalid value for parameter \"shared_buffers\": \"plenty\""),
        "{message}"
    );
}

#[test]
fn a_wrong_password_opens_nothing() -> Result<(), Error> {
    let server = Server::start()?;
    let url = format!(
        "postgres://postgres:guess@127.0.0.1:{}/postgres",
        server.port()
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let refused = runtime
        .block_on(tokio_postgres::connect(&url, tokio_postgres::NoTls))
        .err()
        .expect("a refusal");
    assert_eq!(
        refused.code(),
        Some(&tokio_postgres::error::SqlState::INVALID_PASSWORD)
    );
    Ok(())
}

#[test]
fn a_wrong_pg_bin_is_an_error_and_nothing_else_is_used() {
    let place = Place::new();
    for (bin, reason) in [
        ("/nonexistent", "there is no initdb"),
        (&*place.path().to_string_lossy(), "there is no initdb"),
    ] {
        let output = program()
            .env("PG_BIN", bin)
            .arg("true")
            .output()
            .expect("the program starts");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        assert!(
            complaint.contains(&format!("PG_BIN names {bin}")) && complaint.contains(reason),
            "{complaint}"
        );
    }
}

#[test]
fn programs_of_pg_bin_that_do_not_run_are_named_with_the_reason() {
    let place = Place::new();
    for name in ["initdb", "postgres"] {
        fs::write(place.path().join(name), "not a program").expect("the directory is ours");
    }
    let output = program()
        .env("PG_BIN", place.path())
        .arg("true")
        .output()
        .expect("the program starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(complaint.contains("postgres does not start"), "{complaint}");
}

#[test]
fn a_command_finds_the_address_and_its_result_is_handed_on() {
    let script = "case $DATABASE_URL in postgres://*) test \"$DATABASE_URL\" = \"$TEST_DATABASE_URL\" && exit 7;; esac";
    let status = program()
        .args(["sh", "-c", script])
        .status()
        .expect("the program starts");
    assert_eq!(status.code(), Some(7));
}

/// Asks the server itself for its environment.
#[tokio::test]
async fn the_postgresql_set_up_of_the_caller_does_not_reach_the_server() {
    let set_up = [
        ("PGHOST", "leaked"),
        ("PGDATA", "/leaked"),
        ("PGOPTIONS", "-c leaked=1"),
    ];
    let (mut owner, url) = start(program().envs(set_up).env("NOT_OF_POSTGRESQL", "inherited"));
    let client = connect(&url).await;
    let read = "CREATE TABLE environment (line text); \
                COPY environment FROM PROGRAM 'env' (DELIMITER E'\\x01')";
    client
        .batch_execute(read)
        .await
        .expect("the server can read its environment");
    let count = "SELECT count(*)::text FROM environment WHERE line LIKE";
    let leaked = ask(&client, &format!("{count} '%leaked%'")).await;
    let inherited = ask(&client, &format!("{count} '%inherited%'")).await;
    owner
        .kill()
        .and_then(|()| owner.wait())
        .expect("the owner ends");
    assert_eq!((leaked.as_str(), inherited.as_str()), ("0", "1"));
}
