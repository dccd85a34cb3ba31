//! A key: parsed and checked once, ready to use, and aware of what it may be used for.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, AlgorithmSet, KeyType};
use crate::base64url;
use crate::crypto::{
    AwsLc, Backend, MacKey, PrivateMaterial, PublicMaterial, SigningKey, VerifyingKey, sha256,
};
use crate::der::Parsed;
use crate::error::Error;
use crate::jwk::{self, Jwk, Material};
use crate::jws::VerifiedHeaders;
use crate::pem;
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
    material: Stored,
    signing: Option<Box<dyn SigningKey>>,
    verifying: Option<Box<dyn VerifyingKey>>,
    may_sign: bool,
    may_verify: bool,
}

enum Stored {
    Secret(Zeroizing<Vec<u8>>),
    Public(PublicMaterial),
    Pair(PublicMaterial, PrivateMaterial),
}

struct CachedHeader {
    algorithm: Algorithm,
    typ: Option<Box<str>>,
    encoded: Arc<str>,
}

impl Key {
    /// Reads a JWK (RFC 7517): public or private, or a secret.
    ///
    /// # Errors
    /// When it is not strict JSON, not consistent, of an unsupported kind, too weak, or its `use` is not `sig`.
    pub fn from_jwk(json: &str) -> Result<Self, Error> {
        Self::from_jwk_with(json, &AwsLc)
    }

    /// Reads a JWK for a backend of the caller's.
    ///
    /// # Errors
    /// As [`from_jwk`](Self::from_jwk).
    pub fn from_jwk_with(json: &str, backend: &dyn Backend) -> Result<Self, Error> {
        let jwk = Jwk::parse(json)?;
        let may_sign = jwk.allows("sign");
        let may_verify = jwk.allows("verify");
        if !may_sign && !may_verify {
            return Err(Error::KeyMismatch);
        }
        let key = match jwk.material()? {
            Material::Secret(secret) => {
                let algorithms = jwk.algorithms(KeyType::Secret)?;
                // Without alg, the length decides what the secret is for, so that it is never the weaker of two.
                let algorithm = algorithms.settled().or(match secret.len() {
                    64.. => Some(Algorithm::HS512),
                    48.. => Some(Algorithm::HS384),
                    _ => Some(Algorithm::HS256),
                });
                Self::symmetric(
                    &secret,
                    algorithm.unwrap_or(Algorithm::HS256),
                    backend,
                    may_sign,
                    may_verify,
                )?
            }
            Material::Public(public) => {
                let algorithms = jwk.algorithms(public.key_type())?;
                Self::asymmetric(Stored::Public(public), algorithms, backend, may_sign, may_verify)?
            }
            Material::Pair(public, private) => {
                let algorithms = jwk.algorithms(public.key_type())?;
                Self::asymmetric(Stored::Pair(public, private), algorithms, backend, may_sign, may_verify)?
            }
        };
        Ok(match &jwk.kid {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }

    /// Reads a PEM block: PKCS#8, SPKI, PKCS#1 or SEC 1. Never for HMAC.
    ///
    /// # Errors
    /// When the block is broken or unsupported, too weak, or not for `algorithm`.
    pub fn from_pem(pem: &str, algorithm: Algorithm) -> Result<Self, Error> {
        Self::from_parsed(pem::parse(pem)?, algorithm, &AwsLc)
    }

    fn from_parsed(parsed: Parsed, algorithm: Algorithm, backend: &dyn Backend) -> Result<Self, Error> {
        let material = match parsed {
            Parsed::Public(public) => Stored::Public(public),
            Parsed::Pair(public, private) => Stored::Pair(public, private),
            Parsed::Number(key_type, d) => {
                let public = backend.derive_public(key_type, &d)?;
                let private = match key_type {
                    KeyType::Ec(_) => PrivateMaterial::Ec { d },
                    KeyType::MlDsa(_) => PrivateMaterial::MlDsa { seed: d },
                    _ => PrivateMaterial::Okp { d },
                };
                Stored::Pair(public, private)
            }
        };
        let (Stored::Public(public) | Stored::Pair(public, _)) = &material else {
            return Err(Error::KeyMismatch);
        };
        if !algorithm.fits(public.key_type()) {
            return Err(Error::KeyMismatch);
        }
        if let PublicMaterial::Rsa { n, .. } = public {
            jwk::check_rsa_size(n)?;
        }
        Self::asymmetric(material, AlgorithmSet::of(&[algorithm]), backend, true, true)
    }

    /// Takes a secret for HMAC.
    ///
    /// # Errors
    /// [`Error::WeakKey`] when it is shorter than the hash (RFC 7518 3.2), [`Error::InvalidKey`] when it is a PEM, DER,
    /// OpenSSH or JWK key: those are public, and a public secret is none.
    pub fn from_secret(secret: &[u8], algorithm: Algorithm) -> Result<Self, Error> {
        if looks_like_a_key(secret) {
            return Err(Error::InvalidKey(
                "this is a key file, not an HMAC secret: use from_pem or from_jwk",
            ));
        }
        Self::symmetric(secret, algorithm, &AwsLc, true, true)
    }

    /// Makes a new key. RSA keys have 2048 bits.
    ///
    /// # Errors
    /// When the source of randomness fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Error> {
        if algorithm.is_symmetric() {
            let mut secret = Zeroizing::new(vec![0; algorithm.min_secret_len()]);
            crate::crypto::fill_random(&mut secret)?;
            return Self::symmetric(&secret, algorithm, &AwsLc, true, true);
        }
        let (public, private) = AwsLc.generate(algorithm.key_type())?;
        let algorithms = AlgorithmSet::of(&[algorithm]);
        Self::asymmetric(Stored::Pair(public, private), algorithms, &AwsLc, true, true)
    }

    fn symmetric(
        secret: &[u8],
        algorithm: Algorithm,
        backend: &dyn Backend,
        may_sign: bool,
        may_verify: bool,
    ) -> Result<Self, Error> {
        if !algorithm.is_symmetric() {
            return Err(Error::KeyMismatch);
        }
        if secret.len() < algorithm.min_secret_len() {
            return Err(Error::WeakKey("an HMAC secret is at least as long as the hash"));
        }
        let MacKey { signing, verifying } = backend.mac_key(secret, algorithm)?;
        Ok(Self::build(
            Inner {
                material: Stored::Secret(Zeroizing::new(secret.to_vec())),
                signing: Some(signing),
                verifying: Some(verifying),
                may_sign,
                may_verify,
            },
            AlgorithmSet::of(&[algorithm]),
        ))
    }

    fn asymmetric(
        material: Stored,
        algorithms: AlgorithmSet,
        backend: &dyn Backend,
        may_sign: bool,
        may_verify: bool,
    ) -> Result<Self, Error> {
        let (signing, verifying) = match &material {
            Stored::Public(public) => (None, backend.verifying_key(public)?),
            Stored::Pair(public, private) => {
                (Some(backend.signing_key(public, private)?), backend.verifying_key(public)?)
            }
            Stored::Secret(_) => return Err(Error::KeyMismatch),
        };
        // A private JWK with key_ops ["sign"] still verifies: its public half is anyone's to use.
        let may_verify = may_verify || signing.is_some();
        Ok(Self::build(
            Inner { material, signing, verifying: Some(verifying), may_sign, may_verify },
            algorithms,
        ))
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
        let public = self.public_material()?.clone();
        let key = Self::asymmetric(Stored::Public(public), self.algorithms, &AwsLc, false, true)?;
        Ok(Self { kid: self.kid.clone(), ..key })
    }

    /// Its public half as a JWK, with `kid`, `alg` and `use`.
    ///
    /// # Errors
    /// [`Error::NoPublicKey`] for a symmetric key.
    pub fn public_jwk(&self) -> Result<String, Error> {
        self.write_jwk(Jwk::of_public(self.public_material()?)).map(|json| json.to_string())
    }

    /// The private key, or the secret, as a JWK. Handle it like the key it is.
    ///
    /// # Errors
    /// [`Error::NoPrivateKey`] for a public key.
    pub fn export_private_jwk(&self) -> Result<Secret, Error> {
        let jwk = match &self.inner.material {
            Stored::Secret(secret) => Jwk::of_secret(secret),
            Stored::Pair(public, private) => {
                let mut jwk = Jwk::of_public(public);
                jwk.add_private(private);
                jwk
            }
            Stored::Public(_) => return Err(Error::NoPrivateKey),
        };
        Ok(Secret::new(self.write_jwk(jwk)?.as_str()))
    }

    fn write_jwk(&self, mut jwk: Jwk) -> Result<Zeroizing<String>, Error> {
        jwk.kid = self.kid.as_deref().map(str::to_owned);
        jwk.alg = self.algorithm().map(|algorithm| algorithm.name().to_owned());
        jwk.usage = Some("sig".to_owned());
        serde_json::to_string(&jwk).map(Zeroizing::new).map_err(|_| Error::Backend("writing a JWK"))
    }

    /// The thumbprint of the key (RFC 7638), SHA-256, base64url: a `kid` that is the same everywhere.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let jwk = match &self.inner.material {
            Stored::Secret(secret) => Jwk::of_secret(secret),
            Stored::Public(public) | Stored::Pair(public, _) => Jwk::of_public(public),
        };
        base64url::encode(&sha256(jwk.thumbprint_input().as_bytes()))
    }

    /// The thumbprint as a URI (RFC 9278 3), SHA-256: a name for the key where a URI is asked for.
    #[must_use]
    pub fn thumbprint_uri(&self) -> String {
        format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}", self.thumbprint())
    }

    fn public_material(&self) -> Result<&PublicMaterial, Error> {
        match &self.inner.material {
            Stored::Public(public) | Stored::Pair(public, _) => Ok(public),
            Stored::Secret(_) => Err(Error::NoPublicKey),
        }
    }

    pub(crate) fn verified_headers(&self) -> &VerifiedHeaders {
        &self.verified
    }

    pub(crate) fn is_symmetric(&self) -> bool {
        matches!(self.inner.material, Stored::Secret(_))
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

/// Public keys in the forms in which they lie about: text that begins like a key file, or DER of a certificate or key.
fn looks_like_a_key(secret: &[u8]) -> bool {
    let text = String::from_utf8_lossy(secret);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let textual = ["-----BEGIN", "---- BEGIN", "ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"];
    let jwk = text.starts_with('{') && (text.contains("\"kty\"") || text.contains("\"keys\""));
    let der = matches!(secret, [0x30, 0x82, _, _, 0x30 | 0x02, ..] | [0x30, 0x59 | 0x76 | 0x2a, 0x30, ..]);
    textual.iter().any(|start| text.starts_with(start)) || text.contains("-----BEGIN ") || jwk || der
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
