//! Runs a test in a process of its own: environment variables and global providers belong to a whole process.

use dev_postgres::Cluster;
use std::env;
use std::process::Command;

const MARK: &str = "ORMCORE_TEST_ALONE";

/// Runs the work in a new process for each of these environments. `test` is the path of the test that calls this.
pub(crate) fn alone(test: &str, environments: &[&[(&str, &str)]], work: impl AsyncFnOnce()) {
    if env::var(MARK).is_ok_and(|marked| marked == test) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(work());
        return;
    }
    // The server is shared: starting another for each process would take longer than the tests.
    let server = Cluster::shared().expect("a server");
    let server = server.url("postgres").expect("its address");
    for variables in environments {
        let output = Command::new(env::current_exe().expect("this program"))
            .args([test, "--exact", "--nocapture"])
            .env(MARK, test)
            .env("TEST_DATABASE_URL", &server)
            .envs(variables.iter().copied())
            .output()
            .expect("a process");
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && stdout.contains("1 passed"),
            "{test} with {variables:?} failed\n{stdout}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// The environment as it is.
pub(crate) const UNCHANGED: &[&[(&str, &str)]] = &[&[]];
