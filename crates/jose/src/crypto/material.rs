//! What keys are made of: big-endian numbers, as in a JWK (RFC 7518 6, RFC 8037 2).

use zeroize::Zeroizing;

use crate::error::Error;
use crate::key_type::{Curve, KeyType, MlDsa, OkpCurve};

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

impl PrivateMaterial {
    /// The private half that is one number or seed.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] for types that are made of more.
    pub(crate) fn of_number(key_type: KeyType, number: Zeroizing<Vec<u8>>) -> Result<Self, Error> {
        match key_type {
            KeyType::Ec(_) => Ok(Self::Ec { d: number }),
            KeyType::Okp(_) => Ok(Self::Okp { d: number }),
            KeyType::MlDsa(_) => Ok(Self::MlDsa { seed: number }),
            KeyType::Rsa | KeyType::Secret => Err(Error::KeyMismatch),
        }
    }
}
