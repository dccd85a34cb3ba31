//! JSON Web Keys as data (RFC 7517): made, read, written, named; any kind of key, in any of its usual forms.

mod der;
#[cfg(feature = "jwe")]
mod encrypted;
mod members;
mod oid;
mod openssh;
mod pem;
pub(crate) mod read;
mod refused;
mod roca;
mod small_order;
pub(crate) mod write;

use std::fmt;

use zeroize::Zeroizing;

use self::members::Members;
use self::read::Parsed;
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::crypto::{self, Backend, PrivateMaterial, PublicMaterial, RsaSize, sha256};
use crate::error::Error;
use crate::key_type::KeyType;
use crate::secret::Secret;

/// A key as data, with what it may be used for.
///
/// It does nothing by itself: [`Key::new`](crate::Key::new) makes it sign and verify. `Debug` shows nothing secret.
///
/// ```
/// use authmint_jose::{Curve, Jwk, Key, KeyType};
///
/// let jwk = Jwk::generate(KeyType::Ec(Curve::P256))?.with_alg("ES256")?.with_kid("2026-11");
/// let pem = jwk.export_private_pem()?;
/// assert!(pem.expose().starts_with("-----BEGIN PRIVATE KEY-----"));
///
/// let back = Jwk::from_pem(pem.expose())?;
/// assert_eq!(back.thumbprint(), jwk.thumbprint());
/// let published = Jwk::from_json(&jwk.to_public_json()?)?;
/// assert!(!published.is_private());
/// assert_eq!(published.kid(), Some("2026-11"));
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone)]
pub struct Jwk {
    material: Material,
    kid: Option<String>,
    alg: Option<String>,
    usage: Option<KeyUse>,
    operations: Option<Vec<String>>,
}

/// What a JWK's parameters amount to.
#[derive(Clone)]
pub(crate) enum Material {
    Secret(Zeroizing<Vec<u8>>),
    Public(PublicMaterial),
    Pair(PublicMaterial, PrivateMaterial),
}

impl Material {
    pub(crate) fn key_type(&self) -> KeyType {
        self.public().map_or(KeyType::Secret, PublicMaterial::key_type)
    }

    pub(crate) fn public(&self) -> Option<&PublicMaterial> {
        match self {
            Self::Secret(_) => None,
            Self::Public(public) | Self::Pair(public, _) => Some(public),
        }
    }

    /// The thumbprint of the key (RFC 7638 3).
    pub(crate) fn thumbprint(&self) -> String {
        let members = match self {
            Self::Secret(secret) => Members::of_secret(secret),
            Self::Public(public) | Self::Pair(public, _) => Members::of_public(public),
        };
        base64url::encode(&sha256(members.thumbprint_input().as_bytes()))
    }
}

/// What a key is for (RFC 7517 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyUse {
    /// `sig`.
    Signature,
    /// `enc`.
    Encryption,
}

impl KeyUse {
    /// The registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "sig",
            Self::Encryption => "enc",
        }
    }

    /// The operations of this use (RFC 7517 4.3).
    const fn operations(self) -> &'static [&'static str] {
        match self {
            Self::Signature => &["sign", "verify"],
            Self::Encryption => &["encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"],
        }
    }
}

/// The most members of `key_ops`: there are eight names.
const MAX_OPERATIONS: usize = 16;

/// A form of public key in DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicForm {
    /// `SubjectPublicKeyInfo` (RFC 5280 4.1.2.7), for every type of key: `PUBLIC KEY` in PEM.
    Spki,
    /// PKCS#1 (RFC 8017 A.1.1), for RSA: `RSA PUBLIC KEY`.
    Pkcs1,
}

/// A form of private key in DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrivateForm {
    /// PKCS#8 (RFC 5958), for every type of key: `PRIVATE KEY` in PEM.
    Pkcs8,
    /// PKCS#1 (RFC 8017 A.1.2), for RSA: `RSA PRIVATE KEY`.
    Pkcs1,
    /// SEC 1 (RFC 5915), for elliptic curves: `EC PRIVATE KEY`.
    Sec1,
}

impl Jwk {
    /// Makes a key pair. RSA keys have 2048 bits; [`generate_rsa`](Self::generate_rsa) makes larger ones.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a type the backend does not know, [`Error::KeyMismatch`] for a secret, whose length
    /// [`generate_secret`](Self::generate_secret) must be told.
    pub fn generate(key_type: KeyType) -> Result<Self, Error> {
        if key_type == KeyType::Rsa {
            return Self::generate_rsa(RsaSize::default());
        }
        let (public, private) = crypto::backend().generate(key_type)?;
        Ok(Material::Pair(public, private).into())
    }

    /// Makes an RSA key of this size.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn generate_rsa(size: RsaSize) -> Result<Self, Error> {
        let (public, private) = crypto::backend().generate_rsa(size)?;
        Ok(Material::Pair(public, private).into())
    }

    /// Makes a secret of this many random bytes.
    ///
    /// # Errors
    /// [`Error::WeakKey`] under 16 bytes, [`Error::TooLong`] over 1024.
    pub fn generate_secret(bytes: usize) -> Result<Self, Error> {
        match bytes {
            ..16 => return Err(Error::WeakKey("a secret has at least 16 bytes")),
            1025.. => return Err(Error::TooLong("the secret")),
            _ => {}
        }
        let mut secret = Zeroizing::new(vec![0; bytes]);
        crypto::fill_random(&mut secret)?;
        Ok(Material::Secret(secret).into())
    }

    /// Takes a secret.
    ///
    /// # Errors
    /// [`Error::WeakKey`] when it is empty, [`Error::InvalidKey`] when it is a PEM, DER, OpenSSH or JWK key: those are public, and a
    /// public secret is none.
    pub fn from_secret(secret: &[u8]) -> Result<Self, Error> {
        refused::check_secret(secret)?;
        Ok(Material::Secret(Zeroizing::new(secret.to_vec())).into())
    }

    /// Reads a JWK: public, private, or a secret.
    ///
    /// # Errors
    /// When it is not strict JSON, not consistent (members of another type, `use` against `key_ops`, RFC 7517 4.3), of a
    /// kind that is not supported, or RSA of less than 2048 bits. Whether the numbers are a key is tested when the key is
    /// put to use.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let members = Members::parse(json)?;
        let usage = match members.usage.as_deref() {
            None => None,
            Some("sig") => Some(KeyUse::Signature),
            Some("enc") => Some(KeyUse::Encryption),
            Some(_) => return Err(Error::InvalidKey("use must be sig or enc (RFC 7517 4.2)")),
        };
        if let Some(operations) = &members.key_ops {
            check_operations(operations, usage)?;
        }
        let material = members.material()?;
        refused::check_material(&material)?;
        Ok(Self {
            material,
            kid: members.kid.clone(),
            alg: members.alg.clone(),
            usage,
            operations: members.key_ops.clone(),
        })
    }

    /// Reads a PEM block: PKCS#8, SPKI, PKCS#1, SEC 1, or the key of a certificate.
    ///
    /// # Errors
    /// When the block is broken, of a kind that is not supported, or encrypted.
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        Self::from_parsed(pem::parse(pem)?, crypto::backend())
    }

    /// Reads an encrypted PKCS#8 block, `ENCRYPTED PRIVATE KEY`, as `openssl genpkey -aes256` writes it.
    ///
    /// # Errors
    /// As [`from_pem`](Self::from_pem); [`Error::InvalidKey`] for a wrong password or an old cipher.
    #[cfg(feature = "jwe")]
    pub fn from_encrypted_pem(pem: &str, password: &[u8]) -> Result<Self, Error> {
        match pem::decode(pem)? {
            (pem::ENCRYPTED, der) => Self::from_encrypted_der(&der, password),
            _ => Err(Error::InvalidKey("it is not encrypted: read it without a password")),
        }
    }

    /// Reads encrypted PKCS#8.
    ///
    /// # Errors
    /// As [`from_encrypted_pem`](Self::from_encrypted_pem).
    #[cfg(feature = "jwe")]
    pub fn from_encrypted_der(der: &[u8], password: &[u8]) -> Result<Self, Error> {
        Self::from_parsed(read::pkcs8(&encrypted::open(der, password)?)?, crypto::backend())
    }

    /// Reads DER of any form that [`from_pem`](Self::from_pem) reads.
    ///
    /// # Errors
    /// When it is broken, or of a kind that is not supported.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        Self::from_parsed(read::any(der)?, crypto::backend())
    }

    /// Reads an OpenSSH public key: one line, as in `id_ed25519.pub`.
    ///
    /// # Errors
    /// When it is broken, or of a kind that is not supported.
    pub fn from_openssh(line: &str) -> Result<Self, Error> {
        Self::from_parsed(Parsed::Public(openssh::parse(line)?), crypto::backend())
    }

    fn from_parsed(parsed: Parsed, backend: &dyn Backend) -> Result<Self, Error> {
        let material = match parsed {
            Parsed::Public(public) => Material::Public(public),
            Parsed::Pair(public, private) => Material::Pair(public, private),
            Parsed::Number(key_type, number) => {
                let public = backend.derive_public(key_type, &number)?;
                Material::Pair(public, PrivateMaterial::of_number(key_type, number)?)
            }
        };
        refused::check_material(&material)?;
        Ok(material.into())
    }

    /// The same key under a name.
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self { kid: Some(kid.into()), ..self }
    }

    /// The same key for one algorithm, of signatures or of encryption, and the use that goes with it.
    ///
    /// # Errors
    /// [`Error::AlgorithmNotAllowed`] for a name that is not known, [`Error::KeyMismatch`] when the key is not for it.
    pub fn with_alg(self, alg: &str) -> Result<Self, Error> {
        let (usage, fits) = purpose(alg, self.key_type())?;
        if !fits || self.usage.is_some_and(|known| known != usage) {
            return Err(Error::KeyMismatch);
        }
        Ok(Self { alg: Some(alg.to_owned()), usage: Some(usage), ..self })
    }

    /// The same key for one use.
    #[must_use]
    pub fn with_use(self, usage: KeyUse) -> Self {
        Self { usage: Some(usage), ..self }
    }

    /// The same key without a name: whatever a message calls its key, this one may be asked.
    #[must_use]
    pub fn without_kid(self) -> Self {
        Self { kid: None, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm it is for, where it says so.
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// What it is for, where it says so.
    #[must_use]
    pub fn key_use(&self) -> Option<KeyUse> {
        self.usage
    }

    /// What it is made of.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.material.key_type()
    }

    /// Whether it holds a private half, or is a secret.
    #[must_use]
    pub fn is_private(&self) -> bool {
        !matches!(self.material, Material::Public(_))
    }

    /// Whether it is a secret.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self.material, Material::Secret(_))
    }

    /// Its public half alone, under the same name and for the same use. What `key_ops` say of the private half becomes what the
    /// public one does for it.
    ///
    /// # Errors
    /// [`Error::NoPublicKey`] for a secret.
    pub fn public(&self) -> Result<Self, Error> {
        let public = self.public_material()?.clone();
        let operations = self
            .operations
            .as_ref()
            .map(|operations| operations.iter().map(|name| counterpart(name)).collect());
        Ok(Self { material: Material::Public(public), operations, ..self.clone() })
    }

    /// Its public half as JSON.
    ///
    /// # Errors
    /// [`Error::NoPublicKey`] for a secret.
    pub fn to_public_json(&self) -> Result<String, Error> {
        self.write(Members::of_public(self.public_material()?)).map(|json| json.to_string())
    }

    /// The private key, or the secret, as JSON. Handle it like the key it is.
    ///
    /// # Errors
    /// [`Error::NoPrivateKey`] for a public key.
    pub fn export_private_json(&self) -> Result<Secret, Error> {
        let members = match &self.material {
            Material::Secret(secret) => Members::of_secret(secret),
            Material::Pair(public, private) => Members::of_pair(public, private),
            Material::Public(_) => return Err(Error::NoPrivateKey),
        };
        self.write(members).map(Secret::from)
    }

    /// Its public half as DER.
    ///
    /// # Errors
    /// [`Error::NoPublicKey`] for a secret, [`Error::KeyMismatch`] for a form that is not for its type.
    pub fn to_public_der(&self, form: PublicForm) -> Result<Vec<u8>, Error> {
        match (form, self.public_material()?) {
            (PublicForm::Spki, public) => Ok(write::spki(public).to_vec()),
            (PublicForm::Pkcs1, PublicMaterial::Rsa { n, e }) => Ok(write::rsa_public(n, e).to_vec()),
            (PublicForm::Pkcs1, _) => Err(Error::KeyMismatch),
        }
    }

    /// Its public half as PEM, in the form that fits every type: SPKI.
    ///
    /// # Errors
    /// [`Error::NoPublicKey`] for a secret.
    pub fn to_public_pem(&self) -> Result<String, Error> {
        let der = self.to_public_der(PublicForm::Spki)?;
        Ok(pem::encode("PUBLIC KEY", &der).to_string())
    }

    /// Its public half as one line of OpenSSH, with a comment.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a type that OpenSSH does not know.
    pub fn to_openssh(&self, comment: &str) -> Result<String, Error> {
        openssh::encode(self.public_material()?, comment)
    }

    /// The private key as DER. Handle it like the key it is.
    ///
    /// # Errors
    /// [`Error::NoPrivateKey`] for a public key, [`Error::KeyMismatch`] for a secret, or a form that is not for its type.
    pub fn export_private_der(&self, form: PrivateForm) -> Result<Zeroizing<Vec<u8>>, Error> {
        let (public, private) = match &self.material {
            Material::Pair(public, private) => (public, private),
            Material::Public(_) => return Err(Error::NoPrivateKey),
            Material::Secret(_) => return Err(Error::KeyMismatch),
        };
        match form {
            PrivateForm::Pkcs8 => write::pkcs8(public, private),
            PrivateForm::Pkcs1 => write::rsa_private(public, private),
            PrivateForm::Sec1 => write::sec1(public, private),
        }
    }

    /// The private key as PEM, in the form that fits every type: PKCS#8. Handle it like the key it is.
    ///
    /// # Errors
    /// As [`export_private_der`](Self::export_private_der).
    pub fn export_private_pem(&self) -> Result<Secret, Error> {
        let der = self.export_private_der(PrivateForm::Pkcs8)?;
        Ok(pem::encode("PRIVATE KEY", &der).into())
    }

    /// The private key as encrypted PKCS#8 in PEM: PBKDF2 with HMAC-SHA256, 600,000 iterations, and AES-256-CBC.
    ///
    /// # Errors
    /// As [`export_private_der`](Self::export_private_der).
    #[cfg(feature = "jwe")]
    pub fn export_encrypted_pem(&self, password: &[u8]) -> Result<String, Error> {
        let der = encrypted::seal(&self.export_private_der(PrivateForm::Pkcs8)?, password)?;
        Ok(pem::encode(pem::ENCRYPTED, &der).to_string())
    }

    /// The thumbprint of the key (RFC 7638), SHA-256, base64url: a `kid` that is the same everywhere.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.material.thumbprint()
    }

    /// The thumbprint as a URI (RFC 9278 3), SHA-256: a name for the key where a URI is asked for.
    #[must_use]
    pub fn thumbprint_uri(&self) -> String {
        format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}", self.thumbprint())
    }

    /// A key's data again, for what the key is for.
    pub(crate) fn with_purpose(
        material: Material,
        kid: Option<&str>,
        alg: Option<&str>,
        usage: KeyUse,
        operations: Option<&[String]>,
    ) -> Self {
        Self {
            material,
            kid: kid.map(str::to_owned),
            alg: alg.map(str::to_owned),
            usage: Some(usage),
            operations: operations.map(<[String]>::to_vec),
        }
    }

    pub(crate) fn operations(&self) -> Option<&[String]> {
        self.operations.as_deref()
    }

    /// Whether `use` and `key_ops` allow one of these operations of a use (RFC 7517 4.2, 4.3).
    pub(crate) fn allows(&self, usage: KeyUse, operations: &[&str]) -> bool {
        self.usage.is_none_or(|known| known == usage)
            && self
                .operations
                .as_ref()
                .is_none_or(|known| known.iter().any(|known| operations.contains(&known.as_str())))
    }

    pub(crate) fn material(&self) -> &Material {
        &self.material
    }

    fn public_material(&self) -> Result<&PublicMaterial, Error> {
        self.material.public().ok_or(Error::NoPublicKey)
    }

    fn write(&self, mut members: Members) -> Result<Zeroizing<String>, Error> {
        members.kid.clone_from(&self.kid);
        if let Some(alg) = &self.alg {
            members.alg = Some(alg.clone());
        }
        members.usage = self.usage.map(|usage| usage.name().to_owned());
        members.key_ops.clone_from(&self.operations);
        serde_json::to_string(&members).map(Zeroizing::new).map_err(|_| Error::Backend("writing a JWK"))
    }
}

/// What an algorithm is for, and whether a key of this type is for it.
fn purpose(alg: &str, key_type: KeyType) -> Result<(KeyUse, bool), Error> {
    #[cfg(feature = "jwe")]
    if let Ok(algorithm) = alg.parse::<crate::jwe::KeyManagement>() {
        return Ok((KeyUse::Encryption, algorithm.fits(key_type)));
    }
    // A secret for `dir` may name the content's algorithm (RFC 7520 5.6.1).
    #[cfg(feature = "jwe")]
    if alg.parse::<crate::jwe::ContentEncryption>().is_ok() {
        return Ok((KeyUse::Encryption, key_type == KeyType::Secret));
    }
    Ok((KeyUse::Signature, alg.parse::<Algorithm>()?.fits(key_type)))
}

#[cfg(feature = "jwe")]
/// A public key as the members of a JSON object.
pub(crate) fn public_members(
    public: &PublicMaterial,
) -> Result<serde_json::Map<String, serde_json::Value>, Error> {
    match serde_json::to_value(Members::of_public(public)) {
        Ok(serde_json::Value::Object(members)) => Ok(members),
        _ => Err(Error::Backend("writing a JWK")),
    }
}

/// What the public half does for an operation of the private one.
fn counterpart(operation: &str) -> String {
    match operation {
        "sign" => "verify",
        "decrypt" => "encrypt",
        "unwrapKey" => "wrapKey",
        other => other,
    }
    .to_owned()
}

/// Each operation once, and none that `use` rules out (RFC 7517 4.3). Names that are not registered may stand there.
fn check_operations(operations: &[String], usage: Option<KeyUse>) -> Result<(), Error> {
    if operations.len() > MAX_OPERATIONS {
        return Err(Error::TooLong("key_ops"));
    }
    let twice =
        operations.iter().enumerate().any(|(at, name)| operations.iter().take(at).any(|known| known == name));
    if twice {
        return Err(Error::InvalidKey("key_ops names an operation twice (RFC 7517 4.3)"));
    }
    let other = match usage {
        Some(KeyUse::Signature) => KeyUse::Encryption.operations(),
        Some(KeyUse::Encryption) => KeyUse::Signature.operations(),
        None => &[],
    };
    if operations.iter().any(|name| other.contains(&name.as_str())) {
        return Err(Error::InvalidKey("use and key_ops contradict each other (RFC 7517 4.3)"));
    }
    Ok(())
}

impl From<Material> for Jwk {
    fn from(material: Material) -> Self {
        Self { material, kid: None, alg: None, usage: None, operations: None }
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("key_type", &self.key_type())
            .field("kid", &self.kid)
            .field("alg", &self.alg)
            .field("is_private", &self.is_private())
            .finish_non_exhaustive()
    }
}
