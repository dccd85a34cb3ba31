//! The seam between JOSE and the primitives.
//!
//! A [`Backend`] turns key material into keys that are ready to use, and does the few other things signatures need;
//! [`Ciphers`] does the same for encryption. They are handed in where a key is made
//! ([`Key::with_backend`](crate::Key::with_backend)); nothing is installed globally, and two backends work side by side.
//! [`AwsLc`] is the one that everything else uses.

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(feature = "jwe")]
mod ciphers;
#[cfg_attr(not(feature = "curve448"), path = "no_curve448.rs")]
mod curve448;
mod material;
#[cfg(feature = "pure")]
mod pure;

use std::fmt;

use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::key_type::KeyType;

#[cfg(feature = "aws-lc")]
pub use aws_lc::AwsLc;
#[cfg(feature = "jwe")]
pub use ciphers::{Aead, Agreement, Ciphers, Hash, RsaDecrypter, RsaEncrypter, RsaPadding, TAG_LEN};
pub use material::{PrivateMaterial, PublicMaterial};
#[cfg(feature = "pure")]
pub use pure::Pure;

#[cfg(not(any(feature = "aws-lc", feature = "pure")))]
compile_error!("authmint-jose needs a cryptography backend: enable the feature aws-lc (the default) or pure");

/// The backend of everything for which the caller names none: AWS-LC where it is compiled in.
#[cfg(feature = "aws-lc")]
const DEFAULT: AwsLc = AwsLc;
/// The backend of everything for which the caller names none.
#[cfg(all(feature = "pure", not(feature = "aws-lc")))]
const DEFAULT: Pure = Pure;

/// The backend of everything for which the caller names none: [`AwsLc`] where it is compiled in, else `Pure`.
#[must_use]
pub fn backend() -> &'static dyn Backend {
    &DEFAULT
}

/// The ciphers of everything for which the caller names none: [`AwsLc`]'s where it is compiled in, else `Pure`'s.
#[cfg(feature = "jwe")]
#[must_use]
pub fn ciphers() -> &'static dyn Ciphers {
    &DEFAULT
}

/// The SHA-256 hash.
#[must_use]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    backend().sha256(data)
}

/// The SHA-384 hash.
#[must_use]
pub fn sha384(data: &[u8]) -> [u8; 48] {
    backend().sha384(data)
}

/// The SHA-512 hash.
#[must_use]
pub fn sha512(data: &[u8]) -> [u8; 64] {
    backend().sha512(data)
}

/// Fills the buffer with random bytes fit for keys.
pub(crate) fn fill_random(buffer: &mut [u8]) -> Result<(), Error> {
    backend().fill_random(buffer)
}

/// A key that signs, or makes MACs. The algorithm is one the key was loaded for.
pub trait SigningKey: Send + Sync {
    /// Signs `message` and hands the signature to `take`: raw `R || S` for ECDSA (RFC 7518 3.4).
    ///
    /// # Errors
    /// [`Error::Backend`].
    fn sign(&self, algorithm: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error>;
}

/// A key that verifies.
pub trait VerifyingKey: Send + Sync {
    /// Verifies in constant time where a secret is involved.
    ///
    /// # Errors
    /// [`Error::BadSignature`].
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error>;
}

/// The size of a new RSA key, in bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RsaSize {
    /// 2048, as secure as AES with 112 bits.
    #[default]
    Bits2048,
    /// 3072, as secure as AES with 128 bits.
    Bits3072,
    /// 4096.
    Bits4096,
}

/// The primitives of keys and signatures. Those of encryption are [`Ciphers`].
pub trait Backend: fmt::Debug + Send + Sync {
    /// Loads an HMAC secret, long enough for `algorithm`.
    ///
    /// # Errors
    /// [`Error::Backend`].
    fn mac_key(&self, secret: &[u8], algorithm: Algorithm) -> Result<MacKey, Error>;

    /// Loads a public key; refuses a point that is not on its curve, and RSA of another size than 2048 to 8192 bits.
    ///
    /// # Errors
    /// [`Error::InvalidKey`].
    fn verifying_key(&self, public: &PublicMaterial) -> Result<Box<dyn VerifyingKey>, Error>;

    /// Loads a private key; refuses one whose halves don't belong together.
    ///
    /// # Errors
    /// [`Error::InvalidKey`].
    fn signing_key(
        &self,
        public: &PublicMaterial,
        private: &PrivateMaterial,
    ) -> Result<Box<dyn SigningKey>, Error>;

    /// The public half that belongs to a private number or seed.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], or [`Error::Unsupported`] for a type that the backend does not know; RSA is none of these.
    fn derive_public(&self, key_type: KeyType, private: &[u8]) -> Result<PublicMaterial, Error>;

    /// Makes a key pair of any type but RSA and secrets.
    ///
    /// # Errors
    /// [`Error::Backend`], or [`Error::Unsupported`] for a type that the backend does not know.
    fn generate(&self, key_type: KeyType) -> Result<(PublicMaterial, PrivateMaterial), Error>;

    /// Makes an RSA key pair.
    ///
    /// # Errors
    /// [`Error::Backend`], or [`Error::Unsupported`].
    fn generate_rsa(&self, size: RsaSize) -> Result<(PublicMaterial, PrivateMaterial), Error>;

    /// The SHA-256 hash.
    fn sha256(&self, data: &[u8]) -> [u8; 32];

    /// The SHA-384 hash.
    fn sha384(&self, data: &[u8]) -> [u8; 48];

    /// The SHA-512 hash.
    fn sha512(&self, data: &[u8]) -> [u8; 64];

    /// Compares two byte strings in a time that depends on their lengths only.
    fn constant_time_eq(&self, a: &[u8], b: &[u8]) -> bool;

    /// Fills the buffer from a generator fit for keys.
    ///
    /// # Errors
    /// [`Error::Backend`]; what is in the buffer must then not be used.
    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error>;
}

/// A loaded HMAC key signs and verifies.
pub struct MacKey {
    /// Makes the MAC.
    pub signing: Box<dyn SigningKey>,
    /// Checks it.
    pub verifying: Box<dyn VerifyingKey>,
}
