//! Keys: data, and what was made ready of it.

use std::sync::{OnceLock, PoisonError, RwLock};

use authmint_jose::{
    Algorithm, Curve, EncryptionKey, Error, Jwk, KeyManagement, KeyType, KeyUse, OkpCurve, PrivateForm,
    PublicForm, RsaSize,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors::{OrRaise as _, named};
use crate::json;

/// A key of any kind. It does not change; what a use needs is made ready once.
#[pyclass(frozen, module = "authmint._core")]
pub(crate) struct Key {
    jwk: Jwk,
    /// Whether a secret may be shorter than the hash that it is for.
    takes_short_secret: bool,
    /// Ready for signatures, one for each algorithm; without a name.
    signature: Ready<Algorithm, authmint_jose::Key>,
    encryption: Ready<KeyManagement, EncryptionKey>,
    verification: OnceLock<Vec<Verifier>>,
}

/// Ready to verify, under no name.
pub(crate) struct Verifier {
    /// The one algorithm that a secret is ready for; other keys know theirs.
    pub(crate) only: Option<Algorithm>,
    pub(crate) keys: Result<authmint_jose::KeySet, Error>,
}

/// What was made ready for an algorithm, or why it can't be. There are no more of them than algorithms.
struct Ready<A, K>(RwLock<Vec<(A, Result<K, Error>)>>);

impl<A: Copy + PartialEq, K: Clone> Ready<A, K> {
    fn get(&self, algorithm: A, make: impl FnOnce() -> Result<K, Error>) -> Result<K, Error> {
        let ready = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, key)) = ready.iter().find(|(known, _)| *known == algorithm) {
            return key.clone();
        }
        drop(ready);
        let made = make();
        let mut ready = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if ready.iter().all(|(known, _)| *known != algorithm) {
            ready.push((algorithm, made.clone()));
        }
        made
    }
}

impl From<Jwk> for Key {
    fn from(jwk: Jwk) -> Self {
        Self {
            jwk,
            takes_short_secret: false,
            signature: Ready(RwLock::default()),
            encryption: Ready(RwLock::default()),
            verification: OnceLock::new(),
        }
    }
}

impl Key {
    pub(crate) fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The data for one algorithm, under no name.
    fn for_algorithm(&self, name: &str) -> Result<Jwk, Error> {
        let narrowed = match self.jwk.alg() {
            Some(alg) if alg != name => return Err(Error::KeyMismatch),
            _ => self.jwk.clone().with_alg(name)?,
        };
        Ok(narrowed.without_kid())
    }

    /// Ready for signatures with an algorithm. It has no name: whatever a token calls its key, this one was chosen for it.
    pub(crate) fn for_signatures(&self, algorithm: Algorithm) -> Result<authmint_jose::Key, Error> {
        self.signature.get(algorithm, || self.make(&self.for_algorithm(algorithm.name())?))
    }

    /// Every use for signatures that it has, under its name; a secret without `alg` is for each hash that it is long enough for.
    pub(crate) fn all_for_signatures(&self) -> Vec<authmint_jose::Key> {
        if !self.jwk.is_secret() {
            return self.make(&self.jwk).into_iter().collect();
        }
        secret_algorithms(&self.jwk)
            .filter_map(|algorithm| self.make(&self.jwk.clone().with_alg(algorithm.name()).ok()?).ok())
            .collect()
    }

    fn make(&self, jwk: &Jwk) -> Result<authmint_jose::Key, Error> {
        if self.takes_short_secret {
            authmint_jose::Key::dangerously_for_short_secret(jwk)
        } else {
            authmint_jose::Key::new(jwk)
        }
    }

    /// Ready to verify. It has no name here either.
    pub(crate) fn for_verification(&self) -> &[Verifier] {
        self.verification.get_or_init(|| {
            let ready = |jwk: Result<Jwk, Error>| jwk.and_then(|jwk| self.make(&jwk)).map(Into::into);
            if !self.jwk.is_secret() {
                return vec![Verifier { only: None, keys: ready(Ok(self.jwk.clone().without_kid())) }];
            }
            secret_algorithms(&self.jwk)
                .map(|algorithm| Verifier {
                    only: Some(algorithm),
                    keys: ready(self.for_algorithm(algorithm.name())),
                })
                .collect()
        })
    }

    /// Why it verifies nothing, where it is too weak.
    pub(crate) fn weakness(&self) -> Option<Error> {
        let mut problems = self.for_verification().iter().filter_map(|verifier| verifier.keys.as_ref().err());
        problems.find(|problem| matches!(problem, Error::WeakKey(_))).cloned()
    }

    /// Ready for encryption with an algorithm, without a name.
    pub(crate) fn for_encryption(&self, algorithm: KeyManagement) -> Result<EncryptionKey, Error> {
        self.encryption.get(algorithm, || match algorithm {
            // Whoever names it in a list of algorithms has asked for it.
            KeyManagement::Rsa1_5 => {
                EncryptionKey::dangerously_for_rsa1_5(&self.for_algorithm(algorithm.name())?)
            }
            // A secret may be for a content encryption alone (RFC 7517 4.4).
            KeyManagement::Dir if self.jwk.alg().is_some_and(|alg| alg != algorithm.name()) => {
                EncryptionKey::new(&self.jwk.clone().without_kid())
            }
            _ => EncryptionKey::new(&self.for_algorithm(algorithm.name())?),
        })
    }
}

#[pymethods]
impl Key {
    /// Reads a JWK: JSON text, or a dict.
    #[staticmethod]
    fn from_jwk(jwk: &Bound<'_, PyAny>) -> PyResult<Self> {
        let json = match jwk.cast::<PyDict>() {
            Ok(members) => json::text(members)?,
            Err(_) => json::str_or_bytes(jwk, "a JWK")?.to_owned(),
        };
        Ok(Jwk::from_json(&json).or_raise(jwk.py())?.into())
    }

    /// Reads a PEM block, encrypted or not.
    #[staticmethod]
    #[pyo3(signature = (pem, password = None))]
    fn from_pem(py: Python<'_>, pem: &str, password: Option<&[u8]>) -> PyResult<Self> {
        let jwk = py.detach(|| match password {
            Some(password) => Jwk::from_encrypted_pem(pem, password),
            None => Jwk::from_pem(pem),
        });
        Ok(jwk.or_raise(py)?.into())
    }

    /// Reads DER, encrypted or not.
    #[staticmethod]
    #[pyo3(signature = (der, password = None))]
    fn from_der(py: Python<'_>, der: &[u8], password: Option<&[u8]>) -> PyResult<Self> {
        let jwk = py.detach(|| match password {
            Some(password) => Jwk::from_encrypted_der(der, password),
            None => Jwk::from_der(der),
        });
        Ok(jwk.or_raise(py)?.into())
    }

    /// Reads a line of OpenSSH.
    #[staticmethod]
    fn from_openssh(py: Python<'_>, line: &str) -> PyResult<Self> {
        Ok(Jwk::from_openssh(line).or_raise(py)?.into())
    }

    /// Takes a secret. Key files are none.
    #[staticmethod]
    fn from_secret(py: Python<'_>, secret: &[u8]) -> PyResult<Self> {
        Ok(Jwk::from_secret(secret).or_raise(py)?.into())
    }

    /// The same secret, which may be shorter than the hash.
    fn taking_short_secret(&self) -> Self {
        Self { takes_short_secret: true, ..self.jwk.clone().into() }
    }

    /// Makes a new key: of a curve, or of so many bits.
    #[staticmethod]
    #[pyo3(signature = (kty, crv = None, bits = None))]
    fn generate(py: Python<'_>, kty: &str, crv: Option<&str>, bits: Option<usize>) -> PyResult<Self> {
        let unknown = |what: &str| named(py, "InvalidKeyError", None, what);
        let jwk = match (kty, crv, bits) {
            ("oct", None, Some(bits)) if bits % 8 == 0 && (8..=8192).contains(&bits) => {
                Jwk::generate_secret(bits.div_euclid(8))
            }
            ("oct", ..) => return Err(unknown("a secret has a whole number of bytes, up to 1,024")),
            ("RSA", None, Some(bits)) => {
                let size = match bits {
                    2048 => RsaSize::Bits2048,
                    3072 => RsaSize::Bits3072,
                    4096 => RsaSize::Bits4096,
                    _ => return Err(unknown("an RSA key has 2048, 3072 or 4096 bits")),
                };
                py.detach(|| Jwk::generate_rsa(size))
            }
            ("EC", Some(crv), None) => {
                let curve = curves().find(|curve| curve.name() == crv);
                Jwk::generate(KeyType::Ec(
                    curve.ok_or_else(|| unknown("Invalid crv value: no such curve of EC"))?,
                ))
            }
            ("OKP", Some(crv), None) => {
                let curve = OkpCurve::ALL.iter().copied().find(|curve| curve.name() == crv);
                Jwk::generate(KeyType::Okp(
                    curve.ok_or_else(|| unknown("Invalid crv value: no such curve of OKP"))?,
                ))
            }
            _ => return Err(unknown("kty is oct, RSA, EC or OKP")),
        };
        Ok(jwk.or_raise(py)?.into())
    }

    /// What it is made of: `oct`, `RSA`, `EC`, `OKP`, `AKP`.
    #[getter]
    fn kty(&self) -> &'static str {
        match self.jwk.key_type() {
            KeyType::Secret => "oct",
            KeyType::Rsa => "RSA",
            KeyType::Ec(_) => "EC",
            KeyType::Okp(_) => "OKP",
            _ => "AKP",
        }
    }

    /// Its curve.
    #[getter]
    fn crv(&self) -> Option<&'static str> {
        match self.jwk.key_type() {
            KeyType::Ec(curve) => Some(curve.name()),
            KeyType::Okp(curve) => Some(curve.name()),
            _ => None,
        }
    }

    #[getter]
    fn kid(&self) -> Option<&str> {
        self.jwk.kid()
    }

    #[getter]
    fn alg(&self) -> Option<&str> {
        self.jwk.alg()
    }

    /// `sig`, `enc`, or nothing.
    #[getter]
    fn key_use(&self) -> Option<&'static str> {
        self.jwk.key_use().map(KeyUse::name)
    }

    /// Whether it holds a private half, or is a secret.
    #[getter]
    fn is_private(&self) -> bool {
        self.jwk.is_private()
    }

    /// Its public half.
    fn public(&self, py: Python<'_>) -> PyResult<Self> {
        Ok(self.jwk.public().or_raise(py)?.into())
    }

    /// Its members, with the private ones where they are asked for.
    fn to_dict<'py>(&self, py: Python<'py>, private: bool) -> PyResult<Bound<'py, PyDict>> {
        if private {
            json::read_object(py, "the key", self.jwk.export_private_json().or_raise(py)?.expose())
        } else {
            json::read_object(py, "the key", &self.jwk.to_public_json().or_raise(py)?)
        }
    }

    /// PEM: PKCS#8, encrypted where there is a password, or SPKI.
    #[pyo3(signature = (private, password = None))]
    fn to_pem<'py>(
        &self,
        py: Python<'py>,
        private: bool,
        password: Option<&[u8]>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let pem = match (private, password) {
            (true, Some(password)) => py.detach(|| self.jwk.export_encrypted_pem(password)).or_raise(py)?,
            (true, None) => {
                return Ok(PyBytes::new(py, self.jwk.export_private_pem().or_raise(py)?.expose().as_bytes()));
            }
            (false, _) => self.jwk.to_public_pem().or_raise(py)?,
        };
        Ok(PyBytes::new(py, pem.as_bytes()))
    }

    /// DER: PKCS#8, or SPKI.
    fn to_der<'py>(&self, py: Python<'py>, private: bool) -> PyResult<Bound<'py, PyBytes>> {
        if private {
            let der = self.jwk.export_private_der(PrivateForm::Pkcs8).or_raise(py)?;
            return Ok(PyBytes::new(py, &der));
        }
        Ok(PyBytes::new(py, &self.jwk.to_public_der(PublicForm::Spki).or_raise(py)?))
    }

    /// A line of OpenSSH.
    fn to_openssh(&self, py: Python<'_>, comment: &str) -> PyResult<String> {
        self.jwk.to_openssh(comment).or_raise(py)
    }

    /// The thumbprint (RFC 7638), SHA-256, base64url.
    fn thumbprint(&self) -> String {
        self.jwk.thumbprint()
    }

    /// The thumbprint as a URI (RFC 9278).
    fn thumbprint_uri(&self) -> String {
        self.jwk.thumbprint_uri()
    }

    fn __repr__(&self) -> String {
        let kid = self.jwk.kid().map(|kid| format!(" kid={kid:?}")).unwrap_or_default();
        format!("<Key {}{kid}>", self.kty())
    }
}

/// The algorithms that a secret may be for: the one it names, or any.
pub(crate) fn secret_algorithms(secret: &Jwk) -> impl Iterator<Item = Algorithm> {
    let named = secret.alg().map(str::to_owned);
    Algorithm::ALL.iter().copied().filter(move |algorithm| {
        algorithm.is_symmetric() && named.as_deref().is_none_or(|named| named == algorithm.name())
    })
}

fn curves() -> impl Iterator<Item = Curve> {
    Curve::ALL.iter().copied()
}
