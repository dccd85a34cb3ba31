//! A set of keys for encryption (RFC 7517 5), found by `kid` in the time of one lookup.

use std::sync::Arc;

use super::key::EncryptionKey;
use crate::error::Error;
use crate::named::{Named, read_jwks, write_public_jwks};

/// A set of keys for encryption. Cheap to clone. Keys are found as in a [`KeySet`](crate::KeySet).
///
/// ```
/// use authmint_jose::{EncryptionKey, EncryptionKeySet, KeyManagement};
///
/// let set = EncryptionKeySet::new([EncryptionKey::generate(KeyManagement::EcdhEsA256Kw)?.with_kid("enc-1")]);
/// let published = EncryptionKeySet::from_jwks(&set.to_public_jwks())?;
/// assert!(!published.get("enc-1").unwrap().can_decrypt());
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EncryptionKeySet {
    keys: Arc<Named<EncryptionKey>>,
}

impl EncryptionKeySet {
    /// A set of these keys.
    pub fn new(keys: impl IntoIterator<Item = EncryptionKey>) -> Self {
        Self { keys: Arc::new(Named::new(keys, EncryptionKey::kid)) }
    }

    /// Reads a JWK set that somebody publishes: public halves alone, also where private ones stand in it. Keys that are not understood, or not for encryption, are left out (RFC 7517 5); so is a secret among
    /// asymmetric keys.
    ///
    /// # Errors
    /// When the text is no JWK set, or has more than 256 keys.
    pub fn from_jwks(json: &str) -> Result<Self, Error> {
        Ok(Self::new(read_jwks(json, false)?.iter().filter_map(|jwk| EncryptionKey::new(jwk).ok())))
    }

    /// Reads a JWK set of one's own, private halves and all.
    ///
    /// # Errors
    /// As [`from_jwks`](Self::from_jwks).
    pub fn from_private_jwks(json: &str) -> Result<Self, Error> {
        Ok(Self::new(read_jwks(json, true)?.iter().filter_map(|jwk| EncryptionKey::new(jwk).ok())))
    }

    /// The first key of that name.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&EncryptionKey> {
        self.keys.get(kid)
    }

    /// All keys.
    pub fn iter(&self) -> impl Iterator<Item = &EncryptionKey> {
        self.keys.all().iter()
    }

    /// The set as others may see it: public halves only, no secret.
    #[must_use]
    pub fn to_public_jwks(&self) -> String {
        write_public_jwks(self.iter().map(EncryptionKey::to_jwk))
    }

    pub(super) fn named(&self) -> &Named<EncryptionKey> {
        &self.keys
    }
}

impl From<EncryptionKey> for EncryptionKeySet {
    fn from(key: EncryptionKey) -> Self {
        Self::new([key])
    }
}
