//! Without the feature `tls`: nothing is encrypted, and a URL that asks for it is refused.

use super::encryption::Encryption;
use crate::error::{Error, ErrorKind, Result};
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::NoTlsStream;

pub(super) type Connector = NoTls;
pub(super) type Stream = NoTlsStream;

/// # Errors
/// When encryption is required.
pub(super) fn connector(said: &Encryption) -> Result<Connector> {
    if said.mode.to_driver() == SslMode::Require {
        return Err(Error::new(
            ErrorKind::Config,
            "the URL's sslmode asks for an encrypted connection: build ormcore with its feature `tls`",
        ));
    }
    Ok(NoTls)
}

/// For one more connection.
pub(super) fn another(tls: &Connector) -> Connector {
    *tls
}

/// How a server by this name is spoken to once.
pub(super) fn for_one_request(_: &mut Connector, _: &str) -> NoTls {
    NoTls
}
