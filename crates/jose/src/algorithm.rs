//! The signature algorithms (RFC 7518 3.1, RFC 8037 3.1, RFC 8812, RFC 9864) as one table.

use crate::key_type::{Curve, KeyType, MlDsa, OkpCurve};
use crate::names::{algorithm_names, names};

names! {
    /// A signature or MAC algorithm. There is no `none`.
    Algorithm {
        /// HMAC with SHA-256.
        HS256 = "HS256",
        /// HMAC with SHA-384.
        HS384 = "HS384",
        /// HMAC with SHA-512.
        HS512 = "HS512",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        RS256 = "RS256",
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        RS384 = "RS384",
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        RS512 = "RS512",
        /// RSASSA-PSS with SHA-256.
        PS256 = "PS256",
        /// RSASSA-PSS with SHA-384.
        PS384 = "PS384",
        /// RSASSA-PSS with SHA-512.
        PS512 = "PS512",
        /// ECDSA on P-256 with SHA-256.
        ES256 = "ES256",
        /// ECDSA on P-384 with SHA-384.
        ES384 = "ES384",
        /// ECDSA on P-521 with SHA-512.
        ES512 = "ES512",
        /// ECDSA on secp256k1 with SHA-256 (RFC 8812).
        ES256K = "ES256K",
        /// EdDSA with Ed25519 or Ed448, whichever the key is (RFC 8037).
        EdDSA = "EdDSA",
        /// EdDSA with Ed25519, by its fully specified name (RFC 9864).
        Ed25519 = "Ed25519",
        /// EdDSA with Ed448, by its fully specified name (RFC 9864).
        Ed448 = "Ed448",
        /// ML-DSA-44.
        MlDsa44 = "ML-DSA-44",
        /// ML-DSA-65.
        MlDsa65 = "ML-DSA-65",
        /// ML-DSA-87.
        MlDsa87 = "ML-DSA-87",
    }
}
algorithm_names!(Algorithm);

impl Algorithm {
    /// The signatures that programs of this field commonly have keys for, those to prefer first: none has a shared secret, and
    /// each is of RFC 7518, RFC 8037 or RFC 9864.
    pub const COMMON_SIGNATURES: &[Self] = &[
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
        Self::Ed25519,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::RS256,
        Self::RS384,
        Self::RS512,
    ];

    /// Whether signer and verifier share one secret.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }

    /// Whether a key of this type can be used with it.
    #[must_use]
    pub fn fits(self, key_type: KeyType) -> bool {
        match key_type {
            KeyType::Secret => self.is_symmetric(),
            KeyType::Rsa => matches!(
                self,
                Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512
            ),
            KeyType::Okp(OkpCurve::Ed25519) => matches!(self, Self::EdDSA | Self::Ed25519),
            KeyType::Okp(OkpCurve::Ed448) => matches!(self, Self::EdDSA | Self::Ed448),
            KeyType::Okp(OkpCurve::X25519 | OkpCurve::X448) => false,
            KeyType::Ec(_) | KeyType::MlDsa(_) => self.key_type() == key_type,
        }
    }

    /// The type of key that is made for it.
    #[must_use]
    pub const fn key_type(self) -> KeyType {
        match self {
            Self::HS256 | Self::HS384 | Self::HS512 => KeyType::Secret,
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => KeyType::Rsa,
            Self::ES256 => KeyType::Ec(Curve::P256),
            Self::ES384 => KeyType::Ec(Curve::P384),
            Self::ES512 => KeyType::Ec(Curve::P521),
            Self::ES256K => KeyType::Ec(Curve::Secp256k1),
            Self::EdDSA | Self::Ed25519 => KeyType::Okp(OkpCurve::Ed25519),
            Self::Ed448 => KeyType::Okp(OkpCurve::Ed448),
            Self::MlDsa44 => KeyType::MlDsa(MlDsa::MlDsa44),
            Self::MlDsa65 => KeyType::MlDsa(MlDsa::MlDsa65),
            Self::MlDsa87 => KeyType::MlDsa(MlDsa::MlDsa87),
        }
    }

    /// The fewest bytes of an HMAC secret: the length of the hash (RFC 7518 3.2).
    pub(crate) fn min_secret_len(self) -> usize {
        match self {
            Self::HS512 => 64,
            Self::HS384 => 48,
            _ => 32,
        }
    }

    /// Room for one encoded signature; RSA keys have up to 8192 bits.
    pub(crate) fn signature_room(self) -> usize {
        match self.key_type() {
            KeyType::Rsa => 1400,
            KeyType::MlDsa(_) => 6200,
            _ => 180,
        }
    }

    /// Its bit in an [`AlgorithmSet`].
    const fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// A set of algorithms in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AlgorithmSet(u32);

impl AlgorithmSet {
    pub(crate) fn of(algorithms: &[Algorithm]) -> Self {
        Self(algorithms.iter().fold(0, |set, algorithm| set | algorithm.bit()))
    }

    pub(crate) fn fitting(key_type: KeyType) -> Self {
        let bits = Algorithm::ALL.iter().filter(|algorithm| algorithm.fits(key_type));
        Self(bits.fold(0, |set, algorithm| set | algorithm.bit()))
    }

    pub(crate) fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & algorithm.bit() != 0
    }

    /// The set of this one alone, if it is a member.
    pub(crate) fn only(self, algorithm: Algorithm) -> Option<Self> {
        self.contains(algorithm).then_some(Self(algorithm.bit()))
    }

    /// The algorithm to sign with, where there is no doubt: the only one of the set, or `EdDSA`, which every peer knows
    /// and which means the same as the newer name beside it.
    pub(crate) fn settled(self) -> Option<Algorithm> {
        if self.contains(Algorithm::EdDSA) {
            return Some(Algorithm::EdDSA);
        }
        let mut members = self.iter();
        members.next().filter(|_| members.next().is_none())
    }

    fn iter(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.iter().copied().filter(move |algorithm| self.contains(*algorithm))
    }
}
