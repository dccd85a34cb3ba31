//! TLS 1.2 and 1.3, with a certificate and a key out of files that may be replaced while the server runs.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{InconsistentKeys, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::output::Failure;

/// How often the files are looked at.
pub(crate) const REREAD_EVERY: Duration = Duration::from_secs(10);

/// A certificate with those that vouch for it, and its private key: both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// What a server shows to those who connect.
#[derive(Clone)]
pub(crate) struct Tls {
    files: Files,
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
}

/// What is shown now, and the files' content that it was read from.
struct Shown(RwLock<(Contents, Arc<CertifiedKey>)>);

#[derive(PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    /// Reads the files, for whoever only wants to know whether they fit.
    ///
    /// # Errors
    /// As [`Tls::open`].
    pub(crate) fn certificate(&self) -> Result<CertificateDer<'static>, Failure> {
        let (_, certified) = self.read()?;
        let first = certified.cert.first().cloned();
        first.ok_or_else(|| self.no_certificate("it holds none"))
    }

    fn contents(&self) -> Result<Contents, Failure> {
        let read = |path: &Path| {
            fs::read(path).map_err(|error| {
                Failure::new(format!("{} can't be read: {error}", path.display())).advice(
                    "see that it is there and that this user may read it, or name another one in [tls]; \
                     docs/operating.md says how to make a certificate to try with",
                )
            })
        };
        Ok(Contents { certificate: read(&self.certificate)?, key: read(&self.key)? })
    }

    fn read(&self) -> Result<(Contents, CertifiedKey), Failure> {
        let contents = self.contents()?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&contents.certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| self.no_certificate(&error))?;
        if chain.is_empty() {
            return Err(self.no_certificate("it holds none"));
        }
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|error| self.no_key(&error))?;
        refuse_open_file(&self.key)?;
        let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => Failure::new(format!(
                "the certificate {} is not that of the key {}",
                self.certificate.display(),
                self.key.display()
            ))
            .advice(
                "name the pair that belongs together; the server's own certificate comes first in its file",
            ),
            rustls::Error::InvalidCertificate(error) => self.no_certificate(&error),
            error => self.no_key(&error),
        })?;
        Ok((contents, certified))
    }

    fn no_certificate(&self, error: &(impl fmt::Display + ?Sized)) -> Failure {
        Failure::new(format!("{} can't be used as a certificate: {error}", self.certificate.display()))
            .advice("a file in PEM (-----BEGIN CERTIFICATE-----): the server's own first, then those that vouch for it")
    }

    fn no_key(&self, error: &impl fmt::Display) -> Failure {
        Failure::new(format!("{} can't be used as a private key: {error}", self.key.display())).advice(
            "a file in PEM (-----BEGIN PRIVATE KEY-----) without a password: RSA, P-256, P-384, P-521 or Ed25519",
        )
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When one can't be read, holds something else, or they don't belong together.
    pub(crate) fn open(files: Files) -> Result<Self, Failure> {
        let (contents, certified) = files.read()?;
        let shown = Arc::new(Shown(RwLock::new((contents, Arc::new(certified)))));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as _);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { files, config: Arc::new(config), shown })
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Looks at the files again and again. Where new ones don't fit, the old ones stay in use.
    pub(crate) async fn follow(self, every: Duration) {
        let mut complained: Option<(String, bool)> = None;
        loop {
            tokio::time::sleep(every).await;
            match self.renew() {
                Ok(true) => {
                    complained = None;
                    tracing::info!(certificate = %self.files.certificate.display(), "a new certificate is in use");
                }
                Ok(false) => complained = None,
                // A pair is replaced one file at a time, so once may mean nothing.
                Err(failure) => {
                    let text = failure.to_string();
                    if complained.as_ref().is_some_and(|(before, said)| *before == text && !*said) {
                        tracing::error!(
                            error = text,
                            "the new certificate can't be used; the old one stays in use"
                        );
                        complained = Some((text, true));
                    } else if complained.as_ref().is_none_or(|(before, _)| *before != text) {
                        complained = Some((text, false));
                    }
                }
            }
        }
    }

    /// Takes new files over; whether there were any.
    fn renew(&self) -> Result<bool, Failure> {
        let contents = self.files.contents()?;
        if self.shown.0.read().unwrap_or_else(PoisonError::into_inner).0 == contents {
            return Ok(false);
        }
        let (contents, certified) = self.files.read()?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = (contents, Arc::new(certified));
        Ok(true)
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).1))
    }
}

/// Without the key.
impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// A group may read it, as that of the certificates' renewal often does; everybody may not.
#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path)?.permissions().mode() & 0o007 != 0 {
        return Err(Failure::new(format!("the private key {} can be read by everybody", path.display()))
            .advice(format!("chmod o= {}", path.display())));
    }
    Ok(())
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature on every system")]
fn refuse_open_file(_: &Path) -> Result<(), Failure> {
    Ok(())
}
