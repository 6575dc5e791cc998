//! A folder of migrations: `embed_migrations!("migrations")`.

use super::migration::{parts, version_and_name};
use crate::errors::Errors;
use proc_macro2::{Span, TokenStream};
use std::fs;
use std::path::{Path, PathBuf};
use syn::LitStr;

/// A file that is to be embedded.
pub(crate) struct MigrationFile {
    pub(crate) name: String,
    pub(crate) path: String,
}

/// Reads the literal and the folder it names, below `root`; nothing when something is wrong with one of them.
pub(crate) fn folder(
    input: &TokenStream,
    root: &Path,
    errors: &Errors,
) -> Option<Vec<MigrationFile>> {
    let Ok(literal) = syn::parse2::<LitStr>(input.clone()) else {
        let message = "expected one string literal: the folder, from where Cargo.toml is, as in `\"migrations\"`";
        if input.is_empty() {
            errors.add(syn::Error::new(Span::call_site(), message));
        } else {
            errors.on(input, message);
        }
        return None;
    };
    let named = literal.value();
    let before = errors.len();
    let Ok(paths) = sql_files(&root.join(&named)) else {
        let message = format!("there is no folder `{named}` where this package has its Cargo.toml");
        errors.on(&literal, message);
        return None;
    };
    let mut files: Vec<MigrationFile> = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match checked(&name, &path, &files) {
            Ok(file) => files.push(file),
            Err(message) => errors.on(&literal, message),
        }
    }
    (errors.len() == before).then_some(files)
}

/// Its files that end in `.sql`, in order. Those whose names begin with a dot are some editor's.
fn sql_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".sql") && !name.starts_with('.') && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn checked(name: &str, path: &Path, before: &[MigrationFile]) -> Result<MigrationFile, String> {
    let (version, _) = version_and_name(name)?;
    if let Some(other) = before.iter().find(|file| file.name.starts_with(version)) {
        let other = &other.name;
        return Err(format!(
            "`{other}` and `{name}` are of one version: give one of them another second"
        ));
    }
    let text = fs::read_to_string(path).map_err(|_| format!("`{name}` cannot be read as UTF-8"))?;
    parts(&text).map_err(|fault| format!("`{name}`: {fault}"))?;
    let path = path
        .to_str()
        .ok_or_else(|| format!("the path of `{name}` is not UTF-8"))?;
    Ok(MigrationFile {
        name: name.to_owned(),
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::folder;
    use crate::errors::Errors;
    use quote::quote;
    use std::fs;
    use std::path::PathBuf;

    /// A folder that goes when it is dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let path = std::env::temp_dir().join(format!("ormcore-{}-{name}", std::process::id()));
            fs::create_dir_all(path.join("migrations")).expect("a folder");
            for (name, text) in files {
                fs::write(path.join("migrations").join(name), text).expect("a file");
            }
            Self(path)
        }

        /// The names of what is embedded, or what is complained about.
        fn read(&self) -> Result<Vec<String>, String> {
            let errors = Errors::new();
            let files = folder(&quote!("migrations"), &self.0, &errors);
            let complaints = errors.into_tokens().to_string();
            let names = files.map(|files| files.into_iter().map(|file| file.name).collect());
            names.ok_or(complaints)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn files_come_in_their_order_and_others_are_left_alone() {
        let second = ("20261120_100001_b.sql", "-- UP\nSELECT 2;");
        let first = (
            "20261120_100000_a.sql",
            "\u{feff}-- NO TRANSACTION\r\n-- up\r\nSELECT 1;\r\n--DOWN\r\n",
        );
        let others = [("README.md", ""), (".#20261120_100001_b.sql", "")];
        let folder = Folder::new("order", &[second, first, others[0], others[1]]);
        let names = vec![first.0.to_owned(), second.0.to_owned()];
        assert_eq!(folder.read(), Ok(names));
    }

    #[test]
    fn what_is_wrong_is_said_of_each_file() {
        let folder = Folder::new(
            "wrong",
            &[
                ("20261120_100000_a.sql", "-- UP"),
                ("20261120_100000_b.sql", "-- UP"),
                ("20261120_100001_c.sql", "CREATE TABLE c ();"),
                ("20261120_100002_d.sql", "-- Nothing.\n-- DOWN\n"),
                ("20261120_100003_e.sql", "-- Nothing.\n"),
                ("20261120_100004_f.sql", "-- UP\n-- DOWN\n-- UP\n"),
                ("20261120_100005_g.sql", "-- UP\n-- NO TRANSACTION\n"),
                ("20261320_100006_h.sql", "-- UP"),
                ("2026_11_20_i.sql", "-- UP"),
                ("20261120_100007_.sql", "-- UP"),
            ],
        );
        let complaints = folder.read().expect_err("complaints");
        for part in [
            "`20261120_100000_a.sql` and `20261120_100000_b.sql` are of one version",
            "`20261120_100001_c.sql`: line 1 stands before `-- UP`, and would never run",
            "`20261120_100002_d.sql`: line 2 is a second `-- DOWN`, or stands before `-- UP`",
            "`20261120_100003_e.sql`: it has no line `-- UP`",
            "`20261120_100004_f.sql`: line 3 is a second `-- UP`",
            "`20261120_100005_g.sql`: line 2: `-- NO TRANSACTION` is the first line",
            "`20261320_100006_h.sql` is no name of a migration",
            "`2026_11_20_i.sql` is no name of a migration",
            "`20261120_100007_.sql` is no name of a migration",
        ] {
            assert!(complaints.contains(part), "{part}: {complaints}");
        }
    }

    /// What is refused when a program runs is refused when it is compiled.
    #[test]
    fn the_library_reads_files_in_the_same_way() {
        let library = include_str!("../../../ormcore/src/migrate/file.rs");
        assert_eq!(include_str!("migration.rs"), library);
    }
}
