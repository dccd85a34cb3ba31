//! The signature algorithms (RFC 7518 3.1, RFC 8037 3.1) as one table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;

/// What kind of key an algorithm takes: the family that keeps a public key from ever being an HMAC secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Hmac,
    Rsa,
    Ec(Curve),
    Ed25519,
}

/// The curves of ECDSA (RFC 7518 6.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// P-256, with ES256.
    P256,
    /// P-384, with ES384.
    P384,
    /// P-521, with ES512.
    P521,
}

impl Curve {
    pub(crate) const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Bytes of one coordinate (RFC 7518 6.2.1.2).
    pub(crate) fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(crate) fn algorithm(self) -> Algorithm {
        match self {
            Self::P256 => Algorithm::ES256,
            Self::P384 => Algorithm::ES384,
            Self::P521 => Algorithm::ES512,
        }
    }
}

macro_rules! algorithms {
    ($($(#[$doc:meta])* $name:ident, $family:expr;)*) => {
        /// A signature or MAC algorithm. There is no `none`.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Algorithm { $($(#[$doc])* $name,)* }

        impl Algorithm {
            /// Every algorithm.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The registered name.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$name => stringify!($name),)* } }

            pub(crate) const fn family(self) -> Family { match self { $(Self::$name => $family,)* } }
        }
    };
}

algorithms! {
    /// HMAC with SHA-256.
    HS256, Family::Hmac;
    /// HMAC with SHA-384.
    HS384, Family::Hmac;
    /// HMAC with SHA-512.
    HS512, Family::Hmac;
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256, Family::Rsa;
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384, Family::Rsa;
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512, Family::Rsa;
    /// RSASSA-PSS with SHA-256.
    PS256, Family::Rsa;
    /// RSASSA-PSS with SHA-384.
    PS384, Family::Rsa;
    /// RSASSA-PSS with SHA-512.
    PS512, Family::Rsa;
    /// ECDSA on P-256 with SHA-256.
    ES256, Family::Ec(Curve::P256);
    /// ECDSA on P-384 with SHA-384.
    ES384, Family::Ec(Curve::P384);
    /// ECDSA on P-521 with SHA-512.
    ES512, Family::Ec(Curve::P521);
    /// EdDSA with Ed25519.
    EdDSA, Family::Ed25519;
}

impl Algorithm {
    /// Whether signer and verifier share one secret.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self.family(), Family::Hmac)
    }

    /// The fewest bytes of an HMAC secret: the length of the hash (RFC 7518 3.2).
    pub(crate) fn min_secret_len(self) -> usize {
        match self {
            Self::HS512 => 64,
            Self::HS384 => 48,
            _ => 32,
        }
    }

    /// Its bit in an [`AlgorithmSet`].
    const fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name).ok_or(Error::AlgorithmNotAllowed)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A set of algorithms in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AlgorithmSet(u16);

impl AlgorithmSet {
    pub(crate) fn of(algorithms: &[Algorithm]) -> Self {
        Self(algorithms.iter().fold(0, |set, algorithm| set | algorithm.bit()))
    }

    pub(crate) fn of_family(family: Family) -> Self {
        let bits = Algorithm::ALL.iter().filter(|algorithm| algorithm.family() == family);
        Self(bits.fold(0, |set, algorithm| set | algorithm.bit()))
    }

    pub(crate) fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & algorithm.bit() != 0
    }

    /// The one algorithm of the set, if it has exactly one.
    pub(crate) fn only(self) -> Option<Algorithm> {
        let mut members = Algorithm::ALL.iter().copied().filter(|algorithm| self.contains(*algorithm));
        members.next().filter(|_| members.next().is_none())
    }
}
