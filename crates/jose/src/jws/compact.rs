//! JWS in the compact form (RFC 7515 7.1).

use std::borrow::Cow;

use super::header::{self, Header, VerifiedHeaders};
use super::policy::{JwsPolicy, Understood};
use super::{MAX_HEADER_BYTES, MAX_TOKEN_BYTES};
use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::base64url;
use crate::error::Error;
use crate::key::Key;
use crate::key_set::KeySet;

/// A verified JWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jws {
    /// The protected header.
    pub header: Header,
    /// The payload.
    pub payload: Vec<u8>,
}

impl Key {
    /// Signs a payload. [`JwsBuilder`](crate::JwsBuilder) says more in the header.
    ///
    /// # Errors
    /// [`Error::NoPrivateKey`] for a public key, [`Error::KeyMismatch`] for a key without one fixed algorithm.
    pub fn sign_jws(&self, payload: &[u8]) -> Result<String, Error> {
        sign(self, None, payload)
    }

    /// Verifies a JWS with this key and returns its payload.
    ///
    /// # Errors
    /// What was wrong: bounds, header, key, signature, in this order.
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

    /// Verifies a JWS by a policy.
    ///
    /// # Errors
    /// As [`verify_jws`](Self::verify_jws); [`Error::CriticalHeader`] for an extension that the policy does not name.
    pub fn verify_jws_with(&self, token: &str, policy: &JwsPolicy) -> Result<Jws, Error> {
        let unverified = Unverified::parse_with(token, None, policy, self.verified_headers())?;
        unverified.verify_with_set(self)?;
        unverified.into_jws()
    }

    /// Verifies a JWS whose payload came another way (RFC 7515 appendix F): the token's second segment must be empty.
    ///
    /// # Errors
    /// As [`verify_jws_with`](Self::verify_jws_with).
    pub fn verify_detached_jws(
        &self,
        token: &str,
        payload: &[u8],
        policy: &JwsPolicy,
    ) -> Result<Header, Error> {
        let unverified = Unverified::parse_with(token, Some(payload), policy, self.verified_headers())?;
        unverified.verify_with_set(self)?;
        Ok(unverified.into_header())
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

/// A token whose parts are decoded and whose signature is yet to be verified.
pub(crate) struct Unverified<'t> {
    header: Header,
    /// The header as it stood, where it is not remembered yet.
    new_header: Option<&'t str>,
    remembered: &'t VerifiedHeaders,
    signed: Cow<'t, [u8]>,
    payload: &'t str,
    signature: Vec<u8>,
}

impl<'t> Unverified<'t> {
    /// Reads a token that has no extensions and carries its payload.
    pub(crate) fn parse(
        token: &'t str,
        algorithms: AlgorithmSet,
        remembered: &'t VerifiedHeaders,
    ) -> Result<Self, Error> {
        Self::read(token, None, algorithms, Understood::default(), MAX_TOKEN_BYTES, remembered)
    }

    pub(super) fn parse_with(
        token: &'t str,
        detached: Option<&'t [u8]>,
        policy: &JwsPolicy,
        remembered: &'t VerifiedHeaders,
    ) -> Result<Self, Error> {
        Self::read(token, detached, policy.algorithms, policy.understood(), policy.max_bytes, remembered)
    }

    fn read(
        token: &'t str,
        detached: Option<&'t [u8]>,
        algorithms: AlgorithmSet,
        understood: Understood<'_>,
        max_bytes: usize,
        remembered: &'t VerifiedHeaders,
    ) -> Result<Self, Error> {
        let (encoded, payload, signature) = split_within(token, max_bytes)?;
        let (header, new_header) = match remembered.find(encoded) {
            Some(header) => (header, None),
            None => (
                header::parse(&text("the header", base64url::decode(encoded)?)?, None, understood)?,
                Some(encoded),
            ),
        };
        if !algorithms.contains(header.algorithm()) {
            return Err(Error::AlgorithmNotAllowed);
        }
        if signature.is_empty() {
            return Err(Error::BadSignature);
        }
        let signed = match detached {
            None if header.is_unencoded() => {
                return Err(Error::Malformed {
                    what: "the token",
                    expected: "detached from its payload, which is unencoded (RFC 7797 5.2)",
                });
            }
            None => {
                let length = token.len().saturating_sub(signature.len()).saturating_sub(1);
                Cow::Borrowed(token.get(..length).ok_or(Error::BadSignature)?.as_bytes())
            }
            Some(_) if !payload.is_empty() => {
                return Err(Error::Malformed {
                    what: "the token",
                    expected: "without a payload, which comes another way (RFC 7515 F)",
                });
            }
            Some(detached) => Cow::Owned(signing_input(encoded, detached, header.is_unencoded())),
        };
        let new_header = new_header.filter(|_| !header.is_extended());
        // The payload is decoded where the signature was, once that is verified.
        let mut buffer = Vec::with_capacity(payload.len().max(signature.len()));
        base64url::decode_into(signature, &mut buffer)?;
        Ok(Self { header, new_header, remembered, signed, payload, signature: buffer })
    }

    /// A token that names another key than this one is not this one's.
    pub(crate) fn check_name(&self, key: &Key) -> Result<(), Error> {
        match (self.header.kid(), key.kid()) {
            (Some(named), Some(kid)) if named != kid => Err(Error::UnknownKey),
            _ => Ok(()),
        }
    }

    pub(crate) fn verify_with(&self, key: &Key) -> Result<(), Error> {
        key.verify(self.header.algorithm(), &self.signed, &self.signature)?;
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

    pub(crate) fn into_jws(self) -> Result<Jws, Error> {
        let mut payload = self.signature;
        base64url::decode_into(self.payload, &mut payload)?;
        Ok(Jws { header: self.header, payload })
    }
}

/// What is signed (RFC 7515 5.1 step 5, RFC 7797 3).
pub(super) fn signing_input(encoded_header: &str, payload: &[u8], unencoded: bool) -> Vec<u8> {
    let room = encoded_header.len().saturating_add(payload.len().saturating_mul(2)).saturating_add(4);
    let mut input = String::with_capacity(room);
    input.push_str(encoded_header);
    input.push('.');
    if !unencoded {
        base64url::append(payload, &mut input);
    }
    let mut input = input.into_bytes();
    if unencoded {
        input.extend_from_slice(payload);
    }
    input
}

/// What was encoded, where that is text.
pub(crate) fn text(what: &'static str, decoded: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(decoded).map_err(|_| Error::Malformed { what, expected: "JSON in UTF-8" })
}

/// The three segments, before anything is decoded.
pub(crate) fn split(token: &str) -> Result<(&str, &str, &str), Error> {
    split_within(token, MAX_TOKEN_BYTES)
}

fn split_within(token: &str, max_bytes: usize) -> Result<(&str, &str, &str), Error> {
    if token.len() > max_bytes {
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
