//! Migrations that are read when the program runs.

use crate::database::assert_says;
use ormcore::migrate::Migrations;
use ormcore::{ErrorKind, embed_migrations};
use std::fs;
use std::path::PathBuf;

#[test]
fn what_is_read_is_what_is_embedded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/blog");
    let read = Migrations::read(folder).unwrap();
    assert_eq!(read.all(), embed_migrations!("migrations/blog").all());
    assert_eq!(read.all().len(), 3);
}

#[test]
fn what_cannot_be_read_is_named() {
    let refused = Migrations::read("migrations/nowhere").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Migration);
    assert_says(&refused, &["`migrations/nowhere` cannot be read"]);

    let folder = Folder::new();
    folder.write("20260101_090000_a.sql", "-- UP\n");
    // Not a migration, and not meant to be one.
    folder.write("README.md", "No SQL.");
    folder.write(".20260101_090000_a.sql", "");
    assert_eq!(Migrations::read(&folder.0).unwrap().all().len(), 1);
    folder.write("20260102_090000_b.sql", "DROP TABLE a;");
    let refused = Migrations::read(&folder.0).unwrap_err();
    assert_says(
        &refused,
        &["`20260102_090000_b.sql`: line 1 stands before `-- UP`"],
    );
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("ormcore-migrations-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("a file");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
