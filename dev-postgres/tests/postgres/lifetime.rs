//! A server lives as long as its owner, whatever ends the owner.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};

use dev_postgres::{Error, Server};

use crate::support::{Place, ask, connect, eventually, program, start};

fn signal(owner: &Child, name: &str) {
    let sent = Command::new("kill")
        .args(["-s", name, &owner.id().to_string()])
        .status();
    assert!(sent.is_ok_and(|status| status.success()), "{name} is sent");
}

fn is_alive(process: &str) -> bool {
    Command::new("kill")
        .args(["-0", process])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether this process, and so those it starts, ignore a signal; Linux tells in a mask of bits from 1 on.
fn is_ignored(signal: u32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[test]
fn nothing_is_left_of_a_server_whose_owner_was_killed_by_any_signal() {
    for (name, number) in [
        ("KILL", 9),
        ("TERM", 15),
        ("INT", 2),
        ("HUP", 1),
        ("ABRT", 6),
    ] {
        let place = Place::new();
        let (mut owner, _) = start(program().env("TMPDIR", place.path()));
        let data = fs::read_dir(place.path())
            .expect("a readable directory")
            .next();
        let data = data
            .expect("a private directory")
            .expect("a readable directory")
            .path()
            .join("data");
        let state = fs::read_to_string(data.join("postmaster.pid")).expect("the server runs");
        let postgres = state.lines().next().expect("the file has lines");
        assert!(is_alive(postgres));

        signal(&owner, name);
        if is_ignored(number) {
            // What is deaf to a signal hands that on: a shell's background job to INT, `nohup` to HUP.
            assert!(is_alive(postgres));
            signal(&owner, "KILL");
        }
        owner.wait().expect("the owner ends");
        eventually("the end of the server", || !is_alive(postgres));
        eventually("the end of its directory", || place.is_empty());
    }
}

#[test]
fn nothing_is_left_of_a_server_whose_owner_was_killed_before_it_was_ready() {
    let place = Place::new();
    let mut owner = program()
        .env("TMPDIR", place.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    eventually("the first sign of a server", || !place.is_empty());
    signal(&owner, "KILL");
    owner.wait().expect("the owner ends");
    eventually("the end of its directory", || place.is_empty());
}

#[tokio::test]
async fn a_dropped_server_is_gone_at_once_with_its_data() -> Result<(), Error> {
    let server = Server::start()?;
    let port = server.port();
    let client = connect(&server.url("postgres")).await;
    let data = ask(&client, "SHOW data_directory").await;
    assert!(fs::exists(&data).is_ok_and(|exists| exists));
    drop(server);
    assert!(
        fs::exists(&data).is_ok_and(|exists| !exists),
        "{data} is gone"
    );
    assert!(
        TcpStream::connect(("127.0.0.1", port)).is_err(),
        "nobody listens on port {port}"
    );
    Ok(())
}

#[tokio::test]
async fn data_last_where_they_are_kept() -> Result<(), Error> {
    let place = Place::new();
    let kept = || Server::builder().data_dir(place.path().join("kept"));
    let server = kept().start()?;
    let client = connect(&server.url("postgres")).await;
    client
        .batch_execute("CREATE TABLE notes (body text)")
        .await
        .expect("the server can be written");
    assert_eq!(ask(&client, "SHOW fsync").await, "on");
    drop(server);

    let server = kept().start()?;
    let client = connect(&server.url("postgres")).await;
    assert_eq!(ask(&client, "SELECT count(*)::text FROM notes").await, "0");
    Ok(())
}

#[tokio::test]
async fn kept_data_can_be_used_again_the_moment_their_owner_was_killed() -> Result<(), Error> {
    let place = Place::new();
    let kept = place.path().join("kept");
    let (mut owner, url) = start(program().arg("--data-dir").arg(&kept));
    let client = connect(&url).await;
    let fill = "CREATE TABLE notes AS SELECT 'a note' FROM generate_series(1, 100000)";
    client
        .batch_execute(fill)
        .await
        .expect("the server can be written");
    owner
        .kill()
        .and_then(|()| owner.wait())
        .expect("the owner ends");

    let server = Server::builder().data_dir(kept).start()?;
    let client = connect(&server.url("postgres")).await;
    assert_eq!(
        ask(&client, "SELECT count(*)::text FROM notes").await,
        "100000"
    );
    Ok(())
}

#[test]
fn data_of_someone_else_are_not_taken_over() {
    let place = Place::new();
    fs::write(place.path().join("letter"), "dear").expect("the directory is ours");
    let refused = Server::builder()
        .data_dir(place.path())
        .start()
        .expect_err("a refusal");
    assert!(
        refused
            .to_string()
            .contains("neither empty nor from an earlier server"),
        "{refused}"
    );
}

#[tokio::test]
async fn no_server_runs_as_root() -> Result<(), Error> {
    let server = Server::start()?;
    let client = connect(&server.url("postgres")).await;
    let data = ask(&client, "SHOW data_directory").await;
    let owner = fs::metadata(&data).expect("the data are there").uid();
    assert_ne!(owner, 0);
    Ok(())
}
