//! The seam between JOSE and the primitives.
//!
//! A [`Backend`] turns key material into keys that are ready to use, and does the few other things JOSE needs. It is
//! handed in where a key is made ([`Key::from_jwk_with`](crate::Key::from_jwk_with)); nothing is installed globally, and
//! two backends can work side by side. [`AwsLc`] is the one that everything else uses.

mod aws_lc;

use std::fmt;

use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Curve, KeyType, MlDsa, OkpCurve};
use crate::error::Error;

pub use aws_lc::AwsLc;

/// The public half of an asymmetric key: big-endian numbers, as in a JWK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicMaterial {
    /// RSA (RFC 7518 6.3.1), without leading zeros.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// An elliptic curve point (RFC 7518 6.2.1); both coordinates have the curve's full length.
    Ec {
        /// The curve.
        curve: Curve,
        /// The x coordinate.
        x: Vec<u8>,
        /// The y coordinate.
        y: Vec<u8>,
    },
    /// A point of an Edwards or Montgomery curve (RFC 8037 2), of the curve's length.
    Okp {
        /// The curve.
        curve: OkpCurve,
        /// The public key.
        x: Vec<u8>,
    },
    /// ML-DSA (FIPS 204), of the parameter set's length.
    MlDsa {
        /// The parameter set.
        set: MlDsa,
        /// The public key.
        public: Vec<u8>,
    },
}

impl PublicMaterial {
    /// What the key is made of.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Ec { curve, .. } => KeyType::Ec(*curve),
            Self::Okp { curve, .. } => KeyType::Okp(*curve),
            Self::MlDsa { set, .. } => KeyType::MlDsa(*set),
        }
    }
}

/// The private half; wiped when dropped.
#[derive(Clone)]
pub enum PrivateMaterial {
    /// RSA with two primes (RFC 7518 6.3.2).
    Rsa {
        /// The private exponent.
        d: Zeroizing<Vec<u8>>,
        /// The first prime.
        p: Zeroizing<Vec<u8>>,
        /// The second prime.
        q: Zeroizing<Vec<u8>>,
        /// `d mod (p - 1)`.
        dp: Zeroizing<Vec<u8>>,
        /// `d mod (q - 1)`.
        dq: Zeroizing<Vec<u8>>,
        /// `q^-1 mod p`.
        qi: Zeroizing<Vec<u8>>,
    },
    /// The number of an elliptic curve key (RFC 7518 6.2.2).
    Ec {
        /// The number.
        d: Zeroizing<Vec<u8>>,
    },
    /// The number, or the seed, of an Edwards or Montgomery curve key (RFC 8037 2).
    Okp {
        /// The number or seed.
        d: Zeroizing<Vec<u8>>,
    },
    /// The seed of an ML-DSA key (FIPS 204, 6.1): 32 bytes.
    MlDsa {
        /// The seed.
        seed: Zeroizing<Vec<u8>>,
    },
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

/// The primitives.
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

    /// Makes a key pair. RSA keys have 2048 bits.
    ///
    /// # Errors
    /// [`Error::Backend`], or [`Error::Unsupported`] for a type that the backend does not know.
    fn generate(&self, key_type: KeyType) -> Result<(PublicMaterial, PrivateMaterial), Error>;
}

/// A loaded HMAC key signs and verifies.
pub struct MacKey {
    /// Makes the MAC.
    pub signing: Box<dyn SigningKey>,
    /// Checks it.
    pub verifying: Box<dyn VerifyingKey>,
}

/// The SHA-256 hash.
#[must_use]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    aws_lc::sha256(data)
}

pub(crate) use aws_lc::{fill_random, hkdf_sha256, hmac_sha256, open_a256gcm, seal_a256gcm};
