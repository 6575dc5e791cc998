//! Encrypted connections, and whom they are made with: rustls, and the authorities the URL names or the system trusts.

use super::encryption::{Encryption, Mode, Roots, unreadable};
use crate::error::{Error, ErrorKind, Result};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) type Connector = MakeRustlsConnect;
pub(super) type Stream = <Connector as MakeTlsConnect<Socket>>::Stream;

/// # Errors
/// When a certificate or a key cannot be read.
pub(super) fn connector(said: &Encryption) -> Result<Connector> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::of(said, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable("TLS", error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let config = match (&said.certificate, &said.key) {
        (Some(certificate), Some(key)) => {
            let who = certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| unusable(&key.display(), error))?;
            config
                .with_client_auth_cert(who, key)
                .map_err(|error| unusable(&certificate.display(), error))?
        }
        (None, None) => config.with_no_client_auth(),
        _ => return Err(unreadable("sslcert and sslkey belong together")),
    };
    Ok(MakeRustlsConnect::new(config))
}

/// For one more connection.
pub(super) fn another(tls: &Connector) -> Connector {
    tls.clone()
}

/// Looks at the server's certificate as closely as the mode says. Without authorities it is taken whoever signed it, which is what
/// `prefer` and `require` mean.
#[derive(Debug)]
struct Verifier {
    authorities: Option<Arc<WebPkiServerVerifier>>,
    names: bool,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn of(said: &Encryption, provider: &Arc<CryptoProvider>) -> Result<Self> {
        let roots = match (&said.roots, said.mode) {
            (_, Mode::Disable | Mode::Prefer) | (None, Mode::Require) => None,
            (Some(Roots::File(path)), _) => Some(named(path)?),
            (Some(Roots::System) | None, _) => Some(systems()?),
        };
        let authorities = roots.map(|roots| {
            WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider)).build()
        });
        Ok(Self {
            authorities: authorities
                .transpose()
                .map_err(|error| unusable("the root certificates", error))?,
            names: said.mode == Mode::VerifyFull || said.roots == Some(Roots::System),
            provider: Arc::clone(provider),
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authorities) = &self.authorities else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified = authorities.verify_server_cert(certificate, between, name, ocsp, now);
        match verified {
            // The name is looked at last: everything else was well.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.names => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

/// The authorities in a file.
fn named(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| unusable(&path.display(), error))?;
    }
    Ok(roots)
}

/// Those the system trusts.
fn systems() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    match roots.is_empty() {
        true => Err(unusable(
            "the system's root certificates",
            "there are none; name a file with `sslrootcert`",
        )),
        false => Ok(roots),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if certificates.is_empty() => {
            Err(unusable(&path.display(), "it holds no certificate"))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unusable(&path.display(), error)),
    }
}

fn unusable(what: &(impl Display + ?Sized), why: impl Display) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("{what} cannot be used for encrypted connections: {why}"),
    )
}

pub(super) type Once = Curt<<Connector as MakeTlsConnect<TcpStream>>::TlsConnect>;

/// How a server by this name is spoken to once: without a farewell, which it would not read any more. A socket that is closed
/// with something unread in it ends with an error, which looks as if the server had not heard the request either.
pub(super) fn for_one_request(tls: &mut Connector, name: &str) -> Once {
    let Ok(connect) = MakeTlsConnect::<TcpStream>::make_tls_connect(tls, name);
    Curt(connect)
}

/// Something that does not say that it ends.
pub(super) struct Curt<T>(T);

impl<S, C> TlsConnect<S> for Curt<C>
where
    C: TlsConnect<S>,
    C::Future: Send + 'static,
{
    type Stream = Curt<C::Stream>;
    type Error = C::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, C::Error>> + Send>>;

    fn connect(self, socket: S) -> Self::Future {
        let connecting = self.0.connect(socket);
        Box::pin(async move { connecting.await.map(Curt) })
    }
}

impl<T: TlsStream + Unpin> TlsStream for Curt<T> {
    fn channel_binding(&self) -> ChannelBinding {
        self.0.channel_binding()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Curt<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Curt<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
