//! The forms of an encrypted message (RFC 7516 7), read: bounds first, then structure.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::content::Sealed;
use super::header::{JweHeader, Parts, object};
use super::policy::JwePolicy;
use super::{MAX_HEADER_BYTES, MAX_RECIPIENTS};
use crate::base64url;
use crate::error::Error;
use crate::json;

/// A message whose parts are decoded.
pub(super) struct Message {
    pub(super) recipients: Vec<Recipient>,
    pub(super) sealed: Sealed,
    /// What the tag is computed over beside the ciphertext (RFC 7516 5.1 step 14).
    pub(super) authenticated: String,
    /// The additional data of the JSON forms.
    pub(super) aad: Option<Vec<u8>>,
}

pub(super) struct Recipient {
    pub(super) header: JweHeader,
    pub(super) encrypted_key: Vec<u8>,
}

impl Message {
    /// Reads the compact form (RFC 7516 7.1).
    pub(super) fn compact(message: &str, policy: &JwePolicy) -> Result<Self, Error> {
        if message.len() > policy.max_bytes {
            return Err(Error::TooLong("the message"));
        }
        let mut segments = message.splitn(6, '.');
        let mut next = || segments.next();
        let (Some(protected), Some(key), Some(iv), Some(ciphertext), Some(tag), None) =
            (next(), next(), next(), next(), next(), next())
        else {
            return Err(Error::Malformed {
                what: "the message",
                expected: "five segments divided by dots (RFC 7516 7.1)",
            });
        };
        let parts = Parts { protected: protected_part(protected)?.into(), ..Parts::default() };
        let header = JweHeader::join(&parts, None, policy.understood())?;
        policy.check(&header)?;
        Ok(Self {
            recipients: vec![Recipient { header, encrypted_key: base64url::decode(key)? }],
            sealed: Sealed {
                iv: base64url::decode(iv)?,
                ciphertext: base64url::decode(ciphertext)?,
                tag: base64url::decode(tag)?,
            },
            authenticated: protected.to_owned(),
            aad: None,
        })
    }

    /// Reads one of the JSON forms (RFC 7516 7.2). Recipients whose algorithms are not known, or not
    /// allowed by the policy, are left out.
    pub(super) fn json(message: &str, policy: &JwePolicy) -> Result<Self, Error> {
        if message.len() > policy.max_bytes {
            return Err(Error::TooLong("the message"));
        }
        json::check("the message", message)?;
        let members: Members<'_> = serde_json::from_str(message).map_err(|_| MALFORMED)?;
        let recipients = match members.recipients {
            Some(several) if members.header.is_none() && members.encrypted_key.is_none() => several,
            None => vec![Member { header: members.header, encrypted_key: members.encrypted_key }],
            Some(_) => return Err(MALFORMED),
        };
        if recipients.is_empty() || recipients.len() > MAX_RECIPIENTS {
            return Err(Error::OutOfBounds("the number of recipients"));
        }
        let protected = members.protected.as_deref().unwrap_or_default();
        let parts = Parts {
            protected: protected_part(protected)?.into(),
            unprotected: members.unprotected.map(unprotected_part).transpose()?.unwrap_or_default().into(),
        };
        let (mut known, mut refused) = (Vec::new(), Error::AlgorithmNotAllowed);
        let several = recipients.len() > 1;
        for recipient in recipients {
            let own = recipient.header.map(unprotected_part).transpose()?;
            let header = match JweHeader::join(&parts, own, policy.understood()) {
                Ok(header) => header,
                // What nobody here has heard of may well be another recipient's (RFC 7516 5.2).
                Err(Error::AlgorithmNotAllowed) => continue,
                Err(problem) => return Err(problem),
            };
            // The content has one algorithm and, for several recipients, a key of its own (RFC 7516 5.1 step 5, 7.2.1).
            let other = known
                .first()
                .is_some_and(|first: &Recipient| first.header.encryption() != header.encryption());
            if other || (several && header.algorithm().is_direct()) {
                return Err(MALFORMED);
            }
            match policy.check(&header) {
                Ok(()) => {
                    let key = recipient.encrypted_key.as_deref().unwrap_or_default();
                    known.push(Recipient { header, encrypted_key: base64url::decode(key)? });
                }
                Err(problem) => refused = problem,
            }
        }
        if known.is_empty() {
            return Err(refused);
        }
        let authenticated = match &members.aad {
            Some(aad) => format!("{protected}.{aad}"),
            None => protected.to_owned(),
        };
        let decode = |member: &Option<String>| base64url::decode(member.as_deref().unwrap_or_default());
        Ok(Self {
            recipients: known,
            sealed: Sealed {
                iv: decode(&members.iv)?,
                ciphertext: base64url::decode(&members.ciphertext)?,
                tag: decode(&members.tag)?,
            },
            authenticated,
            aad: members.aad.as_deref().map(base64url::decode).transpose()?,
        })
    }
}

#[derive(Deserialize)]
struct Members<'a> {
    protected: Option<String>,
    #[serde(borrow)]
    unprotected: Option<&'a RawValue>,
    #[serde(borrow)]
    recipients: Option<Vec<Member<'a>>>,
    aad: Option<String>,
    iv: Option<String>,
    ciphertext: String,
    tag: Option<String>,
    // The flattened form (RFC 7516 7.2.2).
    #[serde(borrow)]
    header: Option<&'a RawValue>,
    encrypted_key: Option<String>,
}

#[derive(Deserialize)]
struct Member<'a> {
    #[serde(borrow)]
    header: Option<&'a RawValue>,
    encrypted_key: Option<String>,
}

fn protected_part(encoded: &str) -> Result<Map<String, Value>, Error> {
    if encoded.len() > MAX_HEADER_BYTES {
        return Err(Error::TooLong("the header"));
    }
    if encoded.is_empty() {
        return Ok(Map::new());
    }
    let json = String::from_utf8(base64url::decode(encoded)?);
    object(&json.map_err(|_| Error::Malformed { what: "the header", expected: "JSON in UTF-8" })?)
}

fn unprotected_part(json: &RawValue) -> Result<Map<String, Value>, Error> {
    if json.get().len() > MAX_HEADER_BYTES {
        return Err(Error::TooLong("the header"));
    }
    object(json.get())
}

const MALFORMED: Error =
    Error::Malformed { what: "the message", expected: "a JWE of one of the JSON forms (RFC 7516 7.2)" };
