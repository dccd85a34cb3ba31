//! The algorithms of encryption (RFC 7518 4.1 and 5.1; draft-amringer-jose-chacha; draft-madden-jose-ecdh-1pu) as two tables.

use crate::crypto::{Aead, Hash, RsaPadding};
use crate::key_type::{Curve, KeyType, OkpCurve};
use crate::names::{algorithm_names, names};

names! {
    /// How the key of the content reaches the recipient: the `alg` of a JWE.
    KeyManagement {
        /// RSAES-PKCS1-v1_5. Only a key that was made for it does it: see `EncryptionKey::dangerously_for_rsa1_5`.
        Rsa1_5 = "RSA1_5",
        /// RSAES-OAEP with SHA-1, as every peer knows it.
        RsaOaep = "RSA-OAEP",
        /// RSAES-OAEP with SHA-256.
        RsaOaep256 = "RSA-OAEP-256",
        /// RSAES-OAEP with SHA-384.
        RsaOaep384 = "RSA-OAEP-384",
        /// RSAES-OAEP with SHA-512.
        RsaOaep512 = "RSA-OAEP-512",
        /// AES key wrap with 128 bits.
        A128Kw = "A128KW",
        /// AES key wrap with 192 bits.
        A192Kw = "A192KW",
        /// AES key wrap with 256 bits.
        A256Kw = "A256KW",
        /// The secret itself is the key of the content.
        Dir = "dir",
        /// The agreed secret gives the key of the content.
        EcdhEs = "ECDH-ES",
        /// The agreed secret gives a key that wraps, of 128 bits.
        EcdhEsA128Kw = "ECDH-ES+A128KW",
        /// The agreed secret gives a key that wraps, of 192 bits.
        EcdhEsA192Kw = "ECDH-ES+A192KW",
        /// The agreed secret gives a key that wraps, of 256 bits.
        EcdhEsA256Kw = "ECDH-ES+A256KW",
        /// AES-GCM as key wrap, with 128 bits.
        A128GcmKw = "A128GCMKW",
        /// AES-GCM as key wrap, with 192 bits.
        A192GcmKw = "A192GCMKW",
        /// AES-GCM as key wrap, with 256 bits.
        A256GcmKw = "A256GCMKW",
        /// A password gives a key that wraps, of 128 bits.
        Pbes2Hs256A128Kw = "PBES2-HS256+A128KW",
        /// A password gives a key that wraps, of 192 bits.
        Pbes2Hs384A192Kw = "PBES2-HS384+A192KW",
        /// A password gives a key that wraps, of 256 bits.
        Pbes2Hs512A256Kw = "PBES2-HS512+A256KW",
        /// Two agreed secrets, one by the sender's own key, give the key of the content.
        Ecdh1Pu = "ECDH-1PU",
        /// Two agreed secrets give a key that wraps, of 128 bits.
        Ecdh1PuA128Kw = "ECDH-1PU+A128KW",
        /// Two agreed secrets give a key that wraps, of 192 bits.
        Ecdh1PuA192Kw = "ECDH-1PU+A192KW",
        /// Two agreed secrets give a key that wraps, of 256 bits.
        Ecdh1PuA256Kw = "ECDH-1PU+A256KW",
    }
}
algorithm_names!(KeyManagement);

/// What an algorithm does to the key of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Encrypts it.
    Rsa(RsaPadding),
    /// Wraps it with a secret of so many bytes.
    Wrap(usize),
    /// Seals it with a secret of so many bytes.
    GcmWrap(Aead, usize),
    /// Is it.
    Direct,
    /// Agrees on it, or on a key of so many bytes that wraps it; perhaps with the sender's key too.
    Agree { sender: bool, wrap: Option<usize> },
    /// Wraps it with so many bytes that a password gives.
    Password(Hash, usize),
}

impl KeyManagement {
    pub(super) const fn method(self) -> Method {
        match self {
            Self::Rsa1_5 => Method::Rsa(RsaPadding::Pkcs1),
            Self::RsaOaep => Method::Rsa(RsaPadding::OaepSha1),
            Self::RsaOaep256 => Method::Rsa(RsaPadding::OaepSha256),
            Self::RsaOaep384 => Method::Rsa(RsaPadding::OaepSha384),
            Self::RsaOaep512 => Method::Rsa(RsaPadding::OaepSha512),
            Self::A128Kw => Method::Wrap(16),
            Self::A192Kw => Method::Wrap(24),
            Self::A256Kw => Method::Wrap(32),
            Self::Dir => Method::Direct,
            Self::EcdhEs => Method::Agree { sender: false, wrap: None },
            Self::EcdhEsA128Kw => Method::Agree { sender: false, wrap: Some(16) },
            Self::EcdhEsA192Kw => Method::Agree { sender: false, wrap: Some(24) },
            Self::EcdhEsA256Kw => Method::Agree { sender: false, wrap: Some(32) },
            Self::A128GcmKw => Method::GcmWrap(Aead::A128Gcm, 16),
            Self::A192GcmKw => Method::GcmWrap(Aead::A192Gcm, 24),
            Self::A256GcmKw => Method::GcmWrap(Aead::A256Gcm, 32),
            Self::Pbes2Hs256A128Kw => Method::Password(Hash::Sha256, 16),
            Self::Pbes2Hs384A192Kw => Method::Password(Hash::Sha384, 24),
            Self::Pbes2Hs512A256Kw => Method::Password(Hash::Sha512, 32),
            Self::Ecdh1Pu => Method::Agree { sender: true, wrap: None },
            Self::Ecdh1PuA128Kw => Method::Agree { sender: true, wrap: Some(16) },
            Self::Ecdh1PuA192Kw => Method::Agree { sender: true, wrap: Some(24) },
            Self::Ecdh1PuA256Kw => Method::Agree { sender: true, wrap: Some(32) },
        }
    }

    /// Whether a key of this type can be used with it.
    #[must_use]
    pub const fn fits(self, key_type: KeyType) -> bool {
        match self.method() {
            Method::Rsa(_) => matches!(key_type, KeyType::Rsa),
            Method::Agree { .. } => matches!(
                key_type,
                KeyType::Ec(Curve::P256 | Curve::P384 | Curve::P521)
                    | KeyType::Okp(OkpCurve::X25519 | OkpCurve::X448)
            ),
            Method::Wrap(_) | Method::GcmWrap(..) | Method::Direct | Method::Password(..) => {
                matches!(key_type, KeyType::Secret)
            }
        }
    }

    /// Whether the content's key is the recipient's own or the agreed one, so that nobody else can be a recipient too.
    pub(super) const fn is_direct(self) -> bool {
        matches!(self.method(), Method::Direct | Method::Agree { wrap: None, .. })
    }

    /// Whether its key is a password.
    pub(super) const fn takes_a_password(self) -> bool {
        matches!(self.method(), Method::Password(..))
    }

    /// Whether a message by it proves who sent it.
    pub(super) const fn proves_sender(self) -> bool {
        matches!(self.method(), Method::Agree { sender: true, .. })
    }

    /// Whether the content may be encrypted so. Where the sender's key counts and the content's key is wrapped, the tag must
    /// commit to that key, or one recipient could forge for another (draft-madden-jose-ecdh-1pu-04 2.1).
    pub(super) const fn allows(self, encryption: ContentEncryption) -> bool {
        !matches!(self.method(), Method::Agree { sender: true, wrap: Some(_) })
            || matches!(encryption.composition(), Composition::CbcHmac(_))
    }

    const fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// A set of algorithms in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyManagementSet(u32);

impl KeyManagementSet {
    pub(super) fn of(algorithms: &[KeyManagement]) -> Self {
        Self(algorithms.iter().fold(0, |set, algorithm| set | algorithm.bit()))
    }

    pub(super) const fn contains(self, algorithm: KeyManagement) -> bool {
        self.0 & algorithm.bit() != 0
    }

    /// The only member.
    pub(super) fn settled(self) -> Option<KeyManagement> {
        let mut members = KeyManagement::ALL.iter().copied().filter(|known| self.contains(*known));
        members.next().filter(|_| members.next().is_none())
    }
}

names! {
    /// How the content is encrypted: the `enc` of a JWE.
    ContentEncryption {
        /// AES-CBC with 128 bits and HMAC-SHA256.
        A128CbcHs256 = "A128CBC-HS256",
        /// AES-CBC with 192 bits and HMAC-SHA384.
        A192CbcHs384 = "A192CBC-HS384",
        /// AES-CBC with 256 bits and HMAC-SHA512.
        A256CbcHs512 = "A256CBC-HS512",
        /// AES-GCM with 128 bits.
        A128Gcm = "A128GCM",
        /// AES-GCM with 192 bits.
        A192Gcm = "A192GCM",
        /// AES-GCM with 256 bits.
        A256Gcm = "A256GCM",
        /// ChaCha20-Poly1305.
        C20P = "C20P",
        /// XChaCha20-Poly1305.
        XC20P = "XC20P",
    }
}
algorithm_names!(ContentEncryption);

/// How a content encryption is made of primitives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Composition {
    /// One primitive does it.
    Aead(Aead),
    /// AES-CBC, then HMAC with this hash, each with half of the key.
    CbcHmac(Hash),
}

impl ContentEncryption {
    pub(super) const fn composition(self) -> Composition {
        match self {
            Self::A128CbcHs256 => Composition::CbcHmac(Hash::Sha256),
            Self::A192CbcHs384 => Composition::CbcHmac(Hash::Sha384),
            Self::A256CbcHs512 => Composition::CbcHmac(Hash::Sha512),
            Self::A128Gcm => Composition::Aead(Aead::A128Gcm),
            Self::A192Gcm => Composition::Aead(Aead::A192Gcm),
            Self::A256Gcm => Composition::Aead(Aead::A256Gcm),
            Self::C20P => Composition::Aead(Aead::ChaCha20Poly1305),
            Self::XC20P => Composition::Aead(Aead::XChaCha20Poly1305),
        }
    }

    /// Bytes of the content's key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A128CbcHs256 | Self::A256Gcm | Self::C20P | Self::XC20P => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }

    /// Bytes of the initialization vector.
    pub(super) const fn iv_len(self) -> usize {
        match self.composition() {
            Composition::Aead(aead) => aead.nonce_len(),
            Composition::CbcHmac(_) => 16,
        }
    }

    /// Bytes of the authentication tag: half of the hash, or the AEAD's.
    pub(super) const fn tag_len(self) -> usize {
        match self {
            Self::A192CbcHs384 => 24,
            Self::A256CbcHs512 => 32,
            _ => crate::crypto::TAG_LEN,
        }
    }
}
