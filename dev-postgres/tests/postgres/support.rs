//! Connections, and places that clean up after themselves.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use dev_postgres::Cluster;
use tokio_postgres::{Client, NoTls};

/// The program of this package, with the variables that steer it unset.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dev-postgres"));
    command.env_remove("TMPDIR").env_remove("XDG_CACHE_HOME");
    command
}

/// A process that owns a server, and the address of the server.
pub(crate) fn start(command: &mut Command) -> (Child, String) {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut owner = command.spawn().expect("the program starts");
    let stdout = owner.stdout.take().expect("its output is ours");
    let mut url = String::new();
    BufReader::new(stdout)
        .read_line(&mut url)
        .expect("it prints an address");
    (owner, url.trim().to_owned())
}

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("the server accepts connections");
    tokio::spawn(connection);
    client
}

pub(crate) async fn ask(client: &Client, question: &str) -> String {
    client
        .query_one(question, &[])
        .await
        .expect("the question is valid")
        .get(0)
}

pub(crate) async fn exists(cluster: &Cluster, database: &str) -> bool {
    let client = connect(&cluster.url("postgres").expect("a cluster has addresses")).await;
    let found = client
        .query(
            "SELECT FROM pg_database WHERE datname = $1::text",
            &[&database],
        )
        .await;
    !found.expect("databases can be listed").is_empty()
}

pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{what} takes more than ten seconds"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A directory anyone may write to, as /tmp is, and removed at the end.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Place {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let dir = PathBuf::from(format!(
            "/tmp/dev-postgres-test-{}-{number}",
            std::process::id()
        ));
        fs::create_dir(&dir).expect("/tmp can be written");
        fs::set_permissions(&dir, Permissions::from_mode(0o1777)).expect("the directory is ours");
        Place(dir)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        fs::read_dir(&self.0)
            .expect("the directory can be read")
            .next()
            .is_none()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
