//! Who somebody is: passwords, and the tokens that stand for them once they were right.
//!
//! What happens over HTTP is in `routes/accounts.rs` and `routes/caller.rs`. Attempts are not limited here: that is for
//! whatever stands before the application and knows who asks.

mod address;
mod counted;
mod hs256;
mod passwords;
mod secret;
mod store;
mod tokens;

use std::error::Error;

pub(crate) use self::{
    address::Address,
    counted::{Attempt, Counted},
    passwords::{HashingError, Password, PasswordHash, Passwords},
    secret::Secret,
    store::{is_taken, of_address, of_token, register},
    tokens::{Token, Tokens},
};

/// Of the span that found out: whether somebody is who they say. Not by which name; the request's span has the number.
pub(crate) const AUTH_SUCCESS: &str = "auth.success";

/// What the routes about accounts share.
pub(crate) struct Accounts {
    pub(crate) passwords: Passwords,
    pub(crate) tokens: Tokens,
    pub(crate) counted: Counted,
}

impl Accounts {
    /// After the telemetry, whose meters this takes.
    pub(crate) fn new(secret: &Secret) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            passwords: Passwords::new()?,
            tokens: Tokens::new(secret),
            counted: Counted::new(),
        })
    }
}
