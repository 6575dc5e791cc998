//! What befalls a listener's connection: it is told in logs and counted, and has no span, like any connection.

use super::Telemetry;
use crate::error::Error;

impl Telemetry {
    /// It ended, for this reason. What is notified from now on is lost, until there is another.
    pub(crate) fn listener_lost(&self, why: &str) {
        tracing::warn!(
            name: "ormcore.listener_lost",
            target: "ormcore",
            pool = &*self.server.pool, why,
            "the connection of a listener ended"
        );
    }

    /// No other could be made, so far.
    pub(crate) fn listener_refused(&self, error: &Error) {
        tracing::warn!(
            name: "ormcore.listener_refused",
            target: "ormcore",
            pool = &*self.server.pool, %error,
            "a listener cannot connect again yet"
        );
    }

    /// There is another.
    pub(crate) fn listener_reconnected(&self) {
        self.metrics.listener_reconnected();
        tracing::info!(
            name: "ormcore.listener_reconnected",
            target: "ormcore",
            pool = &*self.server.pool,
            "a listener has connected again"
        );
    }
}
