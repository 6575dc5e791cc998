//! Tokens: who somebody is, for an hour, signed so that nobody can make one up. None is kept, so none can be taken back
//! before it ends; only the account can be deleted, which ends all of them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors::Result,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Secret, hs256};

pub(crate) const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// Who signs, and who is believed: a token made with the same secret for something else is not one of these.
pub(crate) const ISSUER: &str = "fastapi_otel";
/// Clocks of two instances differ by less.
const LEEWAY: u64 = 5;

pub(crate) struct Tokens {
    sign: EncodingKey,
    check: DecodingKey,
    rules: Validation,
}

/// A token to hand out, as RFC 6749 (5.1) wants it written. Has no `Debug`: whoever has it is somebody.
#[derive(Serialize)]
pub(crate) struct Token {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    /// An account's own id, and not a user's number: numbers start again when a database is made anew, and then an old
    /// token would be somebody else's.
    sub: Uuid,
    iat: u64,
    exp: u64,
}

impl Tokens {
    pub(crate) fn new(secret: &Secret) -> Self {
        hs256::install();
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "iss", "sub"]);
        rules.leeway = LEEWAY;
        Self {
            sign: secret.to_sign(),
            check: secret.to_check(),
            rules,
        }
    }

    /// For an account, from now on.
    pub(crate) fn issue(&self, account: Uuid) -> Result<Token> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        let expires_in = LIFETIME.as_secs();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: account,
            iat: now,
            exp: now + expires_in,
        };
        Ok(Token {
            access_token: encode(&Header::new(Algorithm::HS256), &claims, &self.sign)?,
            token_type: "Bearer",
            expires_in,
        })
    }

    /// The account a token is about. Why it is none of ours, or none any more, is nobody's business.
    pub(crate) fn account(&self, token: &str) -> Option<Uuid> {
        let token = decode::<Claims>(token, &self.check, &self.rules).ok()?;
        Some(token.claims.sub)
    }
}
