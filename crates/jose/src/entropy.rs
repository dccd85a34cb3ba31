//! Randomness, handed in wherever something must not be guessed.

use std::fmt;

use zeroize::Zeroizing;

use crate::base64url;
use crate::error::Error;
use crate::secret::Secret;

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
