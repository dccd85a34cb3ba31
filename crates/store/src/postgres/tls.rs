//! TLS to the database, by rustls: its settings are made here, and none is process-wide.

use std::sync::Arc;

use authmint_server::storage::StorageError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::{Roots, Tls};

/// What makes the connections encrypted; nothing where there is no TLS.
pub(super) fn connector(tls: &Tls) -> Result<Option<MakeRustlsConnect>, StorageError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(StorageError::new)?;
    let config = match tls {
        Tls::None => return Ok(None),
        Tls::Name(from) => config.with_root_certificates(roots(from)?),
        Tls::Issuer(from) => {
            let roots = Arc::new(roots(from)?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone())
                .build()
                .map_err(StorageError::new)?;
            config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyName { issuer: Some(verifier), provider }))
        }
        Tls::Nothing => {
            tracing::warn!(
                "the database's certificate is not verified (sslmode=require): whoever is in between can read and change \
                 everything"
            );
            config.dangerous().with_custom_certificate_verifier(Arc::new(AnyName { issuer: None, provider }))
        }
    };
    Ok(Some(MakeRustlsConnect::new(config.with_no_client_auth())))
}

fn roots(from: &Roots) -> Result<RootCertStore, StorageError> {
    let mut store = RootCertStore::empty();
    match from {
        Roots::System => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Roots::File(path) => {
            let problem = |error: &dyn std::fmt::Display| {
                StorageError::new(format!("the certificates in {} can't be read: {error}", path.display()))
            };
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| problem(&error))? {
                let certificate = certificate.map_err(|error| problem(&error))?;
                store.add(certificate).map_err(|error| problem(&error))?;
            }
        }
    }
    if store.is_empty() {
        return Err(StorageError::new(
            "there are no certificates to verify the database with: name a file with sslrootcert",
        ));
    }
    Ok(store)
}

/// Whatever the name: a certificate of a trusted issuer (`sslmode=verify-ca`), or of anybody who holds its key
/// (`sslmode=require`).
#[derive(Debug)]
struct AnyName {
    issuer: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(issuer) = &self.issuer else { return Ok(ServerCertVerified::assertion()) };
        // The name is what is looked at last: everything else was right.
        match issuer.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
