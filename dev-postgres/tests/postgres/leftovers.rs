//! A server that outlives the tests, and what earlier tests left on it.

use std::env;
use std::process::Command;

use dev_postgres::{Cluster, Error, Server};

use crate::support::{connect, exists};

#[tokio::test]
async fn databases_of_dead_processes_are_removed_and_all_others_stay() -> Result<(), Error> {
    let server = Server::start()?;
    let client = connect(&server.url("postgres")).await;
    let living = Cluster::at(&server.url("postgres"))?;
    let of_the_living = living.database()?;
    for name in [
        "dev_postgres_deadbeef_1",
        "dev_postgres_deadbeef_notes",
        "dev_postgres_diary",
    ] {
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .expect("a new database");
    }

    let next = Cluster::at(&server.url("postgres"))?;
    assert!(!exists(&next, "dev_postgres_deadbeef_1").await);
    assert!(!exists(&next, "dev_postgres_deadbeef_notes").await);
    assert!(exists(&next, "dev_postgres_diary").await);
    assert!(exists(&next, of_the_living.name()).await);
    Ok(())
}

/// Runs another test of this program on a server of ours, which then shows that it was there.
#[tokio::test]
async fn tests_run_on_the_server_test_database_url_names() -> Result<(), Error> {
    let server = Server::start()?;
    let client = connect(&server.url("postgres")).await;
    client
        .batch_execute("CREATE DATABASE dev_postgres_deadbeef_1")
        .await
        .expect("a new database");

    let test = "templates::clones_have_what_was_migrated_and_nothing_of_one_another";
    let output = Command::new(env::current_exe().expect("this program has a path"))
        .args(["--exact", test])
        .env("TEST_DATABASE_URL", server.url("postgres"))
        .output()
        .expect("this program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    let names = client
        .query("SELECT datname::text FROM pg_database", &[])
        .await
        .expect("databases can be listed");
    let names: Vec<String> = names.iter().map(|row| row.get(0)).collect();
    assert!(
        !names.iter().any(|name| name == "dev_postgres_deadbeef_1"),
        "{names:?}"
    );
    assert!(
        names.iter().any(|name| name.ends_with("_notes")),
        "{names:?}"
    );
    Ok(())
}

#[test]
fn an_address_nobody_answers_is_a_clear_error() {
    let error = Cluster::at("postgres://nobody@127.0.0.1:1/postgres").expect_err("no cluster");
    assert!(
        error
            .to_string()
            .starts_with("cannot connect to the PostgreSQL that holds the test databases"),
        "{error}"
    );
}
