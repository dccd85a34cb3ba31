//! JWS in the general and the flattened JSON form (RFC 7515 7.2).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::compact::{signing_input, text};
use super::header::{self, Header};
use super::policy::JwsPolicy;
use super::{MAX_HEADER_BYTES, MAX_SIGNATURES};
use crate::base64url;
use crate::error::Error;
use crate::json;
use crate::key_set::KeySet;

/// A verified JWS of a JSON form.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JwsJson {
    /// The payload.
    pub payload: Vec<u8>,
    /// The signatures that are valid: all of them, unless the policy asks for any.
    pub signatures: Vec<VerifiedSignature>,
}

/// One valid signature.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VerifiedSignature {
    /// Its header.
    pub header: Header,
    /// The part of the header that was not signed.
    pub unprotected: Map<String, Value>,
}

#[derive(Deserialize)]
struct Message<'a> {
    payload: Option<String>,
    #[serde(borrow)]
    signatures: Option<Vec<Member<'a>>>,
    // The flattened form (RFC 7515 7.2.2).
    protected: Option<String>,
    #[serde(borrow)]
    header: Option<&'a RawValue>,
    signature: Option<String>,
}

#[derive(Deserialize)]
struct Member<'a> {
    protected: Option<String>,
    #[serde(borrow)]
    header: Option<&'a RawValue>,
    signature: String,
}

impl KeySet {
    /// Verifies a JWS of a JSON form by a policy, and returns its payload.
    ///
    /// # Errors
    /// As [`verify_jws_with`](Self::verify_jws_with), of the first signature that is not valid.
    pub fn verify_jws_json(&self, message: &str, policy: &JwsPolicy) -> Result<JwsJson, Error> {
        self.verify_json(message, None, policy)
    }

    /// Verifies a JWS of a JSON form whose payload came another way (RFC 7515 appendix F).
    ///
    /// # Errors
    /// As [`verify_jws_json`](Self::verify_jws_json).
    pub fn verify_detached_jws_json(
        &self,
        message: &str,
        payload: &[u8],
        policy: &JwsPolicy,
    ) -> Result<JwsJson, Error> {
        self.verify_json(message, Some(payload), policy)
    }

    fn verify_json(
        &self,
        message: &str,
        detached: Option<&[u8]>,
        policy: &JwsPolicy,
    ) -> Result<JwsJson, Error> {
        if message.len() > policy.max_bytes {
            return Err(Error::TooLong("the message"));
        }
        json::check("the message", message)?;
        let message: Message<'_> = serde_json::from_str(message).map_err(|_| MALFORMED)?;
        let signatures = match (message.signatures, message.signature) {
            (Some(several), None) if message.protected.is_none() && message.header.is_none() => several,
            (None, Some(signature)) => {
                vec![Member { protected: message.protected, header: message.header, signature }]
            }
            _ => return Err(MALFORMED),
        };
        if signatures.is_empty() || signatures.len() > MAX_SIGNATURES {
            return Err(Error::OutOfBounds("the number of signatures"));
        }
        let (mut payload, mut verified, mut refused) = (None, Vec::new(), None);
        for signature in signatures {
            match self.verify_one(signature, message.payload.as_deref(), detached, policy) {
                Ok((signature, signed)) => {
                    // All signatures are over one payload, so all agree on how it is encoded (RFC 7797 3).
                    if payload.as_ref().is_some_and(|known| *known != signed) {
                        return Err(MALFORMED);
                    }
                    payload = Some(signed);
                    verified.push(signature);
                }
                Err(problem) if policy.any_signature => refused = Some(problem),
                Err(problem) => return Err(problem),
            }
        }
        match payload {
            Some(payload) => Ok(JwsJson { payload, signatures: verified }),
            None => Err(refused.unwrap_or(Error::BadSignature)),
        }
    }

    fn verify_one(
        &self,
        signature: Member<'_>,
        attached: Option<&str>,
        detached: Option<&[u8]>,
        policy: &JwsPolicy,
    ) -> Result<(VerifiedSignature, Vec<u8>), Error> {
        let protected = signature.protected.unwrap_or_default();
        let unprotected = signature.header.map(RawValue::get);
        if protected.len().saturating_add(unprotected.map_or(0, str::len)) > MAX_HEADER_BYTES {
            return Err(Error::TooLong("the header"));
        }
        let header = header::parse(
            &text("the header", base64url::decode(&protected)?)?,
            unprotected,
            policy.understood(),
        )?;
        if !policy.algorithms.contains(header.algorithm()) {
            return Err(Error::AlgorithmNotAllowed);
        }
        let payload = match (attached, detached) {
            (Some(attached), None) if header.is_unencoded() => attached.as_bytes().to_vec(),
            (Some(attached), None) => base64url::decode(attached)?,
            (None, Some(detached)) => detached.to_vec(),
            _ => return Err(MALFORMED),
        };
        let input = signing_input(&protected, &payload, header.is_unencoded());
        let bytes = base64url::decode(&signature.signature)?;
        let mut outcome = Err(Error::KeyMismatch);
        for key in self.candidates(&header)? {
            outcome = key.verify(header.algorithm(), &input, &bytes);
            if outcome.is_ok() {
                break;
            }
        }
        outcome?;
        let unprotected = match unprotected {
            Some(json) => serde_json::from_str(json).map_err(|_| MALFORMED)?,
            None => Map::new(),
        };
        Ok((VerifiedSignature { header, unprotected }, payload))
    }
}

const MALFORMED: Error = Error::Malformed {
    what: "the message",
    expected: "a JWS of one of the JSON forms, with its payload where none is given (RFC 7515 7.2)",
};
