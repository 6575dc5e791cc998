//! How long things may take.

use super::config::Config;
use super::terms::Limit;
use std::time::Duration;

impl Config {
    /// How long to wait for a free connection; 30 s unless set.
    #[must_use]
    pub fn wait_timeout(mut self, timeout: Duration) -> Self {
        self.wait_timeout = timeout;
        self
    }

    /// How long connecting may take, from the first packet until the server is ready; 10 s unless set.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self.address.driver.connect_timeout(timeout);
        self
    }

    /// How long the server may stay silent about a statement before its connection is closed; 60 s unless set.
    ///
    /// It is a last resort against servers that hang, kept by the client and exact to a tenth (at most one second); rows
    /// that keep coming may come for longer. The server is asked to cancel the statement, but whether a write was carried
    /// out is unknown: see [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown). To have a statement ended at
    /// the server there is [`Begin::statement_timeout`](crate::Begin::statement_timeout), which should be shorter.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.statement_timeout = timeout.into();
        self
    }

    /// How long a statement may wait for a lock before PostgreSQL ends it with
    /// [`ErrorKind::LockNotAvailable`](crate::ErrorKind::LockNotAvailable); exact to a millisecond, none with `None`,
    /// the server's default (none) unless set.
    ///
    /// It is sent when a connection is made, which poolers between here and the server may not take.
    /// [`Begin::lock_timeout`](crate::Begin::lock_timeout) is for one transaction.
    #[must_use]
    pub fn lock_timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        self.setting("lock_timeout", timeout.into())
    }

    /// How long a transaction may lie idle between two statements before PostgreSQL ends its session and undoes it;
    /// exact to a millisecond, none with `None`, the server's default (none) unless set.
    ///
    /// It is sent when a connection is made, which poolers between here and the server may not take.
    /// [`Begin::idle_timeout`](crate::Begin::idle_timeout) is for one transaction.
    #[must_use]
    pub fn idle_in_transaction_timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        self.setting("idle_in_transaction_session_timeout", timeout.into())
    }

    /// How old a connection may become; for ever unless set. One that is older is closed when it is given back, or when it
    /// would be taken, and never while it is in use.
    ///
    /// Up to a tenth is taken off at random, so that connections made together are not made anew together. It lets
    /// connections find their way to servers that were added or took over, and frees what sessions pile up.
    #[must_use]
    pub fn max_lifetime(mut self, lifetime: impl Into<Option<Duration>>) -> Self {
        self.max_lifetime = lifetime.into();
        self
    }

    /// Of what is said twice, PostgreSQL takes the last.
    fn setting(mut self, name: &str, limit: Option<Duration>) -> Self {
        let limit = Limit::new(limit).milliseconds();
        let before = self.address.driver.get_options().unwrap_or_default();
        let options = format!("{before} -c {name}={limit}");
        self.address.driver.options(options.trim_start());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Duration};

    #[test]
    fn what_the_url_sets_stays_set() {
        let options = |config: Config| config.address.driver.get_options().map(str::to_owned);
        let limit = Duration::from_millis(1500);
        let config = Config::new("postgres://host/db").unwrap();
        let config = config.lock_timeout(limit).lock_timeout(None);
        let expected = "-c lock_timeout=1500 -c lock_timeout=0";
        assert_eq!(options(config).as_deref(), Some(expected));
        let url = "postgres://host/db?options=-c%20work_mem%3D1MB";
        let config = Config::new(url).unwrap().idle_in_transaction_timeout(limit);
        let expected = "-c work_mem=1MB -c idle_in_transaction_session_timeout=1500";
        assert_eq!(options(config).as_deref(), Some(expected));
    }
}
