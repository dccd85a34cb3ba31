//! Randomness, handed in wherever something must not be guessed.

use std::fmt;

use zeroize::Zeroizing;

use crate::base64url;
use crate::error::Error;
use crate::secret::Secret;
use crate::time::Clock;

/// A source of random bytes fit for keys.
pub trait Entropy: fmt::Debug + Send + Sync {
    /// Fills the buffer.
    ///
    /// # Errors
    /// [`Error::Backend`]; what is in the buffer must then not be used.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), Error>;
}

/// The random generator of the cryptography backend, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), Error> {
        crate::crypto::fill_random(buffer)
    }
}

/// A token of 256 random bits: 43 characters of base64url.
///
/// # Errors
/// When the source fails.
pub fn random_token(entropy: &dyn Entropy) -> Result<Secret, Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(bytes.as_mut())?;
    Ok(Secret::new(base64url::encode(bytes.as_ref())))
}

/// Bytes of the time before a [`timed_token`].
pub const TIMED_TOKEN_PREFIX: usize = 6;

/// A token of 256 random bits behind the milliseconds of its making: 51 characters of base64url.
///
/// What is kept under such tokens in the order of their names lies together when it was made together. When a token was made
/// is no secret to who holds it.
///
/// # Errors
/// When the source fails.
pub fn timed_token(entropy: &dyn Entropy, clock: &dyn Clock) -> Result<Secret, Error> {
    let [_, _, time @ ..] = clock.now_in_millis().to_be_bytes();
    let mut bytes = Zeroizing::new([0; TIMED_TOKEN_PREFIX + 32]);
    entropy.fill(bytes.as_mut())?;
    if let Some(prefix) = bytes.first_chunk_mut() {
        *prefix = time;
    }
    Ok(Secret::new(base64url::encode(bytes.as_ref())))
}

/// The time before a [`timed_token`], big-endian; `None` for other texts. Anyone can write one.
#[must_use]
pub fn timed_token_prefix(token: &str) -> Option<[u8; TIMED_TOKEN_PREFIX]> {
    if token.len() != 51 {
        return None;
    }
    base64url::decode(token.get(..8)?).ok()?.try_into().ok()
}
