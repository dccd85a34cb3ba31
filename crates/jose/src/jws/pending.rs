//! Signatures that are made elsewhere: a device or a service signs without giving up the key, and takes its time.

use std::fmt;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::Error;
use crate::key::Key;

/// A JWS that lacks its signature. Whoever holds the key signs [`input`](Self::input); nothing here waits.
///
/// ```
/// # fn kms_sign(input: &[u8], key: &authmint_jose::Key) -> Vec<u8> {
/// #     let token = key.sign_jws(b"x").unwrap(); let _ = (token, input); vec![0; 64]
/// # }
/// use authmint_jose::{Algorithm, JwsBuilder, Key};
///
/// let held_elsewhere = Key::generate(Algorithm::ES256)?;
/// let public = held_elsewhere.public()?;
///
/// let pending = JwsBuilder::new().typ("JWT").begin(&public, br#"{"sub":"user-17"}"#)?;
/// let signature = kms_sign(pending.input(), &held_elsewhere); // may as well be awaited
/// // What comes back is verified: a broken device is noticed here and not by everyone who receives the token.
/// assert!(pending.finish(&signature).is_err());
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone)]
pub struct PendingJws {
    key: Key,
    algorithm: Algorithm,
    header: String,
    input: Vec<u8>,
    detached: bool,
}

impl PendingJws {
    pub(super) fn new(
        key: Key,
        algorithm: Algorithm,
        header: String,
        input: Vec<u8>,
        detached: bool,
    ) -> Self {
        Self { key, algorithm, header, input, detached }
    }

    /// What is to be signed.
    #[must_use]
    pub fn input(&self) -> &[u8] {
        &self.input
    }

    /// The algorithm to sign it with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The token, with its signature: raw `R || S` for ECDSA (RFC 7518 3.4).
    ///
    /// # Errors
    /// [`Error::BadSignature`] when it is not a signature by the key.
    pub fn finish(self, signature: &[u8]) -> Result<String, Error> {
        self.key.verify(self.algorithm, &self.input, signature)?;
        Ok(self.join(signature))
    }

    /// The compact form. The input is text, but for a payload that is unencoded and so detached.
    pub(super) fn join(&self, signature: &[u8]) -> String {
        let signature = base64url::encode(signature);
        let payload = self.input.get(self.header.len().saturating_add(1)..).unwrap_or_default();
        let payload = if self.detached { "" } else { std::str::from_utf8(payload).unwrap_or_default() };
        format!("{}.{payload}.{signature}", self.header)
    }
}

impl fmt::Debug for PendingJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingJws").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
