//! TLS, by `rustls`.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Error, Result};

/// What takes connections over TLS, with the certificates and the key in these files.
pub(super) fn acceptor(certificates: &Path, key: &Path) -> Result<TlsAcceptor> {
    let unread = |path: &Path, error: &pem::Error| {
        Error::bad_input(format!("{}: {error}", path.display()))
            .with_hint("Certificates and keys are files in PEM, such as `openssl req -x509` makes.")
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect)
        .map_err(|error| unread(certificates, &error))?;
    if chain.is_empty() {
        return Err(unread(certificates, &pem::Error::NoItemsFound));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unread(key, &error))?;
    let refused = |error: tokio_rustls::rustls::Error| {
        Error::bad_input(format!("these certificates and this key cannot be used: {error}"))
    };
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(refused)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(refused)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
