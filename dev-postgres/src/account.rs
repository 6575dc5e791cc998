//! Who runs the server: PostgreSQL refuses to run as root.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::fs::{Access, access};

use crate::Error;

/// The user and group servers run as, when those are not our own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    ids: Option<(u32, u32)>,
}

impl Account {
    /// Ourselves; for root the `postgres` user, or `nobody`.
    pub(crate) fn for_servers() -> Result<Account, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Account { ids: None });
        }
        let ids = ["postgres", "nobody"]
            .iter()
            .find_map(|user| Some((id("-u", user)?, id("-g", user)?)))
            .ok_or_else(|| {
                Error::new(
                    "PostgreSQL refuses to run as root and there is no user `postgres` or `nobody`: \
                     run as a normal user or set DATABASE_URL",
                )
            })?;
        let account = Account { ids: Some(ids) };
        // A user namespace may map nobody but root, and then every later step fails in its own odd way.
        let (uid, gid) = ids;
        account.command("/bin/sh").args(["-c", ":"]).status().map_err(|error| {
            Error::caused(
                format!(
                    "PostgreSQL refuses to run as root and switching to user {uid}, group {gid} is not \
                     possible here (a container that maps only root?): run as a normal user or set \
                     DATABASE_URL"
                ),
                error,
            )
        })?;
        Ok(account)
    }

    /// A program run as this account, knowing nothing of the PostgreSQL set-up of whoever started us.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Some((uid, gid)) = self.ids {
            command.uid(uid).gid(gid);
        }
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Ours may be unreadable for the account, and older servers fail without a current directory.
        command
            .current_dir("/")
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        command
    }

    /// Whether the account may create a directory there and remove it again.
    pub(crate) fn may_create_in(&self, dir: &Path) -> bool {
        match self.ids {
            Some((uid, _)) => {
                fs::metadata(dir).is_ok_and(|dir| dir.mode() & 0o002 != 0 || dir.uid() == uid)
            }
            None => access(dir, Access::WRITE_OK | Access::EXEC_OK).is_ok(),
        }
    }

    /// Hands over a directory that only its owner may enter.
    pub(crate) fn own(&self, dir: &Path) -> std::io::Result<()> {
        match self.ids {
            Some((uid, gid)) => chown(dir, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }
}

fn id(flag: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([flag, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
