//! A set of keys (RFC 7517 5), found by `kid` in the time of one lookup.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::json;
use crate::jws::VerifiedHeaders;
use crate::key::Key;

/// The most keys of a set.
const MAX_KEYS: usize = 256;
/// The longest text of a set.
const MAX_BYTES: usize = 1024 * 1024;
/// How many keys are tried where the token leaves a choice: each costs a signature check.
const MAX_TRIED: usize = 4;

/// A set of keys. Cheap to clone.
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
    keys: Vec<Key>,
    by_kid: HashMap<Box<str>, Vec<usize>>,
    verified: VerifiedHeaders,
}

impl KeySet {
    /// A set of these keys.
    pub fn new(keys: impl IntoIterator<Item = Key>) -> Self {
        let keys: Vec<Key> = keys.into_iter().collect();
        let mut by_kid: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (index, key) in keys.iter().enumerate() {
            if let Some(kid) = key.kid() {
                by_kid.entry(kid.into()).or_default().push(index);
            }
        }
        Self { inner: Arc::new(Inner { keys, by_kid, verified: VerifiedHeaders::default() }) }
    }

    /// Reads a JWK set. Keys that are not understood, not for signatures, or too weak are left out (RFC 7517 5); so is a
    /// secret among asymmetric keys, since a list that holds public keys is handed around.
    ///
    /// # Errors
    /// When the text is no JWK set, or has more than 256 keys.
    pub fn from_jwks(json: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Jwks<'a> {
            #[serde(borrow)]
            keys: Vec<&'a RawValue>,
        }
        if json.len() > MAX_BYTES {
            return Err(Error::TooLong("the JWK set"));
        }
        json::check("the JWK set", json.as_bytes())?;
        let jwks: Jwks<'_> = serde_json::from_str(json).map_err(|_| Error::Malformed {
            what: "the JWK set",
            expected: "an object with an array keys (RFC 7517 5)",
        })?;
        if jwks.keys.len() > MAX_KEYS {
            return Err(Error::TooLong("the JWK set"));
        }
        let mut keys: Vec<Key> =
            jwks.keys.into_iter().filter_map(|jwk| Key::from_jwk(jwk.get()).ok()).collect();
        if keys.iter().any(|key| !key.is_symmetric()) {
            keys.retain(|key| !key.is_symmetric());
        }
        Ok(Self::new(keys))
    }

    /// The first key of that name.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.named(kid).next()
    }

    /// All keys.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.inner.keys.iter()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.keys.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.keys.is_empty()
    }

    /// The set as others may see it: public halves only, no symmetric key.
    #[must_use]
    pub fn to_public_jwks(&self) -> String {
        let keys: Vec<_> = self.iter().filter_map(|key| key.public_jwk().ok()).collect();
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }

    pub(crate) fn verified_headers(&self) -> &VerifiedHeaders {
        &self.inner.verified
    }

    /// The keys that a token with this header may have been signed with; bounded.
    pub(crate) fn candidates(&self, header: &crate::Header) -> Result<impl Iterator<Item = &Key>, Error> {
        let fitting: Vec<&Key> = match header.kid.as_deref() {
            Some(kid) => {
                let mut named = self.named(kid).peekable();
                if named.peek().is_none() {
                    return Err(Error::UnknownKey);
                }
                named.filter(|key| key.fits(header.algorithm)).take(MAX_TRIED).collect()
            }
            None => self.iter().filter(|key| key.fits(header.algorithm)).take(MAX_TRIED).collect(),
        };
        if fitting.is_empty() {
            return Err(Error::KeyMismatch);
        }
        Ok(fitting.into_iter())
    }

    fn named(&self, kid: &str) -> impl Iterator<Item = &Key> {
        let indices = self.inner.by_kid.get(kid).map(Vec::as_slice).unwrap_or_default();
        indices.iter().filter_map(|index| self.inner.keys.get(*index))
    }
}
