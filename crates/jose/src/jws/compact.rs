//! JWS in the compact form (RFC 7515 7.1): sign, and verify in an order that an attacker can't use.
//!
//! Bounds come first, then the header, then the key, then the signature; what the payload says is looked at last. The
//! header supplies no key: `jwk`, `jku`, `x5u`, `x5c` are read over (RFC 8725 3.1 and 3.10), and `crit` is refused, since no
//! extension is understood.

use std::borrow::Cow;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::base64url;
use crate::error::Error;
use crate::json::{self, DUPLICATE, Name, Names, Strict};
use crate::key::Key;
use crate::key_set::KeySet;

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 64 * 1024;
/// The longest encoded header.
const MAX_HEADER_BYTES: usize = 4 * 1024;

/// The protected header of a verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The algorithm that was verified.
    pub algorithm: Algorithm,
    /// What kind of token it says it is.
    pub typ: Option<String>,
    /// The name of the key.
    pub kid: Option<String>,
}

/// A verified JWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jws {
    /// The protected header.
    pub header: Header,
    /// The payload.
    pub payload: Vec<u8>,
}

/// The header of a new token.
#[derive(Serialize)]
pub(crate) struct NewHeader<'a> {
    pub(crate) alg: Algorithm,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) typ: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kid: Option<&'a str>,
}

impl Key {
    /// Signs a payload.
    ///
    /// # Errors
    /// [`Error::NoPrivateKey`] for a public key, [`Error::KeyMismatch`] for a key without one fixed algorithm.
    pub fn sign_jws(&self, payload: &[u8]) -> Result<String, Error> {
        sign(self, None, payload)
    }

    /// Verifies a JWS with this key and returns its payload.
    ///
    /// # Errors
    /// What was wrong, in the order of the module's page.
    pub fn verify_jws(&self, token: &str, algorithms: &[Algorithm]) -> Result<Jws, Error> {
        let unverified = Unverified::parse(token, AlgorithmSet::of(algorithms), self.verified_headers())?;
        unverified.check_name(self)?;
        unverified.verify_with(self)?;
        unverified.into_jws()
    }
}

impl KeySet {
    /// Verifies a JWS with the key it names and returns its payload.
    ///
    /// # Errors
    /// [`Error::UnknownKey`] when no key has its `kid`; else as [`Key::verify_jws`].
    pub fn verify_jws(&self, token: &str, algorithms: &[Algorithm]) -> Result<Jws, Error> {
        let unverified = Unverified::parse(token, AlgorithmSet::of(algorithms), self.verified_headers())?;
        unverified.verify_with_set(self)?;
        unverified.into_jws()
    }
}

/// `header.payload.signature`, in one allocation and the one of the caller's payload.
pub(crate) fn sign(key: &Key, typ: Option<&str>, payload: &[u8]) -> Result<String, Error> {
    let (algorithm, signing) = key.signing()?;
    let header = key.encoded_header(algorithm, typ)?;
    let signature_room = algorithm.signature_room();
    let room = header
        .len()
        .saturating_add(payload.len().div_ceil(3).saturating_mul(4))
        .saturating_add(signature_room);
    let mut token = String::with_capacity(room);
    token.push_str(&header);
    token.push('.');
    base64url::append(payload, &mut token);
    let mut encoded = String::with_capacity(signature_room);
    signing.sign(algorithm, token.as_bytes(), &mut |signature| base64url::append(signature, &mut encoded))?;
    token.push('.');
    token.push_str(&encoded);
    Ok(token)
}

/// How many headers are remembered: an issuer has a few kinds of token and a few keys.
const REMEMBERED: usize = 8;

/// Headers of tokens that were verified, as they stood in the token: the same text need not be parsed again.
#[derive(Debug, Default)]
pub(crate) struct VerifiedHeaders(RwLock<Vec<(Box<str>, Header)>>);

impl VerifiedHeaders {
    fn find(&self, encoded: &str) -> Option<Header> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(text, _)| **text == *encoded).map(|(_, header)| header.clone())
    }

    fn remember(&self, encoded: &str, header: &Header) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < REMEMBERED && known.iter().all(|(text, _)| **text != *encoded) {
            known.push((encoded.into(), header.clone()));
        }
    }
}

/// A token whose parts are decoded and whose signature is yet to be verified.
pub(crate) struct Unverified<'t> {
    header: Header,
    /// The header as it stood, where it is not remembered yet.
    new_header: Option<&'t str>,
    remembered: &'t VerifiedHeaders,
    signed: &'t str,
    payload: &'t str,
    signature: Vec<u8>,
}

impl<'t> Unverified<'t> {
    pub(crate) fn parse(
        token: &'t str,
        algorithms: AlgorithmSet,
        remembered: &'t VerifiedHeaders,
    ) -> Result<Self, Error> {
        let (encoded, payload, signature) = split(token)?;
        let (header, new_header) = match remembered.find(encoded) {
            Some(header) => (header, None),
            None => (parse_header(encoded)?, Some(encoded)),
        };
        if !algorithms.contains(header.algorithm) {
            return Err(Error::AlgorithmNotAllowed);
        }
        if signature.is_empty() {
            return Err(Error::BadSignature);
        }
        let signed_len = token.len().saturating_sub(signature.len()).saturating_sub(1);
        let signed = token.get(..signed_len).ok_or(Error::BadSignature)?;
        Ok(Self { header, new_header, remembered, signed, payload, signature: base64url::decode(signature)? })
    }

    /// A token that names another key than this one is not this one's.
    pub(crate) fn check_name(&self, key: &Key) -> Result<(), Error> {
        match (&self.header.kid, key.kid()) {
            (Some(named), Some(kid)) if named != kid => Err(Error::UnknownKey),
            _ => Ok(()),
        }
    }

    pub(crate) fn verify_with(&self, key: &Key) -> Result<(), Error> {
        key.verify(self.header.algorithm, self.signed.as_bytes(), &self.signature)?;
        if let Some(encoded) = self.new_header {
            self.remembered.remember(encoded, &self.header);
        }
        Ok(())
    }

    pub(crate) fn verify_with_set(&self, keys: &KeySet) -> Result<(), Error> {
        let mut outcome = Err(Error::KeyMismatch);
        for key in keys.candidates(&self.header)? {
            outcome = self.verify_with(key);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn into_header(self) -> Header {
        self.header
    }

    pub(crate) fn payload(&self) -> Result<Vec<u8>, Error> {
        base64url::decode(self.payload)
    }

    /// The payload as text, checked once for all who parse it.
    pub(crate) fn text(&self) -> Result<String, Error> {
        let malformed = |_| Error::Malformed { what: "the claims set", expected: "JSON in UTF-8" };
        String::from_utf8(self.payload()?).map_err(malformed)
    }

    fn into_jws(self) -> Result<Jws, Error> {
        Ok(Jws { payload: self.payload()?, header: self.header })
    }
}

/// The three segments, before anything is decoded.
pub(crate) fn split(token: &str) -> Result<(&str, &str, &str), Error> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Error::TooLong("the token"));
    }
    let malformed =
        || Error::Malformed { what: "the token", expected: "three segments divided by dots (RFC 7515 7.1)" };
    let (header, rest) = token.split_once('.').ok_or_else(malformed)?;
    let (payload, signature) = rest.split_once('.').ok_or_else(malformed)?;
    if signature.contains('.') {
        return Err(malformed());
    }
    if header.len() > MAX_HEADER_BYTES {
        return Err(Error::TooLong("the header"));
    }
    Ok((header, payload, signature))
}

fn parse_header(encoded: &str) -> Result<Header, Error> {
    let json = base64url::decode(encoded)?;
    let parsed: ParsedHeader<'_> =
        serde_json::from_slice(&json).map_err(|problem| json::error("the header", &problem))?;
    if parsed.critical {
        return Err(Error::CriticalHeader);
    }
    let algorithm = parsed.alg.ok_or(Error::AlgorithmNotAllowed)?.parse()?;
    Ok(Header { algorithm, typ: parsed.typ.map(Cow::into_owned), kid: parsed.kid.map(Cow::into_owned) })
}

/// The members that are looked at; the others only have to be strict JSON.
#[derive(Default)]
struct ParsedHeader<'a> {
    alg: Option<Cow<'a, str>>,
    typ: Option<Cow<'a, str>>,
    kid: Option<Cow<'a, str>>,
    critical: bool,
}

impl<'de> Deserialize<'de> for ParsedHeader<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = ParsedHeader<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut header = ParsedHeader::default();
                let mut names = Names::new();
                while let Some(name) = members.next_key_seed(Name)? {
                    match &*name {
                        "alg" => header.alg = Some(members.next_value_seed(Name)?),
                        "typ" => header.typ = Some(members.next_value_seed(Name)?),
                        "kid" => header.kid = Some(members.next_value_seed(Name)?),
                        other => {
                            header.critical |= matches!(other, "crit" | "b64");
                            members.next_value_seed(Strict::MEMBER)?;
                        }
                    }
                    if !names.insert(name) {
                        return Err(A::Error::custom(DUPLICATE));
                    }
                }
                Ok(header)
            }
        }

        deserializer.deserialize_map(Members)
    }
}
