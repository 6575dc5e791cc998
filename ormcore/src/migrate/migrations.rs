//! Migrations: the files, read.

use super::file::{Part, parts, version_and_name};
use crate::error::{Error, ErrorKind, Result};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// One step of a schema, from a file `YYYYMMDD_HHMMSS_name.sql`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migration {
    /// When it was written, which is also its place among the others: `20261120_173000`.
    pub version: String,
    /// What its file is called behind that: `add_users`.
    pub name: String,
    /// The SQL below `-- UP`.
    pub up: String,
    /// The SQL below `-- DOWN`, if there is such a line.
    pub down: Option<String>,
    /// The SHA-256 of the file's text in hexadecimal. How its lines end makes no difference.
    pub checksum: String,
    /// Whether it runs in a transaction: the first line of the file is not `-- NO TRANSACTION`.
    pub transactional: bool,
    /// The lines of the file in which the two begin.
    pub(super) lines: [usize; 2],
}

/// Migrations in the order they run in, and what holds for them: from
/// [`embed_migrations!`](crate::embed_migrations) or from a folder.
///
/// ```
/// use ormcore::migrate::Migrations;
///
/// let users = "-- UP\nCREATE TABLE users (id bigint PRIMARY KEY);\n\n-- DOWN\nDROP TABLE users;\n";
/// let migrations = Migrations::new([("20261120_173000_users.sql", users)])?;
/// assert_eq!(migrations.all()[0].name, "users");
/// assert_eq!(migrations.all()[0].down.as_deref(), Some("DROP TABLE users;\n"));
/// # Ok::<(), ormcore::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "migrations do nothing until they are given to `migrate::run`"]
pub struct Migrations {
    all: Arc<[Migration]>,
    pub(super) out_of_order: bool,
    /// What is wrong with what was embedded. The macro refuses it first.
    fault: Option<String>,
}

impl Migrations {
    /// Those of files with these names and texts, in any order.
    ///
    /// # Errors
    /// [`ErrorKind::Migration`] when a name is not `YYYYMMDD_HHMMSS_name.sql`, two are of one version, or a text has no line
    /// `-- UP`.
    pub fn new<N: AsRef<str>, T: AsRef<str>>(
        files: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self> {
        let mut all = Vec::new();
        for (name, text) in files {
            all.push(Migration::new(name.as_ref(), text.as_ref()).map_err(refused)?);
        }
        all.sort_by(|one: &Migration, other| one.version.cmp(&other.version));
        for pair in all.windows(2) {
            if let [one, other] = pair
                && one.version == other.version
            {
                let (one, other) = (one.id(), other.id());
                let message =
                    format!("`{one}` and `{other}` are of one version: give one another second");
                return Err(refused(message));
            }
        }
        Ok(Self {
            all: all.into(),
            out_of_order: false,
            fault: None,
        })
    }

    /// Those of the files of a folder that end in `.sql`, for tools that are not compiled together with them.
    ///
    /// # Errors
    /// Those of [`new`](Self::new), and [`ErrorKind::Migration`] when the folder or a file cannot be read.
    pub fn read(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let unreadable = |error: std::io::Error| {
            refused(format!("`{}` cannot be read", folder.display())).with_source(error)
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // Those whose names begin with a dot are some editor's.
            if name.ends_with(".sql") && !name.starts_with('.') && path.is_file() {
                let text = fs::read_to_string(&path).map_err(|error| {
                    refused(format!("`{}` cannot be read", path.display())).with_source(error)
                })?;
                files.push((name.into_owned(), text));
            }
        }
        Self::new(files)
    }

    /// Those the macro found.
    pub(crate) fn embedded(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().copied()).unwrap_or_else(|error| Self {
            all: Arc::default(),
            out_of_order: false,
            fault: Some(error.to_string()),
        })
    }

    /// Lets one run that is older than another that ran: written on a branch that took longer, for instance. Without this
    /// it is an error, because then not everybody's database is made in the same order.
    pub fn out_of_order(mut self) -> Self {
        self.out_of_order = true;
        self
    }

    /// All of them, in the order of their versions.
    #[must_use]
    pub fn all(&self) -> &[Migration] {
        &self.all
    }

    /// # Errors
    /// When they were embedded, and cannot be read.
    pub(super) fn checked(&self) -> Result<&[Migration]> {
        match &self.fault {
            Some(fault) => Err(refused(fault.clone())),
            None => Ok(&self.all),
        }
    }
}

impl Migration {
    fn new(file: &str, text: &str) -> Result<Self, String> {
        let (version, name) = version_and_name(file)?;
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let parts = parts(&text).map_err(|fault| format!("`{file}`: {fault}"))?;
        let sql = |part: Part<'_>| part.sql.to_owned();
        Ok(Self {
            version: version.to_owned(),
            name: name.to_owned(),
            up: sql(parts.up),
            down: parts.down.map(sql),
            checksum: checksum(&text),
            transactional: parts.transactional,
            lines: [parts.up.line, parts.down.map_or(0, |down| down.line)],
        })
    }

    /// What people call it: `20261120_173000_add_users`.
    pub(super) fn id(&self) -> String {
        format!("{}_{}", self.version, self.name)
    }
}

fn checksum(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        // Writing to a String does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

pub(super) fn refused(message: String) -> Error {
    Error::new(ErrorKind::Migration, message)
}

#[cfg(test)]
mod tests {
    use super::{Migrations, checksum};

    fn one(name: &str, text: &str) -> Result<Migrations, String> {
        Migrations::new([(name, text)]).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_what_stands_below_its_lines() {
        let text = "-- NO TRANSACTION\n-- Why.\n\n-- UP\nSELECT 1;\n-- DOWN\nSELECT 2;\n";
        let migrations = one("20261120_173000_a-b_c.sql", text).unwrap();
        let migration = &migrations.all()[0];
        assert_eq!(migration.id(), "20261120_173000_a-b_c");
        assert_eq!(migration.up, "SELECT 1;\n");
        assert_eq!(migration.down.as_deref(), Some("SELECT 2;\n"));
        assert_eq!((migration.transactional, migration.lines), (false, [5, 7]));
    }

    #[test]
    fn a_checksum_is_the_one_every_tool_makes_and_no_other_for_another_system() {
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(checksum("abc"), sum);
        let unix = one("20261120_173000_a.sql", "-- UP\nSELECT 1;\n").unwrap();
        let other = one("20261120_173000_a.sql", "\u{feff}-- UP\r\nSELECT 1;\r\n").unwrap();
        assert_eq!(unix.all(), other.all());
        assert_eq!(unix.all()[0].checksum, checksum("-- UP\nSELECT 1;\n"));
    }

    #[test]
    fn versions_make_the_order_and_are_had_once() {
        let up = "-- UP\n";
        let files = [("20261120_173001_a.sql", up), ("20261120_173000_b.sql", up)];
        let migrations = Migrations::new(files).unwrap();
        let names: Vec<_> = migrations.all().iter().map(|one| &*one.name).collect();
        assert_eq!(names, ["b", "a"]);
        let twice = [("20261120_173000_a.sql", up), ("20261120_173000_b.sql", up)];
        let refused = Migrations::new(twice).unwrap_err().to_string();
        assert!(refused.contains("of one version"), "{refused}");
        // What the macro would have refused is an error wherever it is used.
        assert!(Migrations::embedded(&twice).checked().is_err());
    }

    #[test]
    fn what_is_no_migration_is_refused() {
        for name in [
            "20261120_173000.sql",
            "20261120_173000_.sql",
            "20261120_173000_a.SQL",
            "20261120-173000_a.sql",
            "20261120_240000_a.sql",
            "20261120_173000_a b.sql",
            "é.sql",
        ] {
            let refused = one(name, "-- UP\n").unwrap_err();
            assert!(refused.contains("is no name of a migration"), "{name}");
        }
        let refused = one("20261120_173000_a.sql", "SELECT 1;").unwrap_err();
        assert!(
            refused.contains("line 1 stands before `-- UP`"),
            "{refused}"
        );
    }
}
