//! What an encrypted message must be to be accepted. The caller says it; nothing is taken from the message.

use super::MAX_BYTES;
use super::algorithm::{ContentEncryption, KeyManagement, KeyManagementSet};
use super::header::JweHeader;
use super::key::EncryptionKey;
use crate::error::Error;

/// The fewest iterations that are accepted of a key from a password (RFC 7518 4.8.1.2).
const MIN_ITERATIONS: u32 = 1_000;
/// The most iterations, unless a policy says more: half a second or so.
const MAX_ITERATIONS: u32 = 1_000_000;

/// A policy: build it once, use it often.
///
/// ```
/// use authmint_jose::{ContentEncryption, EncryptionKey, Jwk, JwePolicy, KeyManagement, KeyType, OkpCurve};
///
/// let jwk = Jwk::generate(KeyType::Okp(OkpCurve::X25519))?.with_alg("ECDH-ES+A128KW")?;
/// let key = EncryptionKey::new(&jwk)?;
/// let message = key.public()?.encrypt_jwe(b"for one pair of eyes", ContentEncryption::A128Gcm)?;
///
/// let policy = JwePolicy::new(&[KeyManagement::EcdhEsA128Kw], &[ContentEncryption::A128Gcm]);
/// assert_eq!(*key.decrypt_jwe(&message, &policy)?.plaintext, b"for one pair of eyes");
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct JwePolicy {
    algorithms: KeyManagementSet,
    encryptions: Vec<ContentEncryption>,
    critical: Vec<String>,
    typ: Option<String>,
    sender: Option<EncryptionKey>,
    max_iterations: u32,
    pub(super) max_plaintext: usize,
    pub(super) max_bytes: usize,
    pub(super) nested_needs_content_type: bool,
}

impl JwePolicy {
    /// A policy for these algorithms.
    #[must_use]
    pub fn new(algorithms: &[KeyManagement], encryptions: &[ContentEncryption]) -> Self {
        Self {
            algorithms: KeyManagementSet::of(algorithms),
            encryptions: encryptions.to_vec(),
            critical: Vec::new(),
            typ: None,
            sender: None,
            max_iterations: MAX_ITERATIONS,
            max_plaintext: MAX_BYTES,
            max_bytes: MAX_BYTES,
            nested_needs_content_type: true,
        }
    }

    /// The `typ` that the protected header must have.
    #[must_use]
    pub fn typ(self, typ: &str) -> Self {
        Self { typ: Some(typ.to_owned()), ..self }
    }

    /// The sender's public key: ECDH-1PU proves that the message is from its holder, and other algorithms are refused.
    #[must_use]
    pub fn sender(self, key: &EncryptionKey) -> Self {
        Self { sender: Some(key.clone()), ..self }
    }

    /// Extensions that the caller itself understands and will act on (RFC 7516 4.1.13). Without this, a message with `crit`
    /// is refused.
    #[must_use]
    pub fn understand(mut self, names: &[&str]) -> Self {
        self.critical.extend(names.iter().map(|name| (*name).to_owned()));
        self
    }

    /// The most iterations of a key from a password; 1,000,000 unless said. Whoever sends a message chooses their number, and
    /// so how long the recipient computes.
    #[must_use]
    pub fn max_iterations(self, most: u32) -> Self {
        Self { max_iterations: most, ..self }
    }

    /// The longest plaintext that a compressed message may inflate to, in bytes; 256 KiB unless said.
    #[must_use]
    pub fn max_plaintext(self, bytes: usize) -> Self {
        Self { max_plaintext: bytes, ..self }
    }

    /// The longest message, in bytes; 256 KiB unless said.
    #[must_use]
    pub fn max_bytes(self, bytes: usize) -> Self {
        Self { max_bytes: bytes, ..self }
    }

    /// Accepts a nested JWT whose header does not say `cty: JWT`, as RFC 7519 5.2 demands and some senders forget.
    #[must_use]
    pub fn accept_nested_without_content_type(self) -> Self {
        Self { nested_needs_content_type: false, ..self }
    }

    pub(super) fn understood(&self) -> &[String] {
        &self.critical
    }

    /// What can be said before anything is decrypted.
    pub(super) fn check(&self, header: &JweHeader) -> Result<(), Error> {
        let (algorithm, encryption) = (header.algorithm(), header.encryption());
        let named = self.algorithms.contains(algorithm) && self.encryptions.contains(&encryption);
        let proven = self.sender.is_none() || algorithm.proves_sender();
        if !named || !proven || !algorithm.allows(encryption) {
            return Err(Error::AlgorithmNotAllowed);
        }
        let typ = header.typ().filter(|_| header.is_protected("typ"));
        if self.typ.as_deref().is_some_and(|expected| !crate::policy::same_type(typ, expected)) {
            return Err(Error::WrongType);
        }
        Ok(())
    }

    pub(super) fn check_iterations(&self, iterations: u32) -> Result<(), Error> {
        if (MIN_ITERATIONS..=self.max_iterations).contains(&iterations) {
            return Ok(());
        }
        Err(Error::OutOfBounds("the number of iterations (p2c)"))
    }

    pub(super) fn sender_key(&self) -> Result<&EncryptionKey, Error> {
        self.sender.as_ref().ok_or(Error::PolicyIncomplete("the sender, which ECDH-1PU proves"))
    }
}
