//! Encrypted connections, in the modes of `psql` (<https://www.postgresql.org/docs/current/libpq-ssl.html>).

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as Fault, RootCertStore, SignatureScheme,
};

use super::surroundings::Surroundings;
use crate::error::{Error, Result};

/// Whether a connection is encrypted, and whether the server has to prove who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// Never encrypted.
    Disable,
    /// Encrypted where the server can do it. Who the server is, is not proven.
    #[default]
    Prefer,
    /// Encrypted. Who the server is, is proven only where a file of authorities is there.
    Require,
    /// Encrypted, and the server's certificate is signed by an authority that is trusted.
    VerifyAuthority,
    /// The same, and the certificate is one for the name that was asked for.
    VerifyName,
}

impl FromStr for TlsMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "disable" => Ok(Self::Disable),
            // Both leave it to the server, and one that offers TLS is taken at its word.
            "allow" | "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyAuthority),
            "verify-full" => Ok(Self::VerifyName),
            _ => Err(Error::bad_input(format!("sslmode is {text}"))
                .with_hint("There are disable, allow, prefer, require, verify-ca and verify-full.")),
        }
    }
}

/// How a connection is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tls {
    pub(super) mode: TlsMode,
    /// The file of the authorities that are trusted; those of the system where there is none.
    authorities: Option<PathBuf>,
    /// The files of one's own certificate and its key.
    own: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    pub(super) fn of(
        mode: Option<&str>,
        authorities: Option<&str>,
        certificate: Option<&str>,
        key: Option<&str>,
        around: &Surroundings<'_>,
    ) -> Result<Self> {
        let mode = mode.map_or(Ok(TlsMode::default()), str::parse)?;
        let usual = |name: &str| around.home.as_ref().map(|home| home.join(".postgresql").join(name));
        let there = |path: &PathBuf| path.is_file();
        let authorities = match authorities {
            Some("system") => None,
            Some(path) => Some(PathBuf::from(path)),
            None => usual("root.crt").filter(there),
        };
        let certificate = certificate.map(PathBuf::from).or_else(|| usual("postgresql.crt").filter(there));
        let key = key.map(PathBuf::from).or_else(|| usual("postgresql.key").filter(there));
        Ok(Self { mode, authorities, own: certificate.zip(key) })
    }

    /// What makes encrypted connections of plain ones.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let config = config.map_err(|error| failed("TLS cannot be had", error))?;
        // As `psql` does it: a file of authorities turns a demand for encryption into one for a proof, too.
        let proven = match (self.mode, &self.authorities) {
            (TlsMode::Disable | TlsMode::Prefer, _) | (TlsMode::Require, None) => Proof::None,
            (TlsMode::Require, Some(_)) | (TlsMode::VerifyAuthority, _) => Proof::Authority,
            (TlsMode::VerifyName, _) => Proof::Name,
        };
        let of_authority = match proven {
            Proof::None => None,
            Proof::Authority | Proof::Name => {
                let made = WebPkiServerVerifier::builder_with_provider(self.roots()?.into(), Arc::clone(&provider));
                Some(made.build().map_err(|error| failed("the authorities for TLS", error))?)
            }
        };
        let verifier = Arc::new(Verifier { proven, of_authority, provider });
        let config = config.dangerous().with_custom_certificate_verifier(verifier);
        let config = match &self.own {
            Some((certificate, key)) => {
                let (chain, key) = (certificates(certificate)?, private_key(key)?);
                config.with_client_auth_cert(chain, key).map_err(|error| failed(certificate.display(), error))?
            }
            None => config.with_no_client_auth(),
        };
        Ok(MakeRustlsConnect::new(config))
    }

    fn roots(&self) -> Result<RootCertStore> {
        let mut store = RootCertStore::empty();
        match &self.authorities {
            Some(file) => {
                for certificate in certificates(file)? {
                    store.add(certificate).map_err(|error| failed(file.display(), error))?;
                }
            }
            None => drop(store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        }
        if store.is_empty() {
            return Err(Error::bad_input("no authority is known that could vouch for the server")
                .with_hint("Name its certificate with sslrootcert, or put it into ~/.postgresql/root.crt."));
        }
        Ok(store)
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    read.map_err(|error| failed(file.display(), error))
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(file).map_err(|error| failed(file.display(), error))
}

fn failed(what: impl std::fmt::Display, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::bad_input(format!("{what}: {error}")).with_source(error)
}

/// What a server has to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    None,
    Authority,
    Name,
}

/// Holds a server's certificate against as much as the mode asks for.
#[derive(Debug)]
struct Verifier {
    proven: Proof,
    of_authority: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Fault> {
        let Some(verifier) = &self.of_authority else { return Ok(ServerCertVerified::assertion()) };
        match verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is looked at last: all else is proven by then.
            Err(Fault::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.proven == Proof::Authority => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Fault> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Fault> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
