//! How long things may take.

use super::config::Config;
use super::retry::Pauses;
use super::terms::Limit;
use std::time::Duration;

impl Config {
    /// How long to wait for a free connection; 30 s unless set. When none can be made, no further attempt begins after this
    /// time.
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

    /// How often connecting is tried again when nobody was there: the connection was refused or reset, or the server says
    /// that it starts or stops (SQLSTATE 57P03); twice unless set. Nothing was sent then that could have been carried out.
    /// Other refusals, such as of a password, are told at once.
    ///
    /// Each attempt has its [`connect_timeout`](Self::connect_timeout). No attempt begins later than
    /// [`wait_timeout`](Self::wait_timeout) after the first.
    #[must_use]
    pub fn connect_retries(mut self, times: u32) -> Self {
        self.connect_retries = times;
        self
    }

    /// The longest pause before connecting is tried again the first time, and the longest of all; 100 ms and 5 s unless set.
    /// It doubles from one to the other, and each pause is a part of it chosen at random.
    #[must_use]
    pub fn connect_back_off(mut self, first: Duration, longest: Duration) -> Self {
        self.pauses = Pauses::new(first, longest);
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

    /// How long a connection may rest before it is closed; 600 s unless set, for ever with `None`. Of those that
    /// [`min_connections`](Self::min_connections) keeps none is closed for that. It is looked at ten times in this time, or
    /// once a minute, and so it may be a tenth or a minute longer.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.idle_timeout = timeout.into();
        self
    }

    /// How old a connection may become; for ever unless set. One that is older is closed when it is given back, when it would
    /// be taken, or while it rests, and never while it is in use.
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
