//! Made-up input: the same each time, and made small when it fails.

use crate::fresh::Fresh;
use ormcore::{Error, ErrorKind, sql};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::fmt::Debug;
use tokio::runtime::{Builder, Runtime};

/// A runtime that a test goes in and out of.
pub(crate) fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// Tries so many inputs. The panic shows the smallest that fails, and the seed.
pub(crate) fn try_many<S: Strategy>(
    cases: u32,
    input: &S,
    check: impl FnMut(S::Value) -> Result<(), String>,
) where
    S::Value: Debug,
{
    try_many_of([7; 32], (cases, 500), input, check);
}

/// The same, with inputs of this seed, and so many attempts to make one smaller.
pub(crate) fn try_many_of<S: Strategy>(
    seed: [u8; 32],
    (cases, max_shrink_iters): (u32, u32),
    input: &S,
    mut check: impl FnMut(S::Value) -> Result<(), String>,
) where
    S::Value: Debug,
{
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let checked = std::cell::RefCell::new(&mut check);
    let tried = TestRunner::new_with_rng(config, rng).run(input, |value| {
        (checked.borrow_mut())(value).map_err(TestCaseError::fail)
    });
    if let Err(error) = tried {
        panic!("with the seed {seed:?}: {error}");
    }
}

/// The session that answers; another number is another connection.
pub(crate) async fn session(fresh: &Fresh) -> i32 {
    let asked = sql("SELECT pg_backend_pid()").scalar(&fresh.db).await;
    asked.expect("an answer")
}

/// What a user may be told of bad input: it was not sent, or the server refuses the data in it.
pub(crate) fn is_clear(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Encode | ErrorKind::Usage => true,
        // Class 22 is bad data, 54 too much of it, 08P01 bytes that are no value.
        ErrorKind::Database => error.code().is_some_and(|code| {
            code.starts_with("22") || code.starts_with("54") || code == "08P01"
        }),
        _ => false,
    }
}
