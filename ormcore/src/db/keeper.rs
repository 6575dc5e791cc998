//! Keeps a pool as it is meant to be while nobody asks anything: so many connections open, and none that rests for too long.
//!
//! The task is the `Db`'s: it has nothing of it while it waits, and ends with it. What it needs to know costs those who ask
//! nothing: a connection that was asked nothing between two looks has rested.

use super::connect::Manager;
use super::connection::Connection;
use super::pool::Inner;
use deadpool::managed::{Object, Pool, Timeouts};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, PoisonError, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

/// What is to be kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keeping {
    /// So many connections are open, in use or at rest.
    pub(super) least: usize,
    /// How long the others may rest.
    pub(super) idle: Option<Duration>,
    /// How old they may become, which they themselves know more exactly.
    pub(super) lifetime: Option<Duration>,
}

impl Keeping {
    pub(super) const NOTHING: Self = Self {
        least: 0,
        idle: None,
        lifetime: None,
    };

    fn is_nothing(self) -> bool {
        self.least == 0 && self.idle.is_none() && self.lifetime.is_none()
    }

    /// How often to look: a tenth of what is to be seen.
    fn period(self) -> Duration {
        let shortest = self.idle.into_iter().chain(self.lifetime).min();
        let period = shortest.unwrap_or(Duration::MAX) / 10;
        period.clamp(Duration::from_millis(10), Duration::from_secs(60))
    }
}

/// How long to leave a server alone that refused a connection.
const REST: Duration = Duration::from_secs(1);

/// The task. It ends when this is dropped.
pub(super) struct Keeper(AbortHandle);

impl Keeper {
    /// Nothing, when there is nothing to keep.
    pub(super) fn start(inner: &Arc<Inner>, keeping: Keeping) -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        if keeping.is_nothing() {
            return None;
        }
        let ended = Arc::clone(&inner.pool().manager().ended);
        let task = runtime.spawn(keep(Arc::downgrade(inner), keeping, ended));
        Some(Self(task.abort_handle()))
    }

    pub(super) fn stop(&self) {
        self.0.abort();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn keep(inner: Weak<Inner>, keeping: Keeping, ended: Arc<Notify>) {
    loop {
        let Some(pool) = swept(&inner, keeping) else {
            return;
        };
        if fill(&pool, &inner, keeping.least).await {
            drop(pool);
            // Until the next look, or until one ends.
            let _ = timeout(keeping.period(), ended.notified()).await;
        } else {
            drop(pool);
            sleep(REST).await;
        }
    }
}

/// The pool, after those were closed that are to be replaced, or have rested for too long. Nothing, when it is closed.
fn swept(inner: &Weak<Inner>, keeping: Keeping) -> Option<Pool<Manager>> {
    let inner = inner.upgrade()?;
    let (pool, now) = (inner.pool(), Instant::now());
    if pool.is_closed() {
        return None;
    }
    close(&inner, |connection| {
        !connection.is_clean() || connection.is_old(now)
    });
    if let Some(limit) = keeping.idle {
        let mut spare = pool.status().size.saturating_sub(keeping.least);
        close(&inner, |connection| {
            let closes = connection.rested(now) >= limit && spare > 0;
            spare -= usize::from(closes);
            closes
        });
    }
    Some(pool.clone())
}

/// Closes those of the connections that rest: those unused for longest come first.
fn close(inner: &Inner, mut which: impl FnMut(&Connection) -> bool) {
    let _removed = inner.pool().retain(|connection, _| !which(connection));
    if let Some(object) = inner.at_hand().take_if(|object| which(object)) {
        drop(Object::take(object));
    }
}

/// Opens what is missing, and says whether that could be done.
async fn fill(pool: &Pool<Manager>, inner: &Weak<Inner>, least: usize) -> bool {
    while pool.status().size < least {
        let Some(object) = one_more(pool).await else {
            return false;
        };
        if let (Some(took), Some(inner)) = (object.take_created(), inner.upgrade()) {
            inner.telemetry().connection_created(took);
        }
    }
    true
}

/// One more connection. The pool makes one only when it has none: those that rest are taken until it begins to, and put back
/// at once, in their order.
async fn one_more(pool: &Pool<Manager>) -> Option<Object<Manager>> {
    let at_once = Timeouts {
        wait: Some(Duration::ZERO),
        ..pool.timeouts()
    };
    let mut resting = Vec::new();
    loop {
        let mut getting = pin!(pool.timeout_get(&at_once));
        let begun = poll_fn(|context| Poll::Ready(getting.as_mut().poll(context))).await;
        match begun {
            Poll::Ready(Ok(object)) => resting.push(object),
            pending_or_not => {
                while let Some(object) = resting.pop() {
                    drop(object);
                }
                return match pending_or_not {
                    Poll::Pending => getting.await.ok(),
                    // All are in use.
                    Poll::Ready(_) => None,
                };
            }
        }
    }
}

impl Connection {
    /// For how long nothing was asked, as far as those know who look now and then.
    fn rested(&self, now: Instant) -> Duration {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = self.link.asked();
        if seen.0 != asked {
            *seen = (asked, now);
        }
        now.saturating_duration_since(seen.1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Keeping};

    #[test]
    fn it_looks_often_enough_and_not_all_the_time() {
        let period = |idle, lifetime| {
            let keeping = Keeping {
                least: 1,
                idle,
                lifetime,
            };
            keeping.period()
        };
        let seconds = Duration::from_secs;
        assert_eq!(period(None, None), seconds(60));
        assert_eq!(period(Some(seconds(600)), None), seconds(60));
        assert_eq!(period(Some(seconds(600)), Some(seconds(30))), seconds(3));
        assert_eq!(
            period(Some(Duration::ZERO), None),
            Duration::from_millis(10)
        );
    }
}
