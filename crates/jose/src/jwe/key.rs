//! A key for encryption: parsed and checked once, ready to use, and aware of what it may be used for.

use std::fmt;
use std::sync::Arc;

use super::algorithm::{ContentEncryption, KeyManagement, KeyManagementSet, Method};
use crate::crypto::{self, Agreement, Ciphers, RsaDecrypter, RsaEncrypter};
use crate::error::Error;
use crate::jwk::{Jwk, KeyUse, Material};
use crate::key_type::KeyType;

/// A key for encryption. Cheap to clone; `Debug` shows nothing secret.
///
/// As a [`Key`](crate::Key) for signatures, it knows what it is for: a key for one use does no other, and what `use`,
/// `key_ops` and `alg` of a JWK rule out, it does not do.
///
/// ```
/// use authmint_jose::{EncryptionKey, Jwk, KeyManagement, KeyType};
///
/// let key = EncryptionKey::generate(KeyManagement::RsaOaep256)?.with_kid("enc-1");
/// let published = EncryptionKey::new(&Jwk::from_json(&key.to_jwk().to_public_json()?)?)?;
/// assert!(key.can_decrypt() && !published.can_decrypt());
/// assert_eq!(published.algorithm(), Some(KeyManagement::RsaOaep256));
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone)]
pub struct EncryptionKey {
    inner: Arc<Inner>,
    kid: Option<Arc<str>>,
    algorithms: KeyManagementSet,
}

struct Inner {
    material: Material,
    /// For `dir`, where the JWK names the content's algorithm as its own.
    encryption: Option<ContentEncryption>,
    encrypter: Option<Box<dyn RsaEncrypter>>,
    private: Private,
    may_encrypt: bool,
    may_decrypt: bool,
    /// `key_ops`, as they were said.
    operations: Option<Vec<String>>,
    ciphers: &'static dyn Ciphers,
}

/// What the private half does.
enum Private {
    Nothing,
    Secret,
    Decrypts(Box<dyn RsaDecrypter>),
    Agrees(Box<dyn Agreement>),
}

impl EncryptionKey {
    /// Makes a key of data.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] when `use`, `key_ops` or `alg` say that it is not for encryption, [`Error::WeakKey`] when a
    /// secret has not the length of its algorithm, [`Error::InvalidKey`] when its numbers are no key,
    /// [`Error::Unsupported`] when the backend does not know it.
    pub fn new(jwk: &Jwk) -> Result<Self, Error> {
        Self::with_backend(jwk, crypto::ciphers())
    }

    /// Makes a key of data for a backend of the caller's.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_backend(jwk: &Jwk, ciphers: &'static dyn Ciphers) -> Result<Self, Error> {
        let (algorithms, encryption) = match jwk.alg() {
            None => (default_algorithms(jwk.material()), None),
            Some(name) => match (name.parse::<KeyManagement>(), name.parse::<ContentEncryption>()) {
                (Ok(KeyManagement::Rsa1_5), _) => return Err(Error::KeyMismatch),
                (Ok(algorithm), _) => (KeyManagementSet::of(&[algorithm]), None),
                (_, Ok(encryption)) => (KeyManagementSet::of(&[KeyManagement::Dir]), Some(encryption)),
                _ => return Err(Error::KeyMismatch),
            },
        };
        Self::build(jwk, algorithms, encryption, ciphers)
    }

    /// Makes an RSA key for `RSA1_5`, whose padding has leaked plaintexts in many programs (Bleichenbacher 1998). Only for a
    /// peer that knows nothing else. What can be done is done: a broken padding looks like a broken message (RFC 7516 11.5).
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn dangerously_for_rsa1_5(jwk: &Jwk) -> Result<Self, Error> {
        let known = jwk.alg().is_none_or(|alg| alg == KeyManagement::Rsa1_5.name());
        if !known {
            return Err(Error::KeyMismatch);
        }
        Self::build(jwk, KeyManagementSet::of(&[KeyManagement::Rsa1_5]), None, crypto::ciphers())
    }

    /// A key from a password, for one of the algorithms of PBES2.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] for another algorithm, [`Error::WeakKey`] under 8 bytes, [`Error::InvalidKey`] for what is a key
    /// file and no password.
    pub fn from_password(password: &[u8], algorithm: KeyManagement) -> Result<Self, Error> {
        if !matches!(algorithm.method(), Method::Password(..)) {
            return Err(Error::KeyMismatch);
        }
        Self::from_secret(password, algorithm)
    }

    /// Takes a secret.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::InvalidKey`] for what is a key file and no secret.
    pub fn from_secret(secret: &[u8], algorithm: KeyManagement) -> Result<Self, Error> {
        Self::new(&Jwk::from_secret(secret)?.with_alg(algorithm.name())?)
    }

    /// Makes a new key: RSA of 2048 bits, X25519 for key agreement, a secret of the right length for the others; of 64 bytes
    /// for `dir`, and of 32 random bytes in place of a password.
    ///
    /// # Errors
    /// When the source of randomness fails, or the algorithm is RSA1_5.
    pub fn generate(algorithm: KeyManagement) -> Result<Self, Error> {
        let jwk = match algorithm.method() {
            Method::Rsa(_) => Jwk::generate(KeyType::Rsa),
            Method::Agree { .. } => Jwk::generate(KeyType::Okp(crate::key_type::OkpCurve::X25519)),
            Method::Wrap(bytes) | Method::GcmWrap(_, bytes) => Jwk::generate_secret(bytes),
            Method::Direct => Jwk::generate_secret(64),
            Method::Password(..) => Jwk::generate_secret(32),
        };
        Self::new(&jwk?.with_alg(algorithm.name())?)
    }

    /// A key whose private half stays elsewhere, in a device that decrypts at once. For one that takes its time, see
    /// [`begin_decrypt`](Self::begin_decrypt).
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::KeyMismatch`] unless `public` is a public RSA key.
    pub fn with_decrypter(public: &Jwk, decrypter: Box<dyn RsaDecrypter>) -> Result<Self, Error> {
        if public.key_type() != KeyType::Rsa || public.is_private() {
            return Err(Error::KeyMismatch);
        }
        Self::new(public)?.with_private(Private::Decrypts(decrypter))
    }

    /// A key whose private half stays elsewhere, in a device that agrees at once.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`Error::KeyMismatch`] unless `public` is a public key of a curve.
    pub fn with_agreement(public: &Jwk, agreement: Box<dyn Agreement>) -> Result<Self, Error> {
        if !matches!(public.key_type(), KeyType::Ec(_) | KeyType::Okp(_)) || public.is_private() {
            return Err(Error::KeyMismatch);
        }
        Self::new(public)?.with_private(Private::Agrees(agreement))
    }

    fn with_private(self, private: Private) -> Result<Self, Error> {
        let public = self.inner.material.public().ok_or(Error::KeyMismatch)?;
        let ciphers = self.inner.ciphers;
        let inner = Inner {
            material: Material::Public(public.clone()),
            encryption: None,
            encrypter: encrypter(public, ciphers)?,
            private,
            may_encrypt: true,
            may_decrypt: true,
            operations: None,
            ciphers,
        };
        Ok(Self { inner: Arc::new(inner), ..self })
    }

    fn build(
        jwk: &Jwk,
        algorithms: KeyManagementSet,
        encryption: Option<ContentEncryption>,
        ciphers: &'static dyn Ciphers,
    ) -> Result<Self, Error> {
        let allows = |operations: &[&str]| jwk.allows(KeyUse::Encryption, operations);
        let agrees = allows(&["deriveKey", "deriveBits"]);
        let may_encrypt = allows(&["encrypt", "wrapKey"]) || agrees;
        let may_decrypt = allows(&["decrypt", "unwrapKey"]) || agrees;
        if !may_encrypt && !may_decrypt {
            return Err(Error::KeyMismatch);
        }
        let fits =
            KeyManagement::ALL.iter().any(|known| algorithms.contains(*known) && known.fits(jwk.key_type()));
        if !fits {
            return Err(Error::KeyMismatch);
        }
        let material = jwk.material().clone();
        let (encrypter, private) = match &material {
            Material::Secret(secret) => {
                check_length(secret, algorithms, encryption)?;
                (None, Private::Secret)
            }
            Material::Public(public) => {
                check_point(public, ciphers)?;
                (encrypter(public, ciphers)?, Private::Nothing)
            }
            Material::Pair(public, private) if jwk.key_type() == KeyType::Rsa => {
                (encrypter(public, ciphers)?, Private::Decrypts(ciphers.rsa_decrypter(public, private)?))
            }
            Material::Pair(public, private) => (None, Private::Agrees(ciphers.agreement(public, private)?)),
        };
        let operations = jwk.operations().map(<[String]>::to_vec);
        let inner =
            Inner { material, encryption, encrypter, private, may_encrypt, may_decrypt, operations, ciphers };
        Ok(Self { inner: Arc::new(inner), kid: jwk.kid().map(Into::into), algorithms })
    }

    /// The same key under another name.
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self { kid: Some(kid.into().into()), ..self }
    }

    /// The same key for one algorithm: a key without `alg` fits several.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] when the key is not for it.
    pub fn with_algorithm(self, algorithm: KeyManagement) -> Result<Self, Error> {
        if !self.algorithms.contains(algorithm) {
            return Err(Error::KeyMismatch);
        }
        Ok(Self { algorithms: KeyManagementSet::of(&[algorithm]), ..self })
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Its algorithm; `None` where it fits several.
    #[must_use]
    pub fn algorithm(&self) -> Option<KeyManagement> {
        self.algorithms.settled()
    }

    /// Whether it can decrypt.
    #[must_use]
    pub fn can_decrypt(&self) -> bool {
        self.inner.may_decrypt && !matches!(self.inner.private, Private::Nothing)
    }

    /// Its public half alone.
    ///
    /// # Errors
    /// [`Error::NoPublicKey`] for a secret.
    pub fn public(&self) -> Result<Self, Error> {
        let public = self.inner.material.public().ok_or(Error::NoPublicKey)?;
        let ciphers = self.inner.ciphers;
        let inner = Inner {
            material: Material::Public(public.clone()),
            encryption: None,
            encrypter: encrypter(public, ciphers)?,
            private: Private::Nothing,
            may_encrypt: true,
            may_decrypt: false,
            operations: None,
            ciphers,
        };
        Ok(Self { inner: Arc::new(inner), kid: self.kid.clone(), algorithms: self.algorithms })
    }

    /// The key as data, private half and all, with `kid`, `use`, and `alg` where there is one.
    #[must_use]
    pub fn to_jwk(&self) -> Jwk {
        let algorithm = self.algorithm().map(KeyManagement::name);
        let alg = self.inner.encryption.map(ContentEncryption::name).or(algorithm);
        let operations = self.inner.operations.as_deref();
        Jwk::with_purpose(self.inner.material.clone(), self.kid(), alg, KeyUse::Encryption, operations)
    }

    /// The thumbprint of the key (RFC 7638), SHA-256, base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.inner.material.thumbprint()
    }

    pub(super) fn ciphers(&self) -> &'static dyn Ciphers {
        self.inner.ciphers
    }

    pub(super) fn material(&self) -> &Material {
        &self.inner.material
    }

    /// Whether the key is for this algorithm.
    pub(super) fn is_for(&self, algorithm: KeyManagement) -> bool {
        self.algorithms.contains(algorithm) && algorithm.fits(self.inner.material.key_type())
    }

    /// Whether the key may decrypt by this algorithm.
    pub(super) fn fits(&self, algorithm: KeyManagement) -> bool {
        self.inner.may_decrypt && self.is_for(algorithm)
    }

    /// The algorithm to encrypt with.
    pub(super) fn encrypting(&self) -> Result<KeyManagement, Error> {
        if !self.inner.may_encrypt {
            return Err(Error::KeyMismatch);
        }
        self.algorithm().ok_or(Error::KeyMismatch)
    }

    pub(super) fn secret(&self, length: Option<usize>) -> Result<&[u8], Error> {
        match &self.inner.material {
            Material::Secret(secret) if length.is_none_or(|length| secret.len() == length) => Ok(secret),
            _ => Err(Error::KeyMismatch),
        }
    }

    /// The secret as the key of the content.
    pub(super) fn content_key(&self, encryption: ContentEncryption) -> Result<&[u8], Error> {
        if self.inner.encryption.is_some_and(|only| only != encryption) {
            return Err(Error::KeyMismatch);
        }
        self.secret(Some(encryption.key_len()))
    }

    pub(super) fn encrypter(&self) -> Result<&dyn RsaEncrypter, Error> {
        self.inner.encrypter.as_deref().ok_or(Error::KeyMismatch)
    }

    pub(super) fn decrypter(&self) -> Result<&dyn RsaDecrypter, Error> {
        match &self.inner.private {
            Private::Decrypts(decrypter) => Ok(&**decrypter),
            _ => Err(Error::NoPrivateKey),
        }
    }

    pub(super) fn agreement(&self) -> Result<&dyn Agreement, Error> {
        match &self.inner.private {
            Private::Agrees(agreement) => Ok(&**agreement),
            _ => Err(Error::NoPrivateKey),
        }
    }
}

/// A point that is not on its curve, or of low order, agrees with nobody.
pub(super) fn check_point(public: &crypto::PublicMaterial, ciphers: &dyn Ciphers) -> Result<(), Error> {
    match public.key_type() {
        KeyType::Ec(_) | KeyType::Okp(_) => ciphers.agree_ephemeral(public).map(drop),
        _ => Ok(()),
    }
}

fn encrypter(
    public: &crypto::PublicMaterial,
    ciphers: &'static dyn Ciphers,
) -> Result<Option<Box<dyn RsaEncrypter>>, Error> {
    match public.key_type() {
        KeyType::Rsa => ciphers.rsa_encrypter(public).map(Some),
        _ => Ok(None),
    }
}

/// What a key without `alg` may do: all that fits it but RSA1_5, and no password.
fn default_algorithms(material: &Material) -> KeyManagementSet {
    let fitting: Vec<_> = KeyManagement::ALL
        .iter()
        .copied()
        .filter(|algorithm| algorithm.fits(material.key_type()) && *algorithm != KeyManagement::Rsa1_5)
        .filter(|algorithm| match (algorithm.method(), material) {
            (Method::Password(..), _) => false,
            (Method::Wrap(length) | Method::GcmWrap(_, length), Material::Secret(secret)) => {
                secret.len() == length
            }
            _ => true,
        })
        .collect();
    KeyManagementSet::of(&fitting)
}

/// The length of a secret must be that of its algorithm; of `dir`, that of some content's key.
fn check_length(
    secret: &[u8],
    algorithms: KeyManagementSet,
    encryption: Option<ContentEncryption>,
) -> Result<(), Error> {
    let fits = match (encryption, algorithms.settled().map(KeyManagement::method)) {
        (Some(encryption), _) => secret.len() == encryption.key_len(),
        (None, Some(Method::Wrap(length) | Method::GcmWrap(_, length))) => secret.len() == length,
        (None, Some(Method::Password(..))) => secret.len() >= 8,
        (None, Some(_) | None) => matches!(secret.len(), 16 | 24 | 32 | 48 | 64),
    };
    if fits { Ok(()) } else { Err(Error::WeakKey("the secret has not the length of its algorithm")) }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .field("can_decrypt", &self.can_decrypt())
            .finish_non_exhaustive()
    }
}
