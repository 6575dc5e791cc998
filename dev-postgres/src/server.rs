//! A private server.

use std::env;
use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::account::Account;
use crate::random::hexadecimal;
use crate::supervisor::{Orders, Supervisor};
use crate::{Error, Programs};

const ATTEMPTS: usize = 5;
const PAUSE: Duration = Duration::from_millis(300);
const MEMORY_WORTH_USING: u64 = 1 << 30;

/// A server of our own. It ends when this is dropped or when this process ends in any way, and takes its data along
/// unless it was told where to keep them.
#[derive(Debug)]
pub struct Server {
    supervisor: Supervisor,
    programs: Programs,
    password: String,
    kept_in: Option<PathBuf>,
}

impl Server {
    /// Starts one with the programs [`Programs::find`] finds. Its data are forgotten with it.
    pub fn start() -> Result<Server, Error> {
        Server::builder().start()
    }

    /// Says more about the server to start.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }

    /// The address of one of its databases; `postgres` is always there.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres:{}@127.0.0.1:{}/{database}",
            self.password, self.supervisor.port
        )
    }

    /// The port it listens on, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.supervisor.port
    }

    /// The programs it runs.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }
}

/// For people: version, place and fate of the data.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on port {}, ", self.programs, self.port())?;
        match &self.kept_in {
            Some(dir) => write!(f, "data kept in {}", dir.display()),
            None => f.write_str("data forgotten at the end"),
        }
    }
}

/// What a [`Server`] is started with.
#[derive(Clone, Debug, Default)]
pub struct ServerBuilder {
    programs: Option<Programs>,
    data_dir: Option<PathBuf>,
    settings: Vec<(String, String)>,
}

impl ServerBuilder {
    /// Runs these programs instead of those [`Programs::find`] finds.
    pub fn programs(mut self, programs: Programs) -> ServerBuilder {
        self.programs = Some(programs);
        self
    }

    /// Keeps the data in a directory, which may be missing, empty, or from an earlier server.
    pub fn data_dir(mut self, dir: impl Into<PathBuf>) -> ServerBuilder {
        self.data_dir = Some(dir.into());
        self
    }

    /// Changes a setting of the server, such as `work_mem`; the last word counts.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> ServerBuilder {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Starts the server and waits until it accepts connections.
    pub fn start(self) -> Result<Server, Error> {
        let programs = match self.programs {
            Some(programs) => programs,
            None => Programs::find()?,
        };
        let account = Account::for_servers()?;
        let kept_in = self
            .data_dir
            .map(|dir| prepare(&dir, &account))
            .transpose()?;
        let password = match &kept_in {
            Some(dir) => kept_password(dir)?,
            None => hexadecimal::<16>()?,
        };
        let mut settings = default_settings(kept_in.is_some());
        settings.extend(self.settings);

        let mut attempts = 0;
        loop {
            let dir = private_dir(&account)?;
            let orders = Orders {
                programs: &programs,
                account,
                data: kept_in.as_ref().unwrap_or(&dir).join("data"),
                dir,
                password: &password,
                settings: &settings,
                persistent: kept_in.is_some(),
            };
            attempts += 1;
            match Supervisor::start(&orders) {
                Ok(supervisor) => {
                    return Ok(Server {
                        supervisor,
                        programs,
                        password,
                        kept_in,
                    });
                }
                Err(failure) if failure.passing && attempts < ATTEMPTS => sleep(PAUSE),
                Err(failure) => return Err(failure.error),
            }
        }
    }
}

fn default_settings(persistent: bool) -> Vec<(String, String)> {
    // No socket: its path would have to fit into 107 bytes, which a long TMPDIR does not leave room for.
    let always = [
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("max_connections", "200"),
    ];
    // Compiling a query costs more than running it here, and fetched programs may lack the compiler.
    let always = always.into_iter().chain([("jit", "off")]);
    let careless = [
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
    ];
    let careless = careless.into_iter().filter(|_| !persistent);
    always
        .chain(careless)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A name that is free, in memory where there is enough: a disk makes creating databases many times slower.
fn private_dir(account: &Account) -> Result<PathBuf, Error> {
    let memory = Path::new("/dev/shm");
    let base =
        if env::var_os("TMPDIR").is_none() && is_roomy(memory) && account.may_create_in(memory) {
            memory.to_owned()
        } else {
            Some(env::temp_dir())
                .filter(|dir| account.may_create_in(dir))
                .unwrap_or_else(|| "/tmp".into())
        };
    let base = std::path::absolute(&base)
        .map_err(|error| Error::caused(format!("cannot use TMPDIR={}", base.display()), error))?;
    Ok(base.join(format!(
        "dev-postgres-{}-{}",
        std::process::id(),
        hexadecimal::<4>()?
    )))
}

fn is_roomy(dir: &Path) -> bool {
    rustix::fs::statvfs(dir)
        .is_ok_and(|space| space.f_bavail * space.f_frsize >= MEMORY_WORTH_USING)
}

/// Holds `data` and `password`; nobody else's directory is taken over.
fn prepare(dir: &Path, account: &Account) -> Result<PathBuf, Error> {
    let failed = |error| Error::caused(format!("cannot keep data in {}", dir.display()), error);
    let dir = std::path::absolute(dir).map_err(failed)?;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&dir)
        .map_err(failed)?;
    let is_empty = fs::read_dir(&dir).map_err(failed)?.next().is_none();
    if is_empty {
        account.own(&dir).map_err(failed)?;
    } else if !dir.join("password").is_file() {
        return Err(Error::new(format!(
            "cannot keep data in {}: it is neither empty nor from an earlier server; name another directory",
            dir.display()
        )));
    }
    Ok(dir)
}

fn kept_password(dir: &Path) -> Result<String, Error> {
    let file = dir.join("password");
    let failed = |error| Error::caused(format!("cannot use {}", file.display()), error);
    if file.exists() {
        return Ok(fs::read_to_string(&file).map_err(failed)?.trim().to_owned());
    }
    let password = hexadecimal::<16>()?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
        .open(&file)
        .and_then(|mut file| writeln!(file, "{password}"))
        .map_err(failed)?;
    Ok(password)
}
