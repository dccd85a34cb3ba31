//! A set of keys for signatures (RFC 7517 5), found by `kid` in the time of one lookup.

use std::sync::Arc;

use crate::error::Error;
use crate::jws::{Header, VerifiedHeaders};
use crate::key::Key;
use crate::named::{Named, read_jwks, write_public_jwks};

/// A set of keys. Cheap to clone.
///
/// Where a token names its key, the keys of that name are tried, and no other; a key that is alone in its set and has no name
/// is asked by itself, whatever the token says.
///
/// ```
/// use authmint_jose::{Algorithm, Key, KeySet};
///
/// let set = KeySet::new([Key::generate(Algorithm::ES256)?.with_kid("a"), Key::generate(Algorithm::EdDSA)?.with_kid("b")]);
/// let published = KeySet::from_jwks(&set.to_public_jwks())?;
/// assert_eq!(published.len(), 2);
/// assert!(published.iter().all(|key| !key.can_sign()));
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    keys: Named<Key>,
    verified: VerifiedHeaders,
}

impl KeySet {
    /// A set of these keys.
    pub fn new(keys: impl IntoIterator<Item = Key>) -> Self {
        let keys = Named::new(keys, Key::kid);
        Self { inner: Arc::new(Inner { keys, verified: VerifiedHeaders::default() }) }
    }

    /// Reads a JWK set that somebody publishes: public halves alone, also where private ones stand in it. Keys that are not understood, not for signatures, or too weak are left out (RFC 7517 5); so is a
    /// secret among asymmetric keys, since a list that holds public keys is handed around.
    ///
    /// # Errors
    /// When the text is no JWK set, or has more than 256 keys.
    pub fn from_jwks(json: &str) -> Result<Self, Error> {
        Ok(Self::new(read_jwks(json, false)?.iter().filter_map(|jwk| Key::new(jwk).ok())))
    }

    /// Reads a JWK set of one's own, private halves and all.
    ///
    /// # Errors
    /// As [`from_jwks`](Self::from_jwks).
    pub fn from_private_jwks(json: &str) -> Result<Self, Error> {
        Ok(Self::new(read_jwks(json, true)?.iter().filter_map(|jwk| Key::new(jwk).ok())))
    }

    /// The first key of that name.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.inner.keys.get(kid)
    }

    /// All keys.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.inner.keys.all().iter()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.keys.all().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.keys.all().is_empty()
    }

    /// The set as others may see it: public halves only, no symmetric key.
    #[must_use]
    pub fn to_public_jwks(&self) -> String {
        write_public_jwks(self.iter().map(Key::to_jwk))
    }

    pub(crate) fn verified_headers(&self) -> &VerifiedHeaders {
        &self.inner.verified
    }

    /// The keys that a token with this header may have been signed with; bounded.
    pub(crate) fn candidates(&self, header: &Header) -> Result<impl Iterator<Item = &Key>, Error> {
        let algorithm = header.algorithm();
        self.inner.keys.candidates(header.lookup_kid(), move |key| key.fits(algorithm))
    }
}

impl From<Key> for KeySet {
    fn from(key: Key) -> Self {
        Self::new([key])
    }
}
