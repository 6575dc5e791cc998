//! Who asks: the user whose token a request carries. A handler that takes a [`Caller`] needs one, and goes on in its session.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use opentelemetry::{
    Context, KeyValue, global,
    trace::{FutureExt, TraceContextExt, Tracer},
};
use opentelemetry_semantic_conventions::attribute::USER_ID;
use ormcore::{Ref, Session};

use super::{Problem, Shared};
use crate::{
    accounts::{self, AUTH_SUCCESS},
    entities::User,
};

/// What a request without a token is told, and one with a wrong one (RFC 6750, section 3).
pub(super) const CHALLENGE: &str = r#"Bearer realm="fastapi_otel""#;
const INVALID: &str = r#"Bearer realm="fastapi_otel", error="invalid_token""#;

/// The session of the request, which knows the user already.
pub(super) struct Caller(pub(super) Session, pub(super) Ref<User>);

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let request = Context::current();
        let span = global::tracer("fastapi_otel").start("auth.validate_token");
        let token = bearer(&parts.headers);
        let mut s = shared.db.session();
        let found = user(&mut s, token, shared).with_context(request.with_span(span));
        let user = found.await?;
        // The number alone: names and addresses are nobody else's business.
        let id = KeyValue::new(USER_ID, s[user].id.to_string());
        request.span().set_attribute(id);
        Ok(Self(s, user))
    }
}

async fn user(s: &mut Session, token: Option<&str>, shared: &Shared) -> Result<Ref<User>, Problem> {
    let user = match token.and_then(|token| shared.accounts.tokens.account(token)) {
        Some(account) => accounts::of_token(s, account).await?,
        None => None,
    };
    let success = KeyValue::new(AUTH_SUCCESS, user.is_some());
    Context::current().span().set_attribute(success);
    user.ok_or_else(|| match token {
        Some(_) => gone(),
        None => Problem::unauthorized(CHALLENGE, "this needs a token; POST /login has one"),
    })
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
