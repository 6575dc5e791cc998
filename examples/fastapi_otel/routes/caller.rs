//! Who asks: the user whose token a request carries. A handler that takes a [`Caller`] needs one.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use opentelemetry::{
    Context, KeyValue, global,
    trace::{FutureExt, TraceContextExt, Tracer},
};
use opentelemetry_semantic_conventions::attribute::USER_ID;

use super::{Problem, Shared};
use crate::{
    accounts,
    entities::{Account, User},
};

/// What a request without a token is told, and one with a wrong one (RFC 6750, section 3).
pub(super) const CHALLENGE: &str = r#"Bearer realm="fastapi_otel""#;
const INVALID: &str = r#"Bearer realm="fastapi_otel", error="invalid_token""#;

pub(super) struct Caller(pub(super) User);

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let request = Context::current();
        let span = global::tracer("fastapi_otel").start("auth.validate_token");
        let token = bearer(&parts.headers);
        let found = account(token, shared).with_context(request.with_span(span));
        let account = found.await?;
        // The number alone: names and addresses are nobody else's business.
        let id = KeyValue::new(USER_ID, account.user_id.to_string());
        request.span().set_attribute(id);
        Ok(Self(account.user.get()?.clone()))
    }
}

async fn account(token: Option<&str>, shared: &Shared) -> Result<Account, Problem> {
    let token = token.ok_or_else(|| {
        Problem::unauthorized(CHALLENGE, "this needs a token; POST /login has one")
    })?;
    let id = shared.accounts.tokens.account(token).ok_or_else(gone)?;
    let account = accounts::of_token(&shared.db, id).await?;
    account.ok_or_else(gone)
}

/// Whatever the reason.
pub(super) fn gone() -> Problem {
    Problem::unauthorized(
        INVALID,
        "this token does not hold, or not any more; log in again",
    )
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
