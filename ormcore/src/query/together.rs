//! Several pieces of work at once.

use crate::error::{Error, Result};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Work that asks the database.
pub(crate) type Asking<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// Does all of it at once: what can be sent is sent before anything is waited for.
///
/// Each is polled to its end, also when another has failed: on a connection they share, one whose reply nobody reads lets
/// the others wait for ever, and a reply that is not read to its end costs the connection.
///
/// # Errors
/// The first one, unless it is but the consequence of another.
pub(crate) async fn together<'a>(work: impl Iterator<Item = Asking<'a>>) -> Result<()> {
    let mut open: Vec<Asking<'a>> = work.collect();
    let mut failed: Option<Error> = None;
    poll_fn(|context| {
        open.retain_mut(|asking| match asking.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(Ok(())) => false,
            Poll::Ready(Err(error)) => {
                let known = failed.as_ref();
                if known.is_none_or(Error::is_aftermath) {
                    failed = Some(error);
                }
                false
            }
        });
        match open.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    match failed {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
