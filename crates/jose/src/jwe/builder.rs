//! Encryption (RFC 7516 5.1): the compact form, and the JSON forms for one recipient or several.

use std::num::NonZeroU32;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::MAX_RECIPIENTS;
use super::algorithm::{ContentEncryption, KeyManagement, Method};
use super::content;
use super::key::EncryptionKey;
use super::recipient::{Parties, Prepared, Sending, prepare};
use super::zip;
use crate::base64url;
use crate::crypto::fill_random;
use crate::error::Error;
use crate::jwk::Jwk;

/// The iterations of new keys from passwords: what peers read by default.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(300_000).unwrap();
/// The parameters that the builder itself writes.
const OWN: [&str; 12] = ["alg", "enc", "kid", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c", "crit"];

/// Makes a JWE.
///
/// ```
/// use authmint_jose::{ContentEncryption, EncryptionKey, JweBuilder, JwePolicy, JweRecipient, KeyManagement};
///
/// let ada = EncryptionKey::generate(KeyManagement::EcdhEsA256Kw)?.with_kid("ada");
/// let bob = EncryptionKey::generate(KeyManagement::RsaOaep256)?.with_kid("bob");
/// let message = JweBuilder::new(ContentEncryption::A256Gcm).aad(b"2026-11-25").encrypt_json(
///     &[JweRecipient::new(&ada.public()?), JweRecipient::new(&bob.public()?)],
///     b"for both",
/// )?;
///
/// let policy = JwePolicy::new(&[KeyManagement::RsaOaep256], &[ContentEncryption::A256Gcm]);
/// let opened = bob.decrypt_jwe_json(&message, &policy)?;
/// assert_eq!(*opened.plaintext, b"for both");
/// assert_eq!(opened.aad.as_deref(), Some(&b"2026-11-25"[..]));
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct JweBuilder {
    encryption: ContentEncryption,
    protected: Map<String, Value>,
    unprotected: Map<String, Value>,
    aad: Option<Vec<u8>>,
    sending: Sending,
    compress: bool,
}

/// One of the recipients of a message in a JSON form.
#[derive(Clone, Debug)]
pub struct JweRecipient<'k> {
    key: &'k EncryptionKey,
    header: Map<String, Value>,
}

impl<'k> JweRecipient<'k> {
    /// A recipient.
    #[must_use]
    pub fn new(key: &'k EncryptionKey) -> Self {
        Self { key, header: Map::new() }
    }

    /// Adds a parameter to the recipient's own header, which nobody protects.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }
}

impl EncryptionKey {
    /// Encrypts in the compact form. [`JweBuilder`] says more in the header.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] for a key without one fixed algorithm, or whose secret has not the length of `encryption`.
    pub fn encrypt_jwe(&self, plaintext: &[u8], encryption: ContentEncryption) -> Result<String, Error> {
        JweBuilder::new(encryption).encrypt(self, plaintext)
    }
}

impl JweBuilder {
    /// A message whose content is encrypted so.
    #[must_use]
    pub fn new(encryption: ContentEncryption) -> Self {
        Self {
            encryption,
            protected: Map::new(),
            unprotected: Map::new(),
            aad: None,
            sending: Sending {
                parties: Parties::default(),
                sender: None,
                ephemeral: None,
                iterations: ITERATIONS,
            },
            compress: false,
        }
    }

    /// What kind of object it is, as a whole (RFC 7516 4.1.11).
    #[must_use]
    pub fn typ(self, typ: &str) -> Self {
        self.header("typ", typ)
    }

    /// What the plaintext is (RFC 7516 4.1.12).
    #[must_use]
    pub fn content_type(self, cty: &str) -> Self {
        self.header("cty", cty)
    }

    /// Adds another parameter to the protected header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.protected.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a parameter to the header that all recipients share and nobody protects: JSON forms only.
    #[must_use]
    pub fn unprotected(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.unprotected.insert(name.to_owned(), value.into());
        self
    }

    /// Who sends it and who receives it, for key agreement (RFC 7518 4.6.1.2, 4.6.1.3).
    #[must_use]
    pub fn parties(mut self, producer: &[u8], recipient: &[u8]) -> Self {
        self.sending.parties = Parties { party_u: producer.to_vec(), party_v: recipient.to_vec() };
        self
    }

    /// Data that goes with the message, protected but not secret: JSON forms only.
    #[must_use]
    pub fn aad(self, aad: &[u8]) -> Self {
        Self { aad: Some(aad.to_vec()), ..self }
    }

    /// The sender's own key, private half and all, for ECDH-1PU. Other algorithms prove no sender, and are refused.
    #[must_use]
    pub fn sender(mut self, key: &EncryptionKey) -> Self {
        self.sending.sender = Some(key.clone());
        self
    }

    /// How often the hash is computed for a key from a password; 300,000 times unless said, at least 1,000. Recipients have
    /// bounds of their own: many read no more than 300,000.
    #[must_use]
    pub fn iterations(mut self, iterations: u32) -> Self {
        self.sending.iterations = NonZeroU32::new(iterations.max(1_000)).unwrap_or(ITERATIONS);
        self
    }

    /// Compresses the plaintext first (RFC 7516 4.1.3). The length of the message then tells of its content: don't where an
    /// attacker may have written part of it.
    #[must_use]
    pub fn compress(self) -> Self {
        Self { compress: true, ..self }
    }

    /// Encrypts in the compact form.
    ///
    /// # Errors
    /// As [`EncryptionKey::encrypt_jwe`]; [`Error::Malformed`] for what the compact form has no place for, or a parameter that
    /// the builder writes itself.
    pub fn encrypt(&self, recipient: &EncryptionKey, plaintext: &[u8]) -> Result<String, Error> {
        if self.aad.is_some() || !self.unprotected.is_empty() {
            return Err(Error::Malformed {
                what: "a message with additional data or unprotected parameters",
                expected: "of a JSON form",
            });
        }
        let message = self.seal(&[JweRecipient::new(recipient)], true, plaintext)?;
        let key = message.keys.first().map(Vec::as_slice).unwrap_or_default();
        let content = &message.content;
        let mut compact = message.protected;
        for part in [key, &content.iv, &content.ciphertext, &content.tag] {
            compact.push('.');
            base64url::append(part, &mut compact);
        }
        Ok(compact)
    }

    /// Encrypts in the flattened JSON form: one recipient, whose header is protected.
    ///
    /// # Errors
    /// As [`encrypt`](Self::encrypt).
    pub fn encrypt_flattened(&self, recipient: &JweRecipient<'_>, plaintext: &[u8]) -> Result<String, Error> {
        let message = self.seal(std::slice::from_ref(recipient), true, plaintext)?;
        let mut members = self.members(&message);
        if let Some(key) = message.keys.first().filter(|key| !key.is_empty()) {
            members.insert("encrypted_key".to_owned(), base64url::encode(key).into());
        }
        if let Some(header) = message.headers.first().filter(|header| !header.is_empty()) {
            members.insert("header".to_owned(), header.clone().into());
        }
        Ok(Value::Object(members).to_string())
    }

    /// Encrypts in the general JSON form: several recipients, at most 16, each with a header of its own. What their algorithms
    /// have to tell is protected where it is the same for all.
    ///
    /// # Errors
    /// As [`encrypt`](Self::encrypt); [`Error::OutOfBounds`] for no recipient or too many, [`Error::KeyMismatch`] for several
    /// of which one decides the content's key.
    pub fn encrypt_json(&self, recipients: &[JweRecipient<'_>], plaintext: &[u8]) -> Result<String, Error> {
        let message = self.seal(recipients, false, plaintext)?;
        let mut members = self.members(&message);
        let recipients: Vec<Value> = message
            .headers
            .iter()
            .zip(&message.keys)
            .map(|(header, key)| {
                let mut recipient = Map::new();
                if !header.is_empty() {
                    recipient.insert("header".to_owned(), header.clone().into());
                }
                if !key.is_empty() {
                    recipient.insert("encrypted_key".to_owned(), base64url::encode(key).into());
                }
                recipient.into()
            })
            .collect();
        members.insert("recipients".to_owned(), recipients.into());
        Ok(Value::Object(members).to_string())
    }

    fn members(&self, message: &Sealed) -> Map<String, Value> {
        let mut members = Map::new();
        let mut tell = |name: &str, value: Value| members.insert(name.to_owned(), value);
        tell("protected", message.protected.clone().into());
        if !self.unprotected.is_empty() {
            tell("unprotected", self.unprotected.clone().into());
        }
        if let Some(aad) = &self.aad {
            tell("aad", base64url::encode(aad).into());
        }
        let content = &message.content;
        for (name, bytes) in [("iv", &content.iv), ("ciphertext", &content.ciphertext), ("tag", &content.tag)]
        {
            tell(name, base64url::encode(bytes).into());
        }
        members
    }

    /// Encrypts. What a recipient's algorithm has to tell goes into the protected header, or into the recipient's own.
    fn seal(
        &self,
        recipients: &[JweRecipient<'_>],
        protects_recipient: bool,
        plaintext: &[u8],
    ) -> Result<Sealed, Error> {
        if recipients.is_empty() || recipients.len() > MAX_RECIPIENTS {
            return Err(Error::OutOfBounds("the number of recipients"));
        }
        let names = |map: &Map<String, Value>| OWN.iter().any(|name| map.contains_key(*name));
        if names(&self.protected)
            || names(&self.unprotected)
            || recipients.iter().any(|own| names(&own.header))
        {
            return Err(Error::Malformed {
                what: "a header parameter",
                expected: "none that has its own way in or belongs to the algorithm",
            });
        }
        let mut content_key = Zeroizing::new(vec![0; self.encryption.key_len()]);
        fill_random(&mut content_key)?;
        let sending = Sending { ephemeral: shared_ephemeral(recipients)?, ..self.sending.clone() };
        let mut prepared = Vec::with_capacity(recipients.len());
        for recipient in recipients {
            let algorithm = recipient.key.encrypting()?;
            if algorithm.is_direct() && recipients.len() > 1 {
                return Err(Error::KeyMismatch);
            }
            if self.sending.sender.is_some() && !algorithm.proves_sender() {
                return Err(Error::AlgorithmNotAllowed);
            }
            let made = prepare(recipient.key, algorithm, self.encryption, &content_key, &sending)?;
            prepared.push((recipient.key, algorithm, made));
        }
        if let Some(direct) = prepared.first().and_then(|(_, _, made)| made.direct()) {
            content_key.clone_from(direct);
        }
        // What belongs to the algorithm is protected where it is the same for all; what the caller adds for a recipient is not.
        let mut headers: Vec<_> = recipients.iter().map(|recipient| recipient.header.clone()).collect();
        let told: Vec<_> = prepared.iter().map(algorithm_header).collect();
        let is_shared = |name: &str, value: &Value| {
            (protects_recipient || name != "kid") && told.iter().all(|other| other.get(name) == Some(value))
        };
        let mut protected = Map::new();
        for (header, told) in headers.iter_mut().zip(&told) {
            for (name, value) in told {
                let place = if is_shared(name, value) { &mut protected } else { &mut *header };
                place.insert(name.clone(), value.clone());
            }
        }
        protected.insert("enc".to_owned(), self.encryption.name().into());
        protected.extend(self.protected.clone());
        let plaintext = if self.compress {
            protected.insert("zip".to_owned(), "DEF".into());
            zip::deflate(plaintext)
        } else {
            Zeroizing::new(plaintext.to_vec())
        };
        let protected = base64url::encode(Value::Object(protected).to_string().as_bytes());
        let authenticated = match &self.aad {
            Some(aad) => format!("{protected}.{}", base64url::encode(aad)),
            None => protected.clone(),
        };
        let ciphers = recipients.first().map_or_else(crate::crypto::ciphers, |first| first.key.ciphers());
        let content =
            content::seal(ciphers, self.encryption, &content_key, authenticated.as_bytes(), &plaintext)?;
        let keys: Result<Vec<_>, _> = prepared
            .into_iter()
            .map(|(key, algorithm, made)| {
                made.finish(key, algorithm, &self.sending.parties, &content_key, &content.tag)
            })
            .collect();
        Ok(Sealed { protected, headers, keys: keys?, content })
    }
}

/// An encrypted message, in parts.
struct Sealed {
    protected: String,
    headers: Vec<Map<String, Value>>,
    keys: Vec<Vec<u8>>,
    content: content::Sealed,
}

/// A key for agreement that several recipients share, where all of them agree on the same curve: it is told once, and protected.
fn shared_ephemeral(recipients: &[JweRecipient<'_>]) -> Result<Option<EncryptionKey>, Error> {
    let [first, others @ ..] = recipients else { return Ok(None) };
    let algorithm = first.key.encrypting()?;
    let key_type = first.key.material().key_type();
    let same = |other: &JweRecipient<'_>| {
        other.key.encrypting() == Ok(algorithm) && other.key.material().key_type() == key_type
    };
    if others.is_empty() || !matches!(algorithm.method(), Method::Agree { .. }) || !others.iter().all(same) {
        return Ok(None);
    }
    let jwk = Jwk::generate(key_type)?.with_alg(algorithm.name())?;
    EncryptionKey::with_backend(&jwk, first.key.ciphers()).map(Some)
}

/// What the header says of one recipient for its algorithm.
fn algorithm_header(
    (key, algorithm, made): &(&EncryptionKey, KeyManagement, Prepared),
) -> Map<String, Value> {
    let mut header = made.header.clone();
    header.insert("alg".to_owned(), algorithm.name().into());
    if let Some(kid) = key.kid() {
        header.insert("kid".to_owned(), kid.into());
    }
    header
}
