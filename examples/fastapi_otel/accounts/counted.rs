//! How many sign up, and what becomes of the attempts to log in: numbers without anybody's name.

use opentelemetry::{KeyValue, global, metrics::Counter};

/// What became of one attempt. That it was the address that is unknown is for the operator; clients are not told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Attempt {
    Success,
    UserNotFound,
    InvalidPassword,
    InvalidRequest,
}

pub(crate) struct Counted {
    attempts: Counter<u64>,
    registered: Counter<u64>,
}

impl Counted {
    pub(crate) fn new() -> Self {
        let meter = global::meter("fastapi_otel");
        Self {
            attempts: meter
                .u64_counter("auth.login.attempts")
                .with_unit("{attempt}")
                .with_description("Attempts to log in, by what became of them")
                .build(),
            registered: meter
                .u64_counter("users.registered")
                .with_unit("{user}")
                .with_description("Accounts that were made")
                .build(),
        }
    }

    pub(crate) fn attempt(&self, attempt: Attempt) {
        let status = match attempt {
            Attempt::Success => "success",
            Attempt::UserNotFound => "user_not_found",
            Attempt::InvalidPassword => "invalid_password",
            Attempt::InvalidRequest => "invalid_request",
        };
        self.attempts.add(1, &[KeyValue::new("status", status)]);
    }

    pub(crate) fn registered(&self) {
        self.registered.add(1, &[]);
    }
}
