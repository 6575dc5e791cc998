//! Where a machine may keep an installed PostgreSQL.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Directories by installer; a `*` stands for any part of one name.
const USUAL: [&str; 17] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/lib64/postgresql-*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Library/PostgreSQL/*/bin",
    "/opt/PostgreSQL/*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/usr/bin",
    "/usr/local/bin",
    "~/.asdf/installs/postgres/*/bin",
    "~/.local/share/mise/installs/postgres/*/bin",
];

/// Every directory that holds a `postgres`, those on `PATH` first.
pub(crate) fn directories() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = Vec::new();
    for dir in env::split_paths(&path)
        .chain(configured())
        .chain(USUAL.iter().flat_map(|usual| matching(usual)))
    {
        if let Some(home) = home_of_postgres(&dir).filter(|home| !found.contains(home)) {
            found.push(home);
        }
    }
    found
}

fn configured() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// The directory itself, or the one its `postgres` is linked from.
fn home_of_postgres(dir: &Path) -> Option<PathBuf> {
    let linked = fs::canonicalize(dir.join("postgres")).ok()?;
    let home = linked.parent().filter(|home| home.join("initdb").is_file());
    home.map(Path::to_owned)
        .or_else(|| std::path::absolute(dir).ok())
}

fn matching(pattern: &str) -> Vec<PathBuf> {
    let (mut found, parts) = match pattern.strip_prefix("~/") {
        Some(rest) => (
            env::var_os("HOME").map(PathBuf::from).into_iter().collect(),
            rest,
        ),
        None => (vec![PathBuf::from("/")], pattern.trim_start_matches('/')),
    };
    for part in parts.split('/') {
        found = match part.split_once('*') {
            None => found.into_iter().map(|dir| dir.join(part)).collect(),
            Some((start, end)) => found
                .iter()
                .flat_map(|dir| children(dir, start, end))
                .collect(),
        };
    }
    found
}

fn children(dir: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.starts_with(start) && name.ends_with(end))
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::matching;

    #[test]
    fn a_star_stands_for_part_of_one_name() {
        let here = env!("CARGO_MANIFEST_DIR");
        assert_eq!(
            matching(&format!("{here}/s*c/lib.rs")),
            [PathBuf::from(here).join("src/lib.rs")]
        );
        assert!(matching(&format!("{here}/nothing-*/lib.rs")).is_empty());
    }
}
