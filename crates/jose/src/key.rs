//! A key: parsed and checked once, ready to use, and aware of what it may be used for.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::base64url;
use crate::crypto::{self, Backend, MacKey, SigningKey, VerifyingKey};
use crate::error::Error;
use crate::jwk::{Jwk, KeyUse, Material};
use crate::jws::VerifiedHeaders;
use crate::secret::Secret;

/// How many encoded headers a key remembers: one for each `typ` it signs.
const CACHED_HEADERS: usize = 8;

/// A key for signing or verifying. Cheap to clone; `Debug` shows nothing secret.
///
/// A key knows its algorithm. A public key can't be made into a secret of HMAC, and what `use`, `key_ops` and `alg` of a
/// JWK rule out, it does not do.
///
/// ```
/// use authmint_jose::{Algorithm, Key};
///
/// let key = Key::generate(Algorithm::ES256)?.with_kid("2026-11");
/// let jwk = key.public_jwk()?;
/// let public = Key::from_jwk(&jwk)?;
/// assert_eq!(public.kid(), Some("2026-11"));
/// assert!(!public.can_sign());
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone)]
pub struct Key {
    inner: Arc<Inner>,
    kid: Option<Arc<str>>,
    algorithms: AlgorithmSet,
    headers: Arc<RwLock<Vec<CachedHeader>>>,
    verified: Arc<VerifiedHeaders>,
}

struct Inner {
    material: Material,
    signing: Option<Box<dyn SigningKey>>,
    verifying: Option<Box<dyn VerifyingKey>>,
    may_sign: bool,
    may_verify: bool,
    /// `key_ops`, as they were said.
    operations: Option<Vec<String>>,
}

struct CachedHeader {
    algorithm: Algorithm,
    typ: Option<Box<str>>,
    encoded: Arc<str>,
}

impl Key {
    /// Makes a key of data.
    ///
    /// A secret without `alg` is for the longest hash that it is long enough for.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] when `use`, `key_ops` or `alg` say that it is not for signatures, [`Error::WeakKey`] when it is
    /// too weak, [`Error::InvalidKey`] when its numbers are no key, [`Error::Unsupported`] when the backend does not know it.
    pub fn new(jwk: &Jwk) -> Result<Self, Error> {
        Self::with_backend(jwk, crypto::backend())
    }

    /// Makes a key of data for a backend of the caller's.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_backend(jwk: &Jwk, backend: &dyn Backend) -> Result<Self, Error> {
        Self::make(jwk, backend, Algorithm::min_secret_len)
    }

    /// Makes a key of a secret that may be shorter than the hash, which RFC 7518 3.2 forbids: whoever sees one token may try
    /// secrets until one fits. For those that somebody else has chosen, until they are changed.
    ///
    /// # Errors
    /// As [`new`](Self::new), but for the length.
    ///
    /// ```
    /// use authmint_jose::{Error, Jwk, Key};
    ///
    /// let jwk = Jwk::from_secret(b"short")?.with_alg("HS256")?;
    /// assert!(matches!(Key::new(&jwk), Err(Error::WeakKey(_))));
    /// assert!(Key::dangerously_for_short_secret(&jwk).is_ok());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn dangerously_for_short_secret(jwk: &Jwk) -> Result<Self, Error> {
        Self::make(jwk, crypto::backend(), |_| 0)
    }

    /// `shortest` says how many bytes a secret has at least.
    fn make(jwk: &Jwk, backend: &dyn Backend, shortest: fn(Algorithm) -> usize) -> Result<Self, Error> {
        let may_sign = jwk.allows(KeyUse::Signature, &["sign"]);
        let may_verify = jwk.allows(KeyUse::Signature, &["verify"]);
        if !may_sign && !may_verify {
            return Err(Error::KeyMismatch);
        }
        let algorithms = match jwk.alg() {
            None => AlgorithmSet::fitting(jwk.key_type()),
            Some(name) => {
                let algorithm: Algorithm = name.parse().map_err(|_| Error::KeyMismatch)?;
                AlgorithmSet::fitting(jwk.key_type()).only(algorithm).ok_or(Error::KeyMismatch)?
            }
        };
        let operations = jwk.operations().map(<[String]>::to_vec);
        let key = match jwk.material() {
            Material::Secret(secret) => {
                // Without alg, the length decides what the secret is for, so that it is never the weaker of two.
                let algorithm = algorithms.settled().unwrap_or(match secret.len() {
                    64.. => Algorithm::HS512,
                    48.. => Algorithm::HS384,
                    _ => Algorithm::HS256,
                });
                if secret.len() < shortest(algorithm) {
                    return Err(Error::WeakKey(
                        "an HMAC secret is at least as long as the hash: 32 bytes for HS256, 48 for HS384, 64 for HS512",
                    ));
                }
                let MacKey { signing, verifying } = backend.mac_key(secret, algorithm)?;
                Self::build(
                    Inner {
                        material: jwk.material().clone(),
                        signing: Some(signing),
                        verifying: Some(verifying),
                        may_sign,
                        may_verify,
                        operations,
                    },
                    AlgorithmSet::of(&[algorithm]),
                )
            }
            Material::Public(public) => {
                let verifying = Some(backend.verifying_key(public)?);
                let material = jwk.material().clone();
                Self::build(
                    Inner { material, signing: None, verifying, may_sign, may_verify, operations },
                    algorithms,
                )
            }
            Material::Pair(public, private) => {
                let signing = Some(backend.signing_key(public, private)?);
                let verifying = Some(backend.verifying_key(public)?);
                let material = jwk.material().clone();
                // A private JWK with key_ops ["sign"] still verifies: its public half is anyone's to use.
                Self::build(
                    Inner { material, signing, verifying, may_sign, may_verify: true, operations },
                    algorithms,
                )
            }
        };
        Ok(match jwk.kid() {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }

    /// A key that signs elsewhere: `signer` reaches a device or a service that keeps the private half to itself.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] unless `public` is a public key for signatures with one algorithm; else as [`new`](Self::new).
    pub fn with_signer(public: &Jwk, signer: Box<dyn SigningKey>) -> Result<Self, Error> {
        let key = Self::new(public)?;
        if public.is_private() || key.algorithm().is_none() {
            return Err(Error::KeyMismatch);
        }
        let verifying =
            crypto::backend().verifying_key(public.material().public().ok_or(Error::KeyMismatch)?)?;
        let inner = Inner {
            material: public.material().clone(),
            signing: Some(signer),
            verifying: Some(verifying),
            may_sign: true,
            may_verify: true,
            operations: None,
        };
        Ok(Self { inner: Arc::new(inner), ..key })
    }

    /// Reads a JWK (RFC 7517): public or private, or a secret.
    ///
    /// # Errors
    /// As [`Jwk::from_json`] and [`new`](Self::new).
    pub fn from_jwk(json: &str) -> Result<Self, Error> {
        Self::new(&Jwk::from_json(json)?)
    }

    /// Reads a PEM block: PKCS#8, SPKI, PKCS#1, SEC 1, or a certificate. Never for HMAC.
    ///
    /// # Errors
    /// As [`Jwk::from_pem`] and [`new`](Self::new); [`Error::KeyMismatch`] when the key is not for `algorithm`.
    pub fn from_pem(pem: &str, algorithm: Algorithm) -> Result<Self, Error> {
        Self::new(&Jwk::from_pem(pem)?.with_alg(algorithm.name())?)
    }

    /// Takes a secret for HMAC.
    ///
    /// # Errors
    /// [`Error::WeakKey`] when it is shorter than the hash (RFC 7518 3.2), [`Error::InvalidKey`] when it is a PEM, DER,
    /// OpenSSH or JWK key: those are public, and a public secret is none.
    pub fn from_secret(secret: &[u8], algorithm: Algorithm) -> Result<Self, Error> {
        Self::new(&Jwk::from_secret(secret)?.with_alg(algorithm.name())?)
    }

    /// Makes a new key. RSA keys have 2048 bits.
    ///
    /// # Errors
    /// When the source of randomness fails, or the backend does not know the algorithm.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Error> {
        let jwk = if algorithm.is_symmetric() {
            Jwk::generate_secret(algorithm.min_secret_len())?
        } else {
            Jwk::generate(algorithm.key_type())?
        };
        Self::new(&jwk.with_alg(algorithm.name())?)
    }

    fn build(inner: Inner, algorithms: AlgorithmSet) -> Self {
        Self {
            inner: Arc::new(inner),
            kid: None,
            algorithms,
            headers: Arc::default(),
            verified: Arc::default(),
        }
    }

    /// The same key under another name.
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self { kid: Some(kid.into().into()), headers: Arc::default(), ..self }
    }

    /// The same key for one algorithm: an RSA key without `alg` fits several.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] when the key is not for it.
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, Error> {
        if !self.algorithms.contains(algorithm) {
            return Err(Error::KeyMismatch);
        }
        Ok(Self { algorithms: AlgorithmSet::of(&[algorithm]), headers: Arc::default(), ..self })
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Its algorithm; `None` where it fits several.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithms.settled()
    }

    /// Whether it can sign.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        self.inner.signing.is_some() && self.inner.may_sign
    }

    /// Its public half alone.
    ///
    /// # Errors
    /// [`Error::NoPublicKey`] for a symmetric key.
    pub fn public(&self) -> Result<Self, Error> {
        Self::new(&self.to_jwk().public()?)
    }

    /// The key as data, private half and all, with `kid`, `use`, and `alg` where there is one.
    #[must_use]
    pub fn to_jwk(&self) -> Jwk {
        let alg = self.algorithm().map(Algorithm::name);
        let operations = self.inner.operations.as_deref();
        Jwk::with_purpose(self.inner.material.clone(), self.kid(), alg, KeyUse::Signature, operations)
    }

    /// Its public half as a JWK, with `kid`, `alg` and `use`.
    ///
    /// # Errors
    /// [`Error::NoPublicKey`] for a symmetric key.
    pub fn public_jwk(&self) -> Result<String, Error> {
        self.to_jwk().to_public_json()
    }

    /// The private key, or the secret, as a JWK. Handle it like the key it is.
    ///
    /// # Errors
    /// [`Error::NoPrivateKey`] for a public key.
    pub fn export_private_jwk(&self) -> Result<Secret, Error> {
        self.to_jwk().export_private_json()
    }

    /// The thumbprint of the key (RFC 7638), SHA-256, base64url: a `kid` that is the same everywhere.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.inner.material.thumbprint()
    }

    pub(crate) fn verified_headers(&self) -> &VerifiedHeaders {
        &self.verified
    }

    /// Whether the key may verify with `algorithm`.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.inner.may_verify && self.algorithms.contains(algorithm)
    }

    pub(crate) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        if !self.fits(algorithm) {
            return Err(Error::KeyMismatch);
        }
        let verifying = self.inner.verifying.as_ref().ok_or(Error::KeyMismatch)?;
        verifying.verify(algorithm, message, signature)
    }

    /// The algorithm and the key to sign with.
    pub(crate) fn signing(&self) -> Result<(Algorithm, &dyn SigningKey), Error> {
        let signing = self.inner.signing.as_deref().ok_or(Error::NoPrivateKey)?;
        if !self.inner.may_sign {
            return Err(Error::KeyMismatch);
        }
        Ok((self.algorithm().ok_or(Error::KeyMismatch)?, signing))
    }

    /// The encoded header for `typ`, made once.
    pub(crate) fn encoded_header(&self, algorithm: Algorithm, typ: Option<&str>) -> Result<Arc<str>, Error> {
        let cached = self.headers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(header) =
            cached.iter().find(|header| header.algorithm == algorithm && header.typ.as_deref() == typ)
        {
            return Ok(Arc::clone(&header.encoded));
        }
        drop(cached);
        let header = crate::jws::NewHeader { alg: algorithm, typ, kid: self.kid() };
        let json = serde_json::to_vec(&header).map_err(|_| Error::Backend("writing a header"))?;
        let encoded: Arc<str> = base64url::encode(&json).into();
        let mut cache = self.headers.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() < CACHED_HEADERS {
            cache.push(CachedHeader { algorithm, typ: typ.map(Into::into), encoded: Arc::clone(&encoded) });
        }
        Ok(encoded)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .field("can_sign", &self.can_sign())
            .finish_non_exhaustive()
    }
}
