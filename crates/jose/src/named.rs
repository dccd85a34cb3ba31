//! Keys found by name: what sets of keys for signatures and for encryption share (RFC 7517 5).

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::json;
use crate::jwk::Jwk;

/// The most keys of a set.
const MAX_KEYS: usize = 256;
/// The longest text of a set.
const MAX_BYTES: usize = 1024 * 1024;
/// How many keys are tried where a message leaves a choice: each costs a private or public operation.
pub(crate) const MAX_TRIED: usize = 4;

/// Keys, and where each name is.
pub(crate) struct Named<K> {
    keys: Vec<K>,
    by_kid: HashMap<Box<str>, Vec<usize>>,
}

impl<K> Default for Named<K> {
    fn default() -> Self {
        Self { keys: Vec::new(), by_kid: HashMap::new() }
    }
}

impl<K: fmt::Debug> fmt::Debug for Named<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}

impl<K> Named<K> {
    pub(crate) fn new(keys: impl IntoIterator<Item = K>, kid: impl Fn(&K) -> Option<&str>) -> Self {
        let keys: Vec<K> = keys.into_iter().collect();
        let mut by_kid: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (index, key) in keys.iter().enumerate() {
            if let Some(kid) = kid(key) {
                by_kid.entry(kid.into()).or_default().push(index);
            }
        }
        Self { keys, by_kid }
    }

    pub(crate) fn all(&self) -> &[K] {
        &self.keys
    }

    pub(crate) fn get(&self, kid: &str) -> Option<&K> {
        self.by_kid.get(kid)?.first().and_then(|index| self.keys.get(*index))
    }

    /// The keys that a message may be for: those of its `kid`, or all, as far as they fit; bounded. A key that is alone and
    /// has no name is asked by itself: forms such as PEM know no names, and whoever made the message may have given it one.
    ///
    /// # Errors
    /// [`Error::UnknownKey`] when it names a key that is not here.
    pub(crate) fn candidates(
        &self,
        kid: Option<&str>,
        fits: impl Fn(&K) -> bool,
    ) -> Result<impl Iterator<Item = &K>, Error> {
        let alone = self.keys.len() == 1 && self.by_kid.is_empty();
        let named = match kid {
            Some(kid) if !alone => Some(self.by_kid.get(kid).ok_or(Error::UnknownKey)?.as_slice()),
            _ => None,
        };
        let count = named.map_or(self.keys.len(), <[usize]>::len);
        let key = move |at: usize| self.keys.get(named.map_or(Some(at), |named| named.get(at).copied())?);
        Ok((0..count).filter_map(key).filter(move |key| fits(key)).take(MAX_TRIED))
    }
}

/// Reads the keys of a JWK set; those that can't be read are left out (RFC 7517 5). So are secrets among asymmetric keys,
/// since a list that holds public keys is handed around. Private halves are for those who ask.
pub(crate) fn read_jwks(json: &str, private: bool) -> Result<Vec<Jwk>, Error> {
    #[derive(Deserialize)]
    struct Jwks<'a> {
        #[serde(borrow)]
        keys: Vec<&'a RawValue>,
    }
    if json.len() > MAX_BYTES {
        return Err(Error::TooLong("the JWK set"));
    }
    json::check("the JWK set", json)?;
    let jwks: Jwks<'_> = serde_json::from_str(json).map_err(|_| Error::Malformed {
        what: "the JWK set",
        expected: "an object with an array keys (RFC 7517 5)",
    })?;
    if jwks.keys.len() > MAX_KEYS {
        return Err(Error::TooLong("the JWK set"));
    }
    let mut keys: Vec<Jwk> = jwks.keys.into_iter().filter_map(|jwk| Jwk::from_json(jwk.get()).ok()).collect();
    if keys.iter().any(|key| !key.is_secret()) {
        keys.retain(|key| !key.is_secret());
    }
    if !private {
        for key in &mut keys {
            if let Ok(public) = key.public() {
                *key = public;
            }
        }
    }
    Ok(keys)
}

/// A JWK set of these keys as others may see it: public halves only, no secret.
pub(crate) fn write_public_jwks(keys: impl Iterator<Item = Jwk>) -> String {
    let keys: Vec<_> = keys.filter_map(|key| key.to_public_json().ok()).collect();
    format!("{{\"keys\":[{}]}}", keys.join(","))
}
