//! Passwords, hashed with Argon2id on threads of their own.

use std::{fmt, num::NonZero, sync::Arc, thread, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{
        self,
        phc::{Output, ParamsString, PasswordHash as Phc, Salt},
    },
};
use opentelemetry::{
    KeyValue,
    global::{self, BoxedSpan},
    trace::{Span, Status, Tracer},
};
use ormcore::Value;
use serde::Deserialize;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::AUTH_SUCCESS;

/// KiB. The least that OWASP's Password Storage Cheat Sheet asks for: 19 MiB, two passes, one lane.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// For a thread to become free. Then whoever waits is told to come back, and the queue ends somewhere.
const PATIENCE: Duration = Duration::from_secs(5);

/// As somebody typed it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Password {
    pub(crate) fn length(&self) -> usize {
        self.0.chars().count()
    }
}

/// A hash with its salt and parameters, as a PHC string: when the parameters above are raised, those kept still hold. They
/// are then checked at their own price, which tells them from the decoy's until they are hashed anew at a login.
#[derive(Clone, Value)]
pub(crate) struct PasswordHash(String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[derive(Debug)]
pub(crate) enum HashingError {
    /// Too many want the same at once.
    Busy,
    Failed(String),
}

impl fmt::Display for HashingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("no thread became free to hash a password"),
            Self::Failed(cause) => write!(f, "a password could not be hashed: {cause}"),
        }
    }
}

impl std::error::Error for HashingError {}

/// Neither error tells anything about the password.
impl From<password_hash::Error> for HashingError {
    fn from(error: password_hash::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    /// What an unknown user's password is compared with.
    decoy: PasswordHash,
    /// One hash for each core. Hashing more at once would be no faster, would take 19 MiB each, and a flood of logins
    /// would have all the threads that other blocking work needs.
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, HashingError> {
        let failed = |error: argon2::Error| HashingError::Failed(error.to_string());
        let params = Params::new(MEMORY, PASSES, LANES, None).map_err(failed)?;
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            decoy: decoy(&params)?,
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            free: Arc::new(Semaphore::new(cores)),
            patience: PATIENCE,
        })
    }

    pub(crate) async fn hash(&self, password: Password) -> Result<PasswordHash, HashingError> {
        let hash = move |argon2: &Argon2<'_>| argon2.hash_password(password.0.as_bytes());
        let mut span = span("auth.hash_password");
        let hash = self.off_thread(&mut span, hash).await?;
        Ok(PasswordHash(hash.to_string()))
    }

    /// Whether it is this password. Without a hash it is not, but finding out costs the same: how long the answer takes
    /// must not tell whether there is such a user.
    pub(crate) async fn verify(
        &self,
        password: Password,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, HashingError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy).clone();
        let verify = move |argon2: &Argon2<'_>| match argon2
            .verify_password(password.0.as_bytes(), &Phc::new(&hash.0)?)
        {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(error),
        };
        let mut span = span("auth.verify_password");
        let is_theirs = self.off_thread(&mut span, verify).await? && known;
        span.set_attribute(KeyValue::new(AUTH_SUCCESS, is_theirs));
        Ok(is_theirs)
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        span: &mut BoxedSpan,
        work: impl FnOnce(&Argon2<'_>) -> password_hash::Result<T> + Send + 'static,
    ) -> Result<T, HashingError> {
        let failed = |error: &HashingError| span.set_status(Status::error(error.to_string()));
        self.when_free(work).await.inspect_err(failed)
    }

    async fn when_free<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> password_hash::Result<T> + Send + 'static,
    ) -> Result<T, HashingError> {
        let free = timeout(self.patience, Arc::clone(&self.free).acquire_owned()).await;
        let Ok(Ok(free)) = free else {
            return Err(HashingError::Busy);
        };
        let argon2 = self.argon2.clone();
        let done = spawn_blocking(move || {
            // Goes on when nobody waits for it any more, and is counted until it ends.
            let _until_the_end = free;
            work(&argon2)
        });
        let done = done
            .await
            .map_err(|error| HashingError::Failed(error.to_string()))?;
        Ok(done?)
    }
}

/// Around the work, so that its time is not taken for the database's.
fn span(name: &'static str) -> BoxedSpan {
    global::tracer("fastapi_otel").start(name)
}

/// A hash of the same parameters, salt and length as everybody's that no password is known to have.
fn decoy(params: &Params) -> Result<PasswordHash, HashingError> {
    let decoy = Phc {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params)?,
        salt: Some(Salt::new(&[0; 16]).map_err(password_hash::Error::from)?),
        hash: Some(
            Output::new(&[0; Params::DEFAULT_OUTPUT_LEN]).map_err(password_hash::Error::from)?,
        ),
    };
    Ok(PasswordHash(decoy.to_string()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::yield_now;

    use super::{HashingError, Password, Passwords, Phc};

    fn password(text: &str) -> Password {
        Password(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_no_other_is() {
        let passwords = Passwords::new().expect("passwords");
        let hash = passwords.hash(password("open sesame")).await;
        let hash = hash.expect("a hash");
        let is = async |text: &str| passwords.verify(password(text), Some(&hash)).await;
        assert!(is("open sesame").await.expect("an answer"));
        for other in ["", "open sesame ", "Open sesame", "open\0sesame"] {
            assert!(!is(other).await.expect("an answer"), "{other}");
        }
    }

    #[tokio::test]
    async fn nobody_has_no_password_and_that_takes_as_much_work() {
        let passwords = Passwords::new().expect("passwords");
        let hash = passwords.hash(password("")).await.expect("a hash");
        let [real, decoy] =
            [&hash, &passwords.decoy].map(|hash| Phc::new(&hash.0).expect("a hash"));
        assert_eq!(
            (real.algorithm, real.version, &real.params),
            (decoy.algorithm, decoy.version, &decoy.params)
        );
        let lengths = |hash: &Phc| {
            let (salt, output) = (hash.salt.expect("a salt"), hash.hash.expect("a hash"));
            (salt.len(), output.len())
        };
        assert_eq!(lengths(&real), lengths(&decoy));
        for text in ["", "password", &passwords.decoy.0] {
            let is = passwords.verify(password(text), None).await;
            assert!(!is.expect("an answer"), "{text}");
        }
    }

    #[tokio::test]
    async fn others_go_on_while_one_is_hashed() {
        let passwords = Passwords::new().expect("passwords");
        let mut turns = 0;
        // The only thread of this test: were it the one that hashes, the other branch would have no turn.
        tokio::select! {
            biased;
            hash = passwords.hash(password("open sesame")) => drop(hash.expect("a hash")),
            () = async { loop { turns += 1; yield_now().await } } => {}
        }
        assert!(turns > 0);
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_to_come_back() {
        let mut passwords = Passwords::new().expect("passwords");
        passwords.patience = Duration::from_millis(10);
        let taken = u32::try_from(passwords.free.available_permits()).expect("a number");
        let taken = passwords
            .free
            .acquire_many(taken)
            .await
            .expect("all of them");
        let hash = passwords.hash(password("open sesame")).await;
        assert!(matches!(hash, Err(HashingError::Busy)));
        drop(taken);
        passwords.patience = super::PATIENCE;
        assert!(passwords.hash(password("open sesame")).await.is_ok());
    }

    #[test]
    fn neither_is_shown() {
        let passwords = Passwords::new().expect("passwords");
        let shown = format!("{:?} {:?}", password("open sesame"), passwords.decoy);
        assert_eq!(shown, "Password(…) PasswordHash(…)");
    }
}
