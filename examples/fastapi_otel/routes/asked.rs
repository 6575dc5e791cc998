//! What clients may say, and extractors that answer with a problem when they say it wrong.

use axum::{
    Form, Json,
    extract::{FromRequest, FromRequestParts, Request},
    http::{header::CONTENT_TYPE, request::Parts},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::Problem;

/// Another extractor, whose refusal is a problem like any other.
pub(super) struct Asked<E>(pub(super) E);

impl<S, E> FromRequestParts<S> for Asked<E>
where
    S: Send + Sync,
    E: FromRequestParts<S>,
    Problem: From<E::Rejection>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self(E::from_request_parts(parts, state).await?))
    }
}

impl<S, E> FromRequest<S> for Asked<E>
where
    S: Send + Sync,
    E: FromRequest<S>,
    Problem: From<E::Rejection>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Ok(Self(E::from_request(request, state).await?))
    }
}

/// A body of either kind: JSON, as programs send it, or a form, as OAuth 2 does.
pub(super) struct FormOrJson<T>(pub(super) T);

impl<S, T> FromRequest<S> for FormOrJson<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => {
                let Form(body) = Form::from_request(request, state).await?;
                Ok(Self(body))
            }
            "application/json" => {
                let Json(body) = Json::from_request(request, state).await?;
                Ok(Self(body))
            }
            _ => Err(Problem::unsupported_media_type(
                "the content type has to be application/json or application/x-www-form-urlencoded",
            )),
        }
    }
}

const MOST: u32 = 1_000;

/// Which part of a list, and how its relations are loaded.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    #[serde(default = "usual_limit")]
    limit: u32,
    #[serde(default)]
    pub(super) offset: u32,
    #[serde(default)]
    pub(super) eager: Eager,
}

fn usual_limit() -> u32 {
    100
}

impl Page {
    pub(super) fn limit(&self) -> Result<u32, Problem> {
        match self.limit {
            limit @ 1..=MOST => Ok(limit),
            _ => Err(Problem::invalid(vec![(
                "limit",
                format!("must be from 1 to {MOST}"),
            )])),
        }
    }
}

/// `?eager=`: what this application is here to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Eager {
    /// Each row asks for what belongs to it: N rows, N statements more.
    #[default]
    #[serde(rename = "false")]
    Lazy,
    /// One statement more, for all rows.
    #[serde(rename = "true")]
    SelectIn,
    /// No statement more.
    #[serde(rename = "joined")]
    Joined,
}

/// Whether there is something to read in it, not too much, and nothing PostgreSQL cannot store.
pub(super) fn is_writing(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest && !text.contains('\0')
}
