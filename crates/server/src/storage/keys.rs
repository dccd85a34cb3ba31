//! Signing keys, sealed.

use authmint_jose::{Algorithm, Timestamp};
use serde::{Deserialize, Serialize};

use super::Answer;

/// A signing key at rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// `kid`: the key's thumbprint (RFC 7638).
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The private JWK, sealed by the operator's sealing key.
    pub sealed: String,
    /// When it begins to sign; until then it is published, so that every verifier knows it in time.
    pub active_from: Timestamp,
    /// When it is no longer published; `None` while it signs.
    pub published_until: Option<Timestamp>,
}

/// The version of the stored list of keys: changes with every change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeysVersion(pub u64);

/// Keeps the list of keys.
pub trait KeyStore {
    /// The list, in the order in which it was given, and its version. At first it is empty.
    fn keys(&self) -> Answer<'_, (KeysVersion, Vec<StoredKey>)>;

    /// Replaces the list if its version is still `expected`; `false`, and no change, when another was faster.
    fn replace_keys(&self, expected: KeysVersion, keys: Vec<StoredKey>) -> Answer<'_, bool>;
}
