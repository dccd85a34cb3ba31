//! Signatures that say more than the defaults: other header parameters, the JSON forms (RFC 7515 7.2), several signatures,
//! detached payloads (RFC 7515 appendix F), unencoded payloads (RFC 7797).

use serde_json::{Map, Value};

use super::compact::{self, signing_input};
use super::pending::PendingJws;
use super::{MAX_SIGNATURES, NewHeader};
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::critical::REGISTERED;
use crate::error::Error;
use crate::key::Key;

/// The parameters that the builder itself writes.
const OWN: [&str; 5] = ["alg", "kid", "typ", "crit", "b64"];

/// Makes a JWS.
///
/// ```
/// use authmint_jose::{Algorithm, JwsBuilder, JwsPolicy, JwsSigner, Key, KeySet};
///
/// let (first, second) = (Key::generate(Algorithm::ES256)?.with_kid("a"), Key::generate(Algorithm::EdDSA)?.with_kid("b"));
/// let message = JwsBuilder::new()
///     .content_type("text/plain")
///     .sign_json(&[JwsSigner::new(&first), JwsSigner::new(&second)], b"both of us")?;
///
/// let keys = KeySet::new([first.public()?, second.public()?]);
/// let verified = keys.verify_jws_json(&message, &JwsPolicy::new(&[Algorithm::ES256, Algorithm::EdDSA]))?;
/// assert_eq!(verified.payload, b"both of us");
/// assert_eq!(verified.signatures.len(), 2);
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct JwsBuilder {
    typ: Option<String>,
    parameters: Map<String, Value>,
    critical: Vec<String>,
    unencoded: bool,
    detached: bool,
}

/// One of the signers of a message in a JSON form.
#[derive(Clone, Debug)]
pub struct JwsSigner<'k> {
    key: &'k Key,
    unprotected: Map<String, Value>,
    protects_header: bool,
}

impl<'k> JwsSigner<'k> {
    /// A signer that protects its header.
    #[must_use]
    pub fn new(key: &'k Key) -> Self {
        Self { key, unprotected: Map::new(), protects_header: true }
    }

    /// Adds a parameter that is not signed: anyone may change it on its way.
    #[must_use]
    pub fn unprotected(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.unprotected.insert(name.to_owned(), value.into());
        self
    }

    /// Signs the payload alone (RFC 7520 4.7): the whole header goes unprotected, and nothing may be in it that the builder
    /// must protect.
    #[must_use]
    pub fn without_protected_header(self) -> Self {
        Self { protects_header: false, ..self }
    }
}

impl JwsBuilder {
    /// A JWS with nothing in its header but `alg`, and the key's `kid`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What kind of object it is, as a whole (RFC 7515 4.1.9).
    #[must_use]
    pub fn typ(self, typ: impl Into<String>) -> Self {
        Self { typ: Some(typ.into()), ..self }
    }

    /// What the payload is (RFC 7515 4.1.10).
    #[must_use]
    pub fn content_type(self, cty: &str) -> Self {
        self.header("cty", cty)
    }

    /// Adds another parameter to the protected header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.to_owned(), value.into());
        self
    }

    /// Adds an extension that every verifier must understand (RFC 7515 4.1.11).
    #[must_use]
    pub fn critical(self, name: &str, value: impl Into<Value>) -> Self {
        let mut builder = self.header(name, value);
        if !builder.critical.iter().any(|known| known == name) {
            builder.critical.push(name.to_owned());
        }
        builder
    }

    /// Signs the payload as it is, without encoding it (RFC 7797). The compact form must then be detached.
    #[must_use]
    pub fn unencoded(self) -> Self {
        Self { unencoded: true, ..self }
    }

    /// Leaves the payload out of the message: it goes another way (RFC 7515 appendix F).
    #[must_use]
    pub fn detached(self) -> Self {
        Self { detached: true, ..self }
    }

    /// Signs in the compact form.
    ///
    /// # Errors
    /// As [`Key::sign_jws`]; [`Error::Malformed`] for a parameter that the key decides, or an unencoded payload that is not
    /// detached.
    pub fn sign(&self, key: &Key, payload: &[u8]) -> Result<String, Error> {
        if self.parameters.is_empty() && !self.unencoded && !self.detached {
            return compact::sign(key, self.typ.as_deref(), payload);
        }
        let (algorithm, signing) = key.signing()?;
        let pending = self.begin_with(key, algorithm, payload)?;
        let mut token = Err(Error::Backend("signing"));
        signing.sign(algorithm, pending.input(), &mut |signature| token = Ok(pending.join(signature)))?;
        token
    }

    /// Begins a signature that is made elsewhere, by a device or a service that may take its time: `key` is the public half.
    ///
    /// # Errors
    /// As [`sign`](Self::sign), but for the private half that is not needed.
    pub fn begin(&self, key: &Key, payload: &[u8]) -> Result<PendingJws, Error> {
        self.begin_with(key, key.algorithm().ok_or(Error::KeyMismatch)?, payload)
    }

    fn begin_with(&self, key: &Key, algorithm: Algorithm, payload: &[u8]) -> Result<PendingJws, Error> {
        if self.unencoded && !self.detached {
            return Err(Error::Malformed {
                what: "an unencoded payload in the compact form",
                expected: "detached (RFC 7797 5.2)",
            });
        }
        let header = base64url::encode(self.protected(key, algorithm)?.as_bytes());
        let input = signing_input(&header, payload, self.unencoded);
        Ok(PendingJws::new(key.clone(), algorithm, header, input, self.detached))
    }

    /// Signs in the flattened JSON form: one signature.
    ///
    /// # Errors
    /// As [`sign_json`](Self::sign_json).
    pub fn sign_flattened(&self, signer: &JwsSigner<'_>, payload: &[u8]) -> Result<String, Error> {
        let mut message = self.signature(signer, payload)?;
        if let Some(payload) = self.payload(payload)? {
            message.insert("payload".to_owned(), payload.into());
        }
        Ok(Value::Object(message).to_string())
    }

    /// Signs in the general JSON form: several signatures, at most 16.
    ///
    /// # Errors
    /// As [`sign`](Self::sign); [`Error::OutOfBounds`] for no signer or too many.
    pub fn sign_json(&self, signers: &[JwsSigner<'_>], payload: &[u8]) -> Result<String, Error> {
        if signers.is_empty() || signers.len() > MAX_SIGNATURES {
            return Err(Error::OutOfBounds("the number of signatures"));
        }
        let signatures: Result<Vec<_>, _> =
            signers.iter().map(|signer| self.signature(signer, payload).map(Value::Object)).collect();
        let mut message = Map::new();
        if let Some(payload) = self.payload(payload)? {
            message.insert("payload".to_owned(), payload.into());
        }
        message.insert("signatures".to_owned(), signatures?.into());
        Ok(Value::Object(message).to_string())
    }

    fn payload(&self, payload: &[u8]) -> Result<Option<String>, Error> {
        match (self.detached, self.unencoded) {
            (true, _) => Ok(None),
            (false, false) => Ok(Some(base64url::encode(payload))),
            (false, true) => String::from_utf8(payload.to_vec()).map(Some).map_err(|_| Error::Malformed {
                what: "an unencoded payload in a JSON form",
                expected: "UTF-8, or detached (RFC 7797 5)",
            }),
        }
    }

    /// The members of one signature.
    fn signature(&self, signer: &JwsSigner<'_>, payload: &[u8]) -> Result<Map<String, Value>, Error> {
        let (algorithm, signing) = signer.key.signing()?;
        let mut unprotected = signer.unprotected.clone();
        let must_be_protected = |name: &str| {
            ["alg", "crit", "b64"].contains(&name) || self.critical.iter().any(|known| known == name)
        };
        if unprotected.keys().any(|name| must_be_protected(name)) {
            return Err(Error::Malformed {
                what: "an unprotected parameter",
                expected: "none of alg, crit and b64, and no critical one",
            });
        }
        let mut members = Map::new();
        let mut protected = String::new();
        if signer.protects_header {
            let mut header = self.protected_map(signer.key, algorithm)?;
            // What the signer says unprotected is not said twice (RFC 7515 7.2.1).
            unprotected.keys().for_each(|name| drop(header.remove(name)));
            protected = base64url::encode(Value::Object(header).to_string().as_bytes());
            members.insert("protected".to_owned(), protected.clone().into());
        } else {
            if self.unencoded || !self.parameters.is_empty() || self.typ.is_some() {
                return Err(Error::Malformed {
                    what: "a signature without a protected header",
                    expected: "one without parameters of the builder",
                });
            }
            unprotected.insert("alg".to_owned(), algorithm.name().into());
            if let Some(kid) = signer.key.kid() {
                unprotected.insert("kid".to_owned(), kid.into());
            }
        }
        if !unprotected.is_empty() {
            members.insert("header".to_owned(), unprotected.into());
        }
        let input = signing_input(&protected, payload, self.unencoded);
        let mut encoded = String::new();
        signing.sign(algorithm, &input, &mut |signature| base64url::append(signature, &mut encoded))?;
        members.insert("signature".to_owned(), encoded.into());
        Ok(members)
    }

    /// The protected header: `alg`, `typ` and `kid` first, as in the tokens of [`Key::sign_jws`].
    fn protected(&self, key: &Key, algorithm: Algorithm) -> Result<String, Error> {
        let extra = self.extra()?;
        let first =
            serde_json::to_string(&NewHeader { alg: algorithm, typ: self.typ.as_deref(), kid: key.kid() })
                .map_err(|_| Error::Backend("writing a header"))?;
        if extra.is_empty() {
            return Ok(first);
        }
        let rest = Value::Object(extra).to_string();
        let inner = first.strip_suffix('}').unwrap_or(&first);
        Ok(format!("{inner},{}", rest.strip_prefix('{').unwrap_or(&rest)))
    }

    fn protected_map(&self, key: &Key, algorithm: Algorithm) -> Result<Map<String, Value>, Error> {
        serde_json::from_str(&self.protected(key, algorithm)?).map_err(|_| Error::Backend("writing a header"))
    }

    fn extra(&self) -> Result<Map<String, Value>, Error> {
        let mut extra = self.parameters.clone();
        if OWN.iter().any(|name| extra.contains_key(*name)) {
            return Err(Error::Malformed {
                what: "a header parameter",
                expected: "none of alg, kid, typ, crit and b64, which have their own ways in",
            });
        }
        if self.critical.iter().any(|name| REGISTERED.contains(&name.as_str())) {
            return Err(Error::Malformed {
                what: "a critical parameter",
                expected: "an extension: what JWS itself defines needs no crit (RFC 7515 4.1.11)",
            });
        }
        let mut critical = self.critical.clone();
        if self.unencoded {
            extra.insert("b64".to_owned(), false.into());
            critical.push("b64".to_owned());
        }
        if !critical.is_empty() {
            extra.insert("crit".to_owned(), critical.into());
        }
        Ok(extra)
    }
}
