//! The server package of Debian and its descendants, unpacked instead of installed, which takes no rights.
//!
//! Signed package lists are what vouches for it, as for everything apt brings.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::client::Client;
use super::{Layout, Package};

pub(super) const PACKAGE: Package = Package {
    slot: "debian",
    install,
    layout,
};

/// Lists of our own, for a machine that has none, such as a fresh container. They need no rights either.
const OWN_LISTS: &str = "lists";

fn layout(dir: &Path) -> Option<Layout> {
    let bin = subdirectories(&dir.join("usr/lib/postgresql"))
        .pop()?
        .join("bin");
    let roots = [dir.join("usr/lib"), dir.join("lib")];
    let libraries = roots.iter().flat_map(|root| subdirectories(root));
    let libraries =
        env::join_paths(libraries.filter(|dir| dir.to_string_lossy().ends_with("-linux-gnu")));
    Some(Layout {
        bin,
        libraries: Some(libraries.ok()?),
    })
}

fn install(dir: &Path) -> Result<(), String> {
    let configuration = dir.join("apt.conf");
    let path = configuration.display().to_string();
    let environment = [("APT_CONFIG", path.as_str()), ("LC_ALL", "C")];
    let run = |words: &[&str]| {
        Client {
            words,
            dir,
            environment: &environment,
        }
        .run()
    };
    let configure =
        |text: String| fs::write(&configuration, text).map_err(|error| error.to_string());

    // Root would hand the download to a user that may not write here.
    let common = "APT::Sandbox::User \"root\";\n";
    configure(common.to_owned())?;
    let outcome = download(&run).or_else(|_| {
        let lists = dir.join(OWN_LISTS);
        fs::create_dir(&lists).map_err(|error| error.to_string())?;
        let place = lists.display();
        configure(format!(
            "{common}Dir::State::Lists \"{place}\";\nDir::Cache \"{place}\";\nAcquire::Languages \"none\";\n"
        ))?;
        run(&["apt-get", "update"])?;
        download(&run)
    });
    outcome.and_then(|()| unpack(dir, &run))
}

/// The package, and those libraries it needs that the machine lacks: apt knows both.
fn download(run: &impl Fn(&[&str]) -> Result<String, String>) -> Result<(), String> {
    let depends = run(&["apt-cache", "depends", "postgresql"])?;
    let server =
        server_package(&depends).ok_or("apt-cache depends postgresql: names no server package")?;
    let plan = run(&[
        "apt-get",
        "install",
        "--simulate",
        "--no-install-recommends",
        server,
    ])?;
    let mut words = vec!["apt-get", "download", server];
    words.extend(libraries(&plan));
    run(&words).map(drop)
}

fn unpack(dir: &Path, run: &impl Fn(&[&str]) -> Result<String, String>) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(&["dpkg-deb", "--extract", &path.display().to_string(), "."])?;
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    super::remove(&dir.join(OWN_LISTS)).map_err(failed)
}

/// `Depends: postgresql-15` of the package without a version.
fn server_package(depends: &str) -> Option<&str> {
    depends.split_whitespace().find(|word| {
        word.strip_prefix("postgresql-").is_some_and(|version| {
            !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

/// Shared libraries among the lines `Inst libpq5 (15.9 …)`; not the C library, which must be the machine's own, and
/// not the compiler, which we switch off.
fn libraries(plan: &str) -> impl Iterator<Item = &str> {
    const UNWANTED: [&str; 5] = ["libc6", "libc-", "libllvm", "libz3", "libgcc"];
    plan.lines()
        .filter_map(|line| line.strip_prefix("Inst ")?.split_whitespace().next())
        .filter(|name| {
            name.starts_with("lib") && !name.ends_with("-perl") && !name.ends_with("-dev")
        })
        .filter(|name| !UNWANTED.iter().any(|unwanted| name.starts_with(unwanted)))
}

fn subdirectories(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::{libraries, server_package};

    #[test]
    fn the_server_package_is_the_one_with_a_bare_version() {
        let depends = "postgresql\n  Depends: postgresql-17\n  Suggests: postgresql-doc\n";
        assert_eq!(server_package(depends), Some("postgresql-17"));
        assert_eq!(
            server_package("postgresql\n  Suggests: postgresql-doc\n"),
            None
        );
    }

    #[test]
    fn of_what_apt_would_install_only_shared_libraries_are_needed() {
        let plan = "Reading package lists...\nInst libjson-perl (4.1 Debian [all])\nInst libpq5 (17.6 Debian [amd64])\n\
                    Inst libllvm19 (19.1 Debian [amd64])\nInst libc6 [2.41-1] (2.41-2 Debian [amd64])\n\
                    Inst libicu76 [76.1] (76.2 Debian [amd64]) []\nConf libpq5 (17.6 Debian [amd64])\n";
        assert_eq!(libraries(plan).collect::<Vec<_>>(), ["libpq5", "libicu76"]);
    }
}
