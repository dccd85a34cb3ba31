//! What a JWS must be to be accepted, where the defaults are not enough.

use super::MAX_TOKEN_BYTES;
use crate::algorithm::{Algorithm, AlgorithmSet};

/// What a JWS may be. Build it once, use it often.
///
/// ```
/// use authmint_jose::{Algorithm, Key, JwsBuilder, JwsPolicy, KeySet};
///
/// let key = Key::generate(Algorithm::ES256)?;
/// let token = JwsBuilder::new().unencoded().detached().sign(&key, b"$.02")?;
///
/// let policy = JwsPolicy::new(&[Algorithm::ES256]).accept_unencoded();
/// let keys = KeySet::from(key);
/// assert!(keys.verify_detached_jws(&token, b"$.02", &policy).is_ok());
/// assert!(keys.verify_detached_jws(&token, b"$2.0", &policy).is_err());
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct JwsPolicy {
    pub(super) algorithms: AlgorithmSet,
    critical: Vec<String>,
    unencoded: bool,
    pub(super) any_signature: bool,
    pub(super) max_bytes: usize,
}

impl JwsPolicy {
    /// A policy for these algorithms.
    #[must_use]
    pub fn new(algorithms: &[Algorithm]) -> Self {
        Self {
            algorithms: AlgorithmSet::of(algorithms),
            critical: Vec::new(),
            unencoded: false,
            any_signature: false,
            max_bytes: MAX_TOKEN_BYTES,
        }
    }

    /// Accepts payloads that were signed as they are (RFC 7797). Such a payload is its own signing input, so it must not be
    /// possible to take it for the input of something else.
    #[must_use]
    pub fn accept_unencoded(self) -> Self {
        Self { unencoded: true, ..self }
    }

    /// Extensions that the caller itself understands and will act on (RFC 7515 4.1.11). Without this, a message with `crit`
    /// is refused.
    #[must_use]
    pub fn understand(mut self, names: &[&str]) -> Self {
        self.critical.extend(names.iter().filter(|name| **name != "b64").map(|name| (*name).to_owned()));
        self
    }

    /// One valid signature of several is enough; without this, each must be valid.
    #[must_use]
    pub fn any_signature(self) -> Self {
        Self { any_signature: true, ..self }
    }

    /// The longest message, in bytes; 64 KiB unless said.
    #[must_use]
    pub fn max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    pub(super) fn understood(&self) -> Understood<'_> {
        Understood { names: &self.critical, unencoded: self.unencoded }
    }
}

/// The extensions that are understood.
#[derive(Clone, Copy, Default)]
pub(super) struct Understood<'a> {
    names: &'a [String],
    unencoded: bool,
}

impl Understood<'_> {
    pub(super) fn includes(self, name: &str) -> bool {
        (self.unencoded && name == "b64") || self.names.iter().any(|known| known == name)
    }
}
