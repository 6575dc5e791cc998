//! Everything that goes wrong, told as RFC 9457 asks (`application/problem+json`), with the trace to look it up in.
//! What the database said stays in the log: SQL and stored values are nobody else's business.

use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use opentelemetry::{Context, trace::TraceContextExt};
use ormcore::ErrorKind;
use serde::Serialize;

use crate::accounts::HashingError;

#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<Field>,
    challenge: Option<&'static str>,
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Serialize)]
struct Field {
    name: Cow<'static, str>,
    detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            errors: Vec::new(),
            challenge: None,
        }
    }

    /// Nobody knows who asks; the challenge says how to tell (`WWW-Authenticate`, RFC 6750).
    pub(crate) fn unauthorized(challenge: &'static str, detail: impl Into<String>) -> Self {
        Self {
            challenge: Some(challenge),
            ..Self::new(StatusCode::UNAUTHORIZED, detail)
        }
    }

    /// It is known who asks, and it is somebody else's.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// A field that has to be like no other, and is not.
    pub(crate) fn conflict(name: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            errors: vec![Field {
                name: name.into(),
                detail: detail.clone(),
            }],
            ..Self::new(StatusCode::CONFLICT, detail)
        }
    }

    /// What is to be changed is not any more what was looked at before.
    pub(crate) fn stale() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "somebody else changed it meanwhile; look at it again, and then change it",
        )
    }

    pub(crate) fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this path does not answer to that method",
        )
    }

    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// A mistake of ours, about which the client is told nothing. Whoever makes one of these has logged it.
    pub(crate) fn failure() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong here; the trace tells what",
        )
    }

    /// What was sent cannot be taken: each field and what it has to be. What it is instead is not repeated.
    pub(crate) fn invalid<N: Into<Cow<'static, str>>>(errors: Vec<(N, String)>) -> Self {
        let field = |(name, detail): (N, String)| Field {
            name: name.into(),
            detail,
        };
        let errors = errors.into_iter().map(field).collect();
        Self {
            errors,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "some of what was sent cannot be taken",
            )
        }
    }
}

/// What handlers have not dealt with themselves.
impl From<ormcore::Error> for Problem {
    fn from(error: ormcore::Error) -> Self {
        if error.is_not_found() {
            return Self::not_found("there is no such thing, or not any more");
        }
        if error.kind() == ErrorKind::StaleVersion {
            return Self::stale();
        }
        tracing::error!(%error, "a request failed");
        match error.kind() {
            ErrorKind::PoolTimeout
            | ErrorKind::Connect
            | ErrorKind::ConnectionLost
            | ErrorKind::OutcomeUnknown
            | ErrorKind::CommitUnknown
            | ErrorKind::TransactionAborted
            | ErrorKind::Timeout => {
                Self::unavailable("the database does not answer; try again later")
            }
            _ => Self::failure(),
        }
    }
}

impl From<HashingError> for Problem {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Busy => Self::unavailable("too many log in at once; try again later"),
            HashingError::Failed(_) => {
                tracing::error!(%error, "a request failed");
                Self::failure()
            }
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Field],
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            // The status says all there is to say about the type.
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            trace_id: current_trace(),
        };
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, kind, Json(body)).into_response();
        if let Some(challenge) = self.challenge {
            let challenge = HeaderValue::from_static(challenge);
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

fn current_trace() -> Option<String> {
    let context = Context::current();
    let span = context.span().span_context().clone();
    span.is_valid().then(|| span.trace_id().to_string())
}
