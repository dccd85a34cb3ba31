//! The kinds of key, and the signature algorithms (RFC 7518 3.1, RFC 8037 3.1, RFC 8812, RFC 9864) as one table.

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

/// A closed list of names.
macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $type { $($(#[$variant_doc])* $variant,)* }

        impl $type {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The registered name.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }

            pub(crate) fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == name)
            }
        }
    };
}

/// A name of a list that is read from a message or a setting, and written into one.
macro_rules! algorithm_names {
    ($type:ident) => {
        impl std::str::FromStr for $type {
            type Err = $crate::Error;

            fn from_str(name: &str) -> Result<Self, $crate::Error> {
                Self::named(name).ok_or($crate::Error::AlgorithmNotAllowed)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <String as serde::Deserialize>::deserialize(deserializer)?;
                name.parse().map_err(serde::de::Error::custom)
            }
        }
    };
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

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
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
