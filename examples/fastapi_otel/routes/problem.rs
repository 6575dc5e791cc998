//! Everything that goes wrong, told as RFC 9457 asks (`application/problem+json`), with the trace to look it up in.
//! What the database said stays in the log: SQL and stored values are nobody else's business.

use axum::{
    Json,
    extract::rejection::{JsonRejection, PathRejection, QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use opentelemetry::{Context, trace::TraceContextExt};
use ormcore::ErrorKind;
use serde::Serialize;

#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<Field>,
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
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

    /// What was sent can be read, but not taken: each field and what it has to be.
    pub(crate) fn invalid(errors: Vec<(&'static str, String)>) -> Self {
        let errors = errors
            .into_iter()
            .map(|(name, detail)| Field { name, detail })
            .collect();
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
        tracing::error!(%error, "a request failed");
        match error.kind() {
            ErrorKind::PoolTimeout
            | ErrorKind::Connect
            | ErrorKind::ConnectionLost
            | ErrorKind::OutcomeUnknown
            | ErrorKind::Timeout => {
                Self::unavailable("the database does not answer; try again later")
            }
            _ => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "something went wrong here; the trace tells what",
            ),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

// Of another status than axum's: to a client, a wrong parameter and a wrong field of a body are the same mistake.
impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        let status = match rejection.status() {
            StatusCode::BAD_REQUEST => StatusCode::UNPROCESSABLE_ENTITY,
            other => other,
        };
        Self::new(status, rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, rejection.body_text())
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
        (self.status, kind, Json(body)).into_response()
    }
}

fn current_trace() -> Option<String> {
    let context = Context::current();
    let span = context.span().span_context().clone();
    span.is_valid().then(|| span.trace_id().to_string())
}
