//! Decryption by a key that is held elsewhere: a device or a service does the one step that takes it, in its own time.

use std::fmt;

use zeroize::Zeroizing;

use super::decrypt::{Jwe, open};
use super::key::{EncryptionKey, check_point};
use super::message::Message;
use super::policy::JwePolicy;
use super::recipient::{Step, recover_agreed, recover_rsa, step};
use crate::crypto::RsaPadding;
use crate::error::Error;
use crate::jwk::{Jwk, Material};
use crate::key_type::KeyType;

/// A message that waits for the private key. Nothing here waits with it.
///
/// ```
/// use authmint_jose::{ContentEncryption, EncryptionKey, JwePolicy, KeyManagement, RemoteStep};
/// # use authmint_jose::Error;
/// # fn kms_decrypt(_: &[u8]) -> Vec<u8> { Vec::new() }
///
/// let held_elsewhere = EncryptionKey::generate(KeyManagement::RsaOaep256)?;
/// let public = held_elsewhere.public()?;
/// let message = public.encrypt_jwe(b"hello", ContentEncryption::A256Gcm)?;
///
/// let policy = JwePolicy::new(&[KeyManagement::RsaOaep256], &[ContentEncryption::A256Gcm]);
/// let pending = public.begin_decrypt(&message, policy)?;
/// let secret = match pending.step() {
///     RemoteStep::Decrypt { encrypted_key, .. } => kms_decrypt(encrypted_key), // may as well be awaited
///     _ => unreachable!("RSA agrees with nobody"),
/// };
/// assert_eq!(pending.finish(Ok(secret.into())), Err(Error::Decryption));
/// # Ok::<(), Error>(())
/// ```
pub struct PendingJwe {
    key: EncryptionKey,
    message: Message,
    policy: JwePolicy,
    step: Step,
    peers: Vec<Jwk>,
}

/// What the private key is to do.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RemoteStep<'a> {
    /// Decrypt this.
    Decrypt {
        /// How it is padded.
        padding: RsaPadding,
        /// The encrypted key of the content.
        encrypted_key: &'a [u8],
    },
    /// Agree with each of these, and put the shared secrets one after another.
    Agree {
        /// The ephemeral key, and for ECDH-1PU the sender's.
        peers: &'a [Jwk],
    },
}

impl EncryptionKey {
    /// Begins to decrypt a message of the compact form; `self` is the public half.
    ///
    /// # Errors
    /// As [`decrypt_jwe`](Self::decrypt_jwe); [`Error::KeyMismatch`] for an algorithm that takes a secret.
    pub fn begin_decrypt(&self, message: &str, policy: JwePolicy) -> Result<PendingJwe, Error> {
        let message = Message::compact(message, &policy)?;
        let recipient = message.recipients.first().ok_or(Error::Decryption)?;
        let header = &recipient.header;
        if !self.is_for(header.algorithm()) {
            return Err(Error::KeyMismatch);
        }
        let step = step(self, header, &recipient.encrypted_key, &policy)?;
        let peers = match &step {
            Step::Known(_) => return Err(Error::KeyMismatch),
            Step::Rsa(_) => Vec::new(),
            Step::Agree { peers, .. } => {
                if peers.iter().any(|peer| peer.key_type() != self.material().key_type()) {
                    return Err(Error::KeyMismatch);
                }
                // The device may not look.
                for peer in peers {
                    check_point(peer, self.ciphers())?;
                }
                peers.iter().cloned().map(|peer| Material::Public(peer).into()).collect()
            }
        };
        Ok(PendingJwe { key: self.clone(), message, policy, step, peers })
    }
}

impl PendingJwe {
    /// What the private key is to do.
    #[must_use]
    pub fn step(&self) -> RemoteStep<'_> {
        match &self.step {
            Step::Rsa(padding) => RemoteStep::Decrypt {
                padding: *padding,
                encrypted_key: self.message.recipients.first().map_or(&[], |known| &known.encrypted_key),
            },
            _ => RemoteStep::Agree { peers: &self.peers },
        }
    }

    /// Decrypts with what the private key gave; its failure is handed in too, so that RSA1_5 can hide it.
    ///
    /// # Errors
    /// [`Error::Decryption`].
    pub fn finish(self, secret: Result<Zeroizing<Vec<u8>>, Error>) -> Result<Jwe, Error> {
        let recipient = self.message.recipients.first().ok_or(Error::Decryption)?;
        let header = &recipient.header;
        let content_key = match &self.step {
            Step::Rsa(padding) => recover_rsa(*padding, header.encryption(), secret)?,
            Step::Agree { wrap, .. } => {
                let (ciphers, tag, secret) = (self.key.ciphers(), &self.message.sealed.tag, secret?);
                check_agreed(&secret, self.peers.len(), self.key.material().key_type())?;
                recover_agreed(header, ciphers, &secret, *wrap, &recipient.encrypted_key, tag)?
            }
            Step::Known(_) => return Err(Error::KeyMismatch),
        };
        open(&self.message, recipient, &content_key, &self.key, &self.policy)
    }
}

/// As many secrets as peers, each of the curve's length, and none of zeros.
fn check_agreed(secret: &[u8], peers: usize, key_type: KeyType) -> Result<(), Error> {
    let length = key_type.number_len();
    let whole = Some(secret.len()) == length.checked_mul(peers);
    if whole && secret.chunks(length).all(|part| part.iter().any(|byte| *byte != 0)) {
        return Ok(());
    }
    Err(Error::Decryption)
}

impl fmt::Debug for PendingJwe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingJwe").field("key", &self.key).finish_non_exhaustive()
    }
}
