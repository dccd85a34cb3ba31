//! The kinds of key: `kty`, and the curve or parameter set (RFC 7518 6, RFC 8037 2, RFC 8812 3, ML-DSA for JOSE).

use crate::names::names;

/// What a key is made of: its `kty`, and the `crv` or parameter set. It decides what the key can ever be used for, so that
/// a public key is never an HMAC secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// A secret (`oct`).
    Secret,
    /// `RSA`.
    Rsa,
    /// `EC`: a point of a Weierstrass curve.
    Ec(Curve),
    /// `OKP`: a point of an Edwards or Montgomery curve.
    Okp(OkpCurve),
    /// `AKP` of ML-DSA.
    MlDsa(MlDsa),
}

impl KeyType {
    /// Bytes of the number or seed that a private key is; of the types that are made of one.
    pub(crate) const fn number_len(self) -> usize {
        match self {
            Self::Ec(curve) => curve.coordinate_len(),
            Self::Okp(curve) => curve.key_len(),
            Self::MlDsa(_) | Self::Rsa | Self::Secret => 32,
        }
    }
}

names! {
    /// The curves of `EC` keys (RFC 7518 6.2.1.1, RFC 8812 3.1).
    Curve {
        /// P-256, with ES256.
        P256 = "P-256",
        /// P-384, with ES384.
        P384 = "P-384",
        /// P-521, with ES512.
        P521 = "P-521",
        /// secp256k1, with ES256K.
        Secp256k1 = "secp256k1",
    }
}

impl Curve {
    /// Bytes of one coordinate (RFC 7518 6.2.1.2).
    #[must_use]
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

names! {
    /// The curves of `OKP` keys (RFC 8037 2).
    OkpCurve {
        /// Ed25519, for signatures.
        Ed25519 = "Ed25519",
        /// Ed448, for signatures.
        Ed448 = "Ed448",
        /// X25519, for key agreement.
        X25519 = "X25519",
        /// X448, for key agreement.
        X448 = "X448",
    }
}

impl OkpCurve {
    /// Bytes of a key, public and private alike.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Ed25519 | Self::X25519 => 32,
            Self::Ed448 => 57,
            Self::X448 => 56,
        }
    }
}

names! {
    /// The parameter sets of ML-DSA (FIPS 204).
    MlDsa {
        /// ML-DSA-44.
        MlDsa44 = "ML-DSA-44",
        /// ML-DSA-65.
        MlDsa65 = "ML-DSA-65",
        /// ML-DSA-87.
        MlDsa87 = "ML-DSA-87",
    }
}

impl MlDsa {
    /// Bytes of the public key.
    #[must_use]
    pub const fn public_len(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }
}
