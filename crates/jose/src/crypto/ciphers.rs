//! The primitives of encryption: authenticated ciphers, key wrapping, key agreement, RSA, and keys from passwords.

use std::fmt;
use std::num::NonZeroU32;

use zeroize::Zeroizing;

use super::{PrivateMaterial, PublicMaterial};
use crate::error::Error;

/// Bytes of the authentication tag of every [`Aead`].
pub const TAG_LEN: usize = 16;

/// A cipher that encrypts and authenticates in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Aead {
    /// AES-GCM with 128 bits.
    A128Gcm,
    /// AES-GCM with 192 bits.
    A192Gcm,
    /// AES-GCM with 256 bits.
    A256Gcm,
    /// ChaCha20-Poly1305 (RFC 8439).
    ChaCha20Poly1305,
    /// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha).
    XChaCha20Poly1305,
}

impl Aead {
    /// Bytes of the nonce.
    #[must_use]
    pub const fn nonce_len(self) -> usize {
        match self {
            Self::XChaCha20Poly1305 => 24,
            _ => 12,
        }
    }
}

/// A hash, where a primitive needs one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How RSA pads a key before it encrypts it (RFC 8017 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RsaPadding {
    /// RSAES-PKCS1-v1_5.
    Pkcs1,
    /// RSAES-OAEP with SHA-1 and MGF1 with SHA-1.
    OaepSha1,
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256.
    OaepSha256,
    /// RSAES-OAEP with SHA-384 and MGF1 with SHA-384.
    OaepSha384,
    /// RSAES-OAEP with SHA-512 and MGF1 with SHA-512.
    OaepSha512,
}

/// A public RSA key that encrypts keys.
pub trait RsaEncrypter: Send + Sync {
    /// Encrypts a key.
    ///
    /// # Errors
    /// [`Error::Backend`].
    fn encrypt(&self, padding: RsaPadding, key: &[u8]) -> Result<Vec<u8>, Error>;
}

/// A private RSA key that decrypts keys. Implement it for a key that never leaves its device.
pub trait RsaDecrypter: Send + Sync {
    /// Decrypts a key. For [`RsaPadding::Pkcs1`] the time it takes must not tell why it failed.
    ///
    /// # Errors
    /// [`Error::Decryption`], whatever went wrong.
    fn decrypt(&self, padding: RsaPadding, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error>;
}

/// A private key that agrees on secrets with others (Diffie-Hellman). Implement it for a key that never leaves its device.
pub trait Agreement: Send + Sync {
    /// The shared secret with the holder of `peer`: the x coordinate of the common point.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] for a point that is not on the curve, the identity, or a shared secret of zeros.
    fn agree(&self, peer: &PublicMaterial) -> Result<Zeroizing<Vec<u8>>, Error>;
}

/// The primitives of encryption. Lengths of keys and nonces are the caller's to get right; a wrong one is an error.
pub trait Ciphers: fmt::Debug + Send + Sync {
    /// Encrypts in place and returns the tag.
    ///
    /// # Errors
    /// [`Error::Backend`].
    fn seal(
        &self,
        aead: Aead,
        key: &[u8],
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG_LEN], Error>;

    /// Decrypts what is authentic.
    ///
    /// # Errors
    /// [`Error::Decryption`], whatever went wrong.
    fn open(
        &self,
        aead: Aead,
        key: &[u8],
        nonce: &[u8],
        aad: &[u8],
        data: &[u8],
        tag: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// Encrypts by AES-CBC with the padding of PKCS#7. It authenticates nothing.
    ///
    /// # Errors
    /// [`Error::Backend`].
    fn encrypt_cbc(&self, key: &[u8], iv: [u8; 16], plaintext: &[u8]) -> Result<Vec<u8>, Error>;

    /// Decrypts AES-CBC with the padding of PKCS#7. What it is given must have been authenticated.
    ///
    /// # Errors
    /// [`Error::Decryption`].
    fn decrypt_cbc(&self, key: &[u8], iv: [u8; 16], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// Wraps a key by AES (RFC 3394).
    ///
    /// # Errors
    /// [`Error::Backend`].
    fn wrap(&self, kek: &[u8], key: &[u8]) -> Result<Vec<u8>, Error>;

    /// Unwraps a key by AES (RFC 3394).
    ///
    /// # Errors
    /// [`Error::Decryption`], whatever went wrong.
    fn unwrap(&self, kek: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// HMAC of the parts, one after another; of the hash's full length.
    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>>;

    /// Derives a key from a password (RFC 8018 5.2) and fills `key` with it.
    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], iterations: NonZeroU32, key: &mut [u8]);

    /// Loads a public RSA key.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], or [`Error::KeyMismatch`] for another type.
    fn rsa_encrypter(&self, public: &PublicMaterial) -> Result<Box<dyn RsaEncrypter>, Error>;

    /// Loads a private RSA key.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], or [`Error::KeyMismatch`] for another type.
    fn rsa_decrypter(
        &self,
        public: &PublicMaterial,
        private: &PrivateMaterial,
    ) -> Result<Box<dyn RsaDecrypter>, Error>;

    /// Loads a private key of an elliptic curve; refuses one whose halves don't belong together.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], [`Error::KeyMismatch`] for another type, [`Error::Unsupported`] for a curve the backend does
    /// not know.
    fn agreement(
        &self,
        public: &PublicMaterial,
        private: &PrivateMaterial,
    ) -> Result<Box<dyn Agreement>, Error>;

    /// Makes a key pair of the peer's curve for one agreement, and agrees.
    ///
    /// # Errors
    /// As [`Agreement::agree`].
    fn agree_ephemeral(&self, peer: &PublicMaterial) -> Result<(PublicMaterial, Zeroizing<Vec<u8>>), Error>;
}
