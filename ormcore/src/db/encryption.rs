//! What a connection URL says about encryption, in the words of PostgreSQL's own clients (its documentation, "SSL Support").

use crate::error::{Error, ErrorKind, Result};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::path::PathBuf;
use tokio_postgres::config::SslMode;

/// How much of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    Disable,
    /// If the server can.
    #[default]
    Prefer,
    Require,
    /// And its certificate is one of an authority we trust.
    VerifyCa,
    /// And for the host we want.
    VerifyFull,
}

/// Which authorities are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    System,
    File(PathBuf),
}

/// What the URL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Encryption {
    pub(super) mode: Mode,
    pub(super) roots: Option<Roots>,
    /// Who we are: a certificate.
    pub(super) certificate: Option<PathBuf>,
    /// And its key.
    pub(super) key: Option<PathBuf>,
}

impl Mode {
    fn read(word: &str) -> Result<Self> {
        match word {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            _ => Err(unreadable(
                "sslmode is one of disable, prefer, require, verify-ca and verify-full",
            )),
        }
    }

    /// As far as the driver has to know.
    pub(super) fn to_driver(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }
}

impl Encryption {
    /// What a URL says about it, and the URL without that: the driver knows only some of it. A `key=value` string is left to
    /// the driver as it is.
    pub(super) fn split(url: &str) -> Result<(Cow<'_, str>, Option<Self>)> {
        let is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
        // A question mark may stand in a password.
        let host = url.find('@').unwrap_or(0);
        let options = url.get(host..).and_then(|rest| rest.split_once('?'));
        let Some((_, options)) = options.filter(|_| is_url) else {
            return Ok((Cow::Borrowed(url), None));
        };
        let before = &url[..url.len() - options.len()];
        let (mut said, mut rest) = (Self::default(), Vec::new());
        let mut any = false;
        for option in options.split('&') {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            any |= matches!(name, "sslmode" | "sslrootcert" | "sslcert" | "sslkey");
            match name {
                "sslmode" => said.mode = Mode::read(&value)?,
                "sslrootcert" if value == "system" => said.roots = Some(Roots::System),
                "sslrootcert" => said.roots = Some(Roots::File(value.into_owned().into())),
                "sslcert" => said.certificate = Some(value.into_owned().into()),
                "sslkey" => said.key = Some(value.into_owned().into()),
                _ => rest.push(option),
            }
        }
        Ok((
            Cow::Owned(format!("{before}{}", rest.join("&"))),
            any.then_some(said),
        ))
    }

    /// What the driver has read about it.
    pub(super) fn of(driver: &tokio_postgres::Config) -> Self {
        let mode = match driver.get_ssl_mode() {
            SslMode::Disable => Mode::Disable,
            SslMode::Require => Mode::Require,
            _ => Mode::Prefer,
        };
        Self {
            mode,
            ..Self::default()
        }
    }
}

pub(super) fn unreadable(what: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("the connection URL cannot be read: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::{Encryption, Mode, Roots};

    fn split(url: &str) -> (String, Option<Encryption>) {
        let (rest, said) = Encryption::split(url).unwrap();
        (rest.into_owned(), said)
    }

    #[test]
    fn what_is_about_encryption_is_taken_out_of_the_url() {
        let (rest, said) = split(
            "postgres://u:p@host/db?application_name=blog&sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&connect_timeout=3",
        );
        assert_eq!(
            rest,
            "postgres://u:p@host/db?application_name=blog&connect_timeout=3"
        );
        let said = said.unwrap();
        assert_eq!(said.mode, Mode::VerifyFull);
        assert_eq!(said.roots, Some(Roots::File("/etc/ca.pem".into())));
    }

    #[test]
    fn a_url_that_says_nothing_about_it_stays_as_it_is() {
        for url in [
            "postgres://host/db",
            "postgres://host/db?application_name=blog",
            "postgresql://u:what?sslmode=no@host/db",
            "host=localhost sslmode=require",
        ] {
            assert_eq!(split(url), (url.to_owned(), None));
        }
    }

    #[test]
    fn a_word_that_is_none_is_answered_with_those_there_are() {
        let error = Encryption::split("postgres://host/db?sslmode=allow").unwrap_err();
        assert!(error.to_string().contains("verify-full"), "{error}");
    }
}
