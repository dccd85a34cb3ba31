//! The server's keys, sealed.

use std::fmt;

use authmint_jose::{Algorithm, KeyManagement, Timestamp};
use serde::{Deserialize, Serialize};

use super::Answer;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyPurpose {
    /// It signs.
    Sign(Algorithm),
    /// Others encrypt to it.
    Decrypt(KeyManagement),
}

impl fmt::Display for KeyPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sign(algorithm) => algorithm.fmt(f),
            Self::Decrypt(algorithm) => algorithm.fmt(f),
        }
    }
}

/// A key at rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// `kid`: the key's thumbprint (RFC 7638).
    pub kid: String,
    /// What it is for, and with which algorithm.
    #[serde(rename = "algorithm")]
    pub purpose: KeyPurpose,
    /// The private JWK, sealed by the operator's sealing key.
    pub sealed: String,
    /// When it begins to be used; until then it is published, so that every verifier knows it in time.
    pub active_from: Timestamp,
    /// When it is no longer published; `None` while it is used.
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
