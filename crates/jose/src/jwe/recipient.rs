//! The content's key: protected for a recipient, and recovered by it (RFC 7518 4; draft-madden-jose-ecdh-1pu-04).

use std::num::NonZeroU32;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::algorithm::{ContentEncryption, KeyManagement, Method};
use super::header::JweHeader;
use super::kdf::{self, Context};
use super::key::EncryptionKey;
use super::policy::JwePolicy;
use crate::base64url;
use crate::crypto::{Ciphers, PublicMaterial, RsaPadding, TAG_LEN, fill_random};
use crate::error::Error;
use crate::jwk::public_members;

/// Bytes of a new salt.
const SALT_LEN: usize = 16;

/// A secret.
type Bytes = Zeroizing<Vec<u8>>;

/// What a recipient is told beside the message.
#[derive(Clone, Debug, Default)]
pub(super) struct Parties {
    pub(super) party_u: Vec<u8>,
    pub(super) party_v: Vec<u8>,
}

/// What the sender decides beside the recipient's key.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    pub(super) parties: Parties,
    /// The sender's own key.
    pub(super) sender: Option<EncryptionKey>,
    /// The message's key for agreement, where all recipients share one.
    pub(super) ephemeral: Option<EncryptionKey>,
    /// Of keys from passwords.
    pub(super) iterations: NonZeroU32,
}

/// A recipient whose header is known, and whose encrypted key may wait for the content's tag.
pub(super) struct Prepared {
    /// What the header gains.
    pub(super) header: Map<String, Value>,
    key: EncryptedKey,
}

enum EncryptedKey {
    /// There is none: the content's key is this one.
    Direct(Bytes),
    Ready(Vec<u8>),
    /// Wrapped by what the agreed secret and the content's tag give.
    Agreed {
        secret: Bytes,
        wrap: usize,
    },
}

impl Prepared {
    /// The content's key, where the recipient decides it.
    pub(super) fn direct(&self) -> Option<&Bytes> {
        match &self.key {
            EncryptedKey::Direct(key) => Some(key),
            _ => None,
        }
    }

    /// The encrypted key, now that the content is encrypted.
    pub(super) fn finish(
        self,
        recipient: &EncryptionKey,
        algorithm: KeyManagement,
        parties: &Parties,
        content_key: &[u8],
        tag: &[u8],
    ) -> Result<Vec<u8>, Error> {
        match self.key {
            EncryptedKey::Direct(_) => Ok(Vec::new()),
            EncryptedKey::Ready(key) => Ok(key),
            EncryptedKey::Agreed { secret, wrap } => {
                let kek = kdf::derive(&secret, wrap, &context(algorithm.name(), parties, Some(tag)));
                recipient.ciphers().wrap(&kek, content_key)
            }
        }
    }
}

fn context<'a>(algorithm: &'a str, parties: &'a Parties, tag: Option<&'a [u8]>) -> Context<'a> {
    Context { algorithm, party_u: &parties.party_u, party_v: &parties.party_v, tag }
}

/// Protects the content's key for a recipient.
pub(super) fn prepare(
    recipient: &EncryptionKey,
    algorithm: KeyManagement,
    encryption: ContentEncryption,
    content_key: &[u8],
    sending: &Sending,
) -> Result<Prepared, Error> {
    if !algorithm.allows(encryption) {
        return Err(Error::AlgorithmNotAllowed);
    }
    let parties = &sending.parties;
    let ciphers = recipient.ciphers();
    let mut header = Map::new();
    let mut tell = |name: &str, bytes: &[u8]| header.insert(name.to_owned(), base64url::encode(bytes).into());
    let key = match algorithm.method() {
        Method::Rsa(padding) => EncryptedKey::Ready(recipient.encrypter()?.encrypt(padding, content_key)?),
        Method::Wrap(length) => {
            EncryptedKey::Ready(ciphers.wrap(recipient.secret(Some(length))?, content_key)?)
        }
        Method::GcmWrap(aead, length) => {
            let mut iv = vec![0; aead.nonce_len()];
            fill_random(&mut iv)?;
            let mut wrapped = content_key.to_vec();
            let tag = ciphers.seal(aead, recipient.secret(Some(length))?, &iv, &[], &mut wrapped)?;
            tell("iv", &iv);
            tell("tag", &tag);
            EncryptedKey::Ready(wrapped)
        }
        Method::Direct => EncryptedKey::Direct(Zeroizing::new(recipient.content_key(encryption)?.to_vec())),
        Method::Password(hash, length) => {
            let mut salt = vec![0; SALT_LEN];
            fill_random(&mut salt)?;
            tell("p2s", &salt);
            header.insert("p2c".to_owned(), sending.iterations.get().into());
            let salt = salt_of(algorithm, &salt);
            let mut kek = Zeroizing::new(vec![0; length]);
            ciphers.pbkdf2(hash, recipient.secret(None)?, &salt, sending.iterations, &mut kek);
            EncryptedKey::Ready(ciphers.wrap(&kek, content_key)?)
        }
        Method::Agree { sender: needs_sender, wrap } => {
            let peer = recipient.material().public().ok_or(Error::KeyMismatch)?;
            let (ephemeral, mut secret) = match &sending.ephemeral {
                Some(shared) => {
                    let public = shared.material().public().ok_or(Error::KeyMismatch)?;
                    (public.clone(), shared.agreement()?.agree(peer)?)
                }
                None => ciphers.agree_ephemeral(peer)?,
            };
            if needs_sender {
                let sender = sending
                    .sender
                    .as_ref()
                    .ok_or(Error::PolicyIncomplete("the sender, whose key ECDH-1PU uses"))?;
                secret.extend_from_slice(&sender.agreement()?.agree(peer)?);
            }
            if !parties.party_u.is_empty() {
                tell("apu", &parties.party_u);
            }
            if !parties.party_v.is_empty() {
                tell("apv", &parties.party_v);
            }
            header.insert("epk".to_owned(), Value::Object(public_members(&ephemeral)?));
            agreed(secret, algorithm, encryption, content_key, parties, ciphers, wrap, needs_sender)?
        }
    };
    Ok(Prepared { header, key })
}

#[allow(clippy::too_many_arguments, reason = "one step of the one caller, told apart for the reader")]
fn agreed(
    secret: Bytes,
    algorithm: KeyManagement,
    encryption: ContentEncryption,
    content_key: &[u8],
    parties: &Parties,
    ciphers: &dyn Ciphers,
    wrap: Option<usize>,
    needs_tag: bool,
) -> Result<EncryptedKey, Error> {
    Ok(match wrap {
        None => {
            let context = context(encryption.name(), parties, None);
            EncryptedKey::Direct(kdf::derive(&secret, encryption.key_len(), &context))
        }
        Some(wrap) if needs_tag => EncryptedKey::Agreed { secret, wrap },
        Some(wrap) => {
            let kek = kdf::derive(&secret, wrap, &context(algorithm.name(), parties, None));
            EncryptedKey::Ready(ciphers.wrap(&kek, content_key)?)
        }
    })
}

/// A step that takes a private key, and what comes of it.
pub(super) enum Step {
    /// The content's key is known.
    Known(Bytes),
    Rsa(RsaPadding),
    Agree {
        peers: Vec<PublicMaterial>,
        wrap: Option<usize>,
    },
}

/// What has to be done with the recipient's key.
pub(super) fn step(
    recipient: &EncryptionKey,
    header: &JweHeader,
    encrypted_key: &[u8],
    policy: &JwePolicy,
) -> Result<Step, Error> {
    let ciphers = recipient.ciphers();
    let algorithm = header.algorithm();
    if algorithm.is_direct() != encrypted_key.is_empty() {
        return Err(Error::Decryption);
    }
    Ok(match algorithm.method() {
        Method::Rsa(padding) => Step::Rsa(padding),
        Method::Wrap(length) => Step::Known(ciphers.unwrap(recipient.secret(Some(length))?, encrypted_key)?),
        Method::GcmWrap(aead, length) => {
            let (iv, tag) = (header.bytes("iv")?, header.bytes("tag")?);
            if iv.len() != aead.nonce_len() || tag.len() != TAG_LEN {
                return Err(Error::Decryption);
            }
            let kek = recipient.secret(Some(length))?;
            Step::Known(ciphers.open(aead, kek, &iv, &[], encrypted_key, &tag)?)
        }
        Method::Direct => Step::Known(Zeroizing::new(recipient.content_key(header.encryption())?.to_vec())),
        Method::Password(hash, length) => {
            let (salt, iterations) = (header.bytes("p2s")?, header.number("p2c")?);
            policy.check_iterations(iterations)?;
            let iterations = NonZeroU32::new(iterations).ok_or(Error::Decryption)?;
            if salt.len() < 8 {
                return Err(Error::OutOfBounds("the length of the salt (p2s)"));
            }
            let mut kek = Zeroizing::new(vec![0; length]);
            ciphers.pbkdf2(hash, recipient.secret(None)?, &salt_of(algorithm, &salt), iterations, &mut kek);
            Step::Known(ciphers.unwrap(&kek, encrypted_key)?)
        }
        Method::Agree { sender, wrap } => {
            let mut peers = vec![header.ephemeral()?];
            if sender {
                peers.push(policy.sender_key()?.material().public().ok_or(Error::KeyMismatch)?.clone());
            }
            Step::Agree { peers, wrap }
        }
    })
}

/// The content's key, now that the secrets with each peer are known.
pub(super) fn recover_agreed(
    header: &JweHeader,
    ciphers: &dyn Ciphers,
    secret: &[u8],
    wrap: Option<usize>,
    encrypted_key: &[u8],
    tag: &[u8],
) -> Result<Bytes, Error> {
    let parties = Parties { party_u: header.bytes("apu")?, party_v: header.bytes("apv")? };
    let algorithm = header.algorithm();
    let Some(length) = wrap else {
        let encryption = header.encryption();
        return Ok(kdf::derive(secret, encryption.key_len(), &context(encryption.name(), &parties, None)));
    };
    let tag = matches!(algorithm.method(), Method::Agree { sender: true, .. }).then_some(tag);
    let kek = kdf::derive(secret, length, &context(algorithm.name(), &parties, tag));
    ciphers.unwrap(&kek, encrypted_key)
}

/// The content's key as RSA gave it. For RSA1_5 a random one takes the place of a broken one, so that what is broken can't be
/// told apart (RFC 7516 11.5).
pub(super) fn recover_rsa(
    padding: RsaPadding,
    encryption: ContentEncryption,
    decrypted: Result<Bytes, Error>,
) -> Result<Bytes, Error> {
    if padding != RsaPadding::Pkcs1 {
        return decrypted;
    }
    let mut substitute = Zeroizing::new(vec![0; encryption.key_len()]);
    fill_random(&mut substitute)?;
    Ok(decrypted.ok().filter(|key| key.len() == encryption.key_len()).unwrap_or(substitute))
}

/// The salt of a key from a password names its algorithm (RFC 7518 4.8.1.1).
fn salt_of(algorithm: KeyManagement, salt: &[u8]) -> Vec<u8> {
    [algorithm.name().as_bytes(), &[0], salt].concat()
}
