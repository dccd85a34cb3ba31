//! Decryption (RFC 7516 5.2): the policy, the key, the content's key, the content, in this order.

use zeroize::Zeroizing;

use super::content;
use super::header::JweHeader;
use super::key::EncryptionKey;
use super::key_set::EncryptionKeySet;
use super::message::{Message, Recipient};
use super::policy::JwePolicy;
use super::recipient::{Step, recover_agreed, recover_rsa, step};
use super::zip;
use crate::error::Error;
use crate::named::MAX_TRIED;

/// A decrypted message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Jwe {
    /// The header for the recipient that the key was.
    pub header: JweHeader,
    /// What was encrypted.
    pub plaintext: Zeroizing<Vec<u8>>,
    /// Data that came with a message of a JSON form: protected, but not secret.
    pub aad: Option<Vec<u8>>,
}

impl EncryptionKey {
    /// Decrypts a message of the compact form.
    ///
    /// # Errors
    /// [`Error::AlgorithmNotAllowed`], [`Error::UnknownKey`] or [`Error::KeyMismatch`] for a message that is not for this key;
    /// [`Error::Decryption`] for whatever goes wrong once secrets are involved.
    pub fn decrypt_jwe(&self, message: &str, policy: &JwePolicy) -> Result<Jwe, Error> {
        let message = Message::compact(message, policy)?;
        let (recipient, content_key) = self.recover(&message, policy)?;
        open(&message, recipient, &content_key, self, policy)
    }

    /// Decrypts a message of one of the JSON forms, as one of its recipients.
    ///
    /// # Errors
    /// As [`decrypt_jwe`](Self::decrypt_jwe).
    pub fn decrypt_jwe_json(&self, message: &str, policy: &JwePolicy) -> Result<Jwe, Error> {
        EncryptionKeySet::from(self.clone()).decrypt_jwe_json(message, policy)
    }

    fn recover<'m>(
        &self,
        message: &'m Message,
        policy: &JwePolicy,
    ) -> Result<(&'m Recipient, Zeroizing<Vec<u8>>), Error> {
        let recipient = message.recipients.first().ok_or(Error::Decryption)?;
        if let (Some(named), Some(kid)) = (recipient.header.kid(), self.kid())
            && named != kid
        {
            return Err(Error::UnknownKey);
        }
        Ok((recipient, recover(self, recipient, message, policy)?))
    }
}

impl EncryptionKeySet {
    /// Decrypts a message of the compact form with the key it names.
    ///
    /// # Errors
    /// As [`EncryptionKey::decrypt_jwe`].
    pub fn decrypt_jwe(&self, message: &str, policy: &JwePolicy) -> Result<Jwe, Error> {
        self.decrypt(&Message::compact(message, policy)?, policy)
    }

    /// Decrypts a message of one of the JSON forms, as one of its recipients.
    ///
    /// # Errors
    /// As [`EncryptionKey::decrypt_jwe`].
    pub fn decrypt_jwe_json(&self, message: &str, policy: &JwePolicy) -> Result<Jwe, Error> {
        self.decrypt(&Message::json(message, policy)?, policy)
    }

    /// Tries the recipients that may be ours. Those that name another key cost nothing; the others cost at most
    /// [`MAX_TRIED`] private operations together.
    fn decrypt(&self, message: &Message, policy: &JwePolicy) -> Result<Jwe, Error> {
        let (mut outcome, mut tried) = (Error::UnknownKey, 0_usize);
        for recipient in &message.recipients {
            let algorithm = recipient.header.algorithm();
            let fits = |key: &EncryptionKey| key.fits(algorithm);
            let Ok(candidates) = self.named().candidates(recipient.header.kid(), fits) else { continue };
            if outcome == Error::UnknownKey {
                outcome = Error::KeyMismatch;
            }
            for key in candidates {
                // A password is tried once for a message: the sender chose how long that takes.
                let cost = if algorithm.takes_a_password() { MAX_TRIED } else { 1 };
                if tried.saturating_add(cost) > MAX_TRIED {
                    return Err(outcome);
                }
                tried = tried.saturating_add(cost);
                let opened = recover(key, recipient, message, policy)
                    .and_then(|content_key| open(message, recipient, &content_key, key, policy));
                match opened {
                    Ok(opened) => return Ok(opened),
                    Err(problem) => outcome = problem,
                }
            }
        }
        Err(outcome)
    }
}

/// The content's key, by a key that is at hand.
fn recover(
    key: &EncryptionKey,
    recipient: &Recipient,
    message: &Message,
    policy: &JwePolicy,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let header = &recipient.header;
    if !key.fits(header.algorithm()) {
        return Err(Error::KeyMismatch);
    }
    match step(key, header, &recipient.encrypted_key, policy)? {
        Step::Known(content_key) => Ok(content_key),
        Step::Rsa(padding) => {
            let decrypted = key.decrypter()?.decrypt(padding, &recipient.encrypted_key);
            recover_rsa(padding, header.encryption(), decrypted)
        }
        Step::Agree { peers, wrap } => {
            let agreement = key.agreement()?;
            let mut secret = Zeroizing::new(Vec::with_capacity(132));
            for peer in &peers {
                if peer.key_type() != key.material().key_type() {
                    return Err(Error::KeyMismatch);
                }
                secret.extend_from_slice(&agreement.agree(peer)?);
            }
            let tag = &message.sealed.tag;
            recover_agreed(header, key.ciphers(), &secret, wrap, &recipient.encrypted_key, tag)
        }
    }
}

/// The plaintext, by the content's key.
pub(super) fn open(
    message: &Message,
    recipient: &Recipient,
    content_key: &[u8],
    key: &EncryptionKey,
    policy: &JwePolicy,
) -> Result<Jwe, Error> {
    let header = recipient.header.clone();
    let is_compressed = header.is_compressed()?;
    let authenticated = message.authenticated.as_bytes();
    let plaintext =
        content::open(key.ciphers(), header.encryption(), content_key, authenticated, &message.sealed)?;
    let plaintext = if is_compressed { zip::inflate(&plaintext, policy.max_plaintext)? } else { plaintext };
    Ok(Jwe { header, plaintext, aad: message.aad.clone() })
}
