//! The JOSE header (RFC 7515 4), and the headers that need not be parsed again.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;

use super::policy::Understood;
use crate::algorithm::Algorithm;
use crate::critical;
use crate::error::Error;
use crate::json::{self, Names, Problem};

/// The header of a verified signature. Cheap to clone.
///
/// All of it was signed. What was not, in the JSON forms, is in
/// [`VerifiedSignature::unprotected`](crate::VerifiedSignature::unprotected).
#[derive(Clone, PartialEq, Eq)]
pub struct Header(Arc<Members>);

#[derive(PartialEq, Eq)]
struct Members {
    algorithm: Algorithm,
    typ: Option<Box<str>>,
    kid: Option<Box<str>>,
    /// The `kid` that nobody signed: good enough to find a key by.
    unprotected_kid: Option<Box<str>>,
    /// The protected header as it stood.
    json: Box<str>,
    unencoded: bool,
    extended: bool,
}

impl Header {
    /// The algorithm that was verified.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// What kind of token it says it is.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.0.typ.as_deref()
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// The name to find the key by, whether it was signed or not: if it is the wrong one, the signature will not fit.
    pub(crate) fn lookup_kid(&self) -> Option<&str> {
        self.kid().or(self.0.unprotected_kid.as_deref())
    }

    /// The protected header as it stood: a JSON object, or nothing where nothing was protected.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0.json
    }

    /// Another parameter of the protected header.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<serde_json::Value> {
        let mut members: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&self.0.json).ok()?;
        members.remove(name)
    }

    /// Whether the payload is signed as it is (RFC 7797 3).
    pub(super) fn is_unencoded(&self) -> bool {
        self.0.unencoded
    }

    /// Whether it was understood by a policy's leave only.
    pub(super) fn is_extended(&self) -> bool {
        self.0.extended
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("algorithm", &self.algorithm())
            .field("typ", &self.typ())
            .field("kid", &self.kid())
            .finish_non_exhaustive()
    }
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

/// Reads a protected header, and the unprotected one beside it where there is one; together they are the header
/// (RFC 7515 5.2 step 4).
pub(super) fn parse(
    protected: &str,
    unprotected: Option<&str>,
    understood: Understood<'_>,
) -> Result<Header, Error> {
    let read = |json| Parsed::read(json).map_err(|problem| problem.of("the header"));
    let mut parsed = if protected.is_empty() { Parsed::default() } else { read(protected)? };
    let extended = parsed.check_critical(understood)?;
    let unencoded = parsed.b64 == Some("false");
    let (typ, kid) = (parsed.typ.clone(), parsed.kid.clone());
    if let Some(unprotected) = unprotected {
        parsed.join(read(unprotected)?)?;
    }
    let algorithm = parsed.alg.ok_or(Error::AlgorithmNotAllowed)?.parse()?;
    let text = |text: Option<Cow<'_, str>>| text.map(|text| text.into_owned().into_boxed_str());
    Ok(Header(Arc::new(Members {
        algorithm,
        typ: text(typ),
        unprotected_kid: text(parsed.kid.filter(|_| kid.is_none())),
        kid: text(kid),
        json: protected.into(),
        unencoded,
        extended,
    })))
}

/// The members that are looked at; the others only have to be strict JSON.
#[derive(Default)]
struct Parsed<'a> {
    alg: Option<Cow<'a, str>>,
    typ: Option<Cow<'a, str>>,
    kid: Option<Cow<'a, str>>,
    /// Empty where it is no array of strings.
    crit: Option<Vec<String>>,
    /// As it stands in the text.
    b64: Option<&'a str>,
    names: Names<'a>,
}

impl<'a> Parsed<'a> {
    fn read(json: &'a str) -> Result<Self, Problem> {
        let (mut header, mut members) = (Self::default(), json::Members::of(json));
        while let Some(name) = members.next()? {
            let value = members.value()?;
            match &*name {
                "alg" => header.alg = Some(members.text(value)?),
                "typ" => header.typ = Some(members.text(value)?),
                "kid" => header.kid = Some(members.text(value)?),
                "crit" => header.crit = Some(serde_json::from_str(value).unwrap_or_default()),
                "b64" => header.b64 = Some(value),
                _ => {}
            }
        }
        Ok(Self { names: members.into_names(), ..header })
    }

    /// Whether it has extensions, all of which the caller understands (RFC 7515 4.1.11, RFC 7797 6).
    fn check_critical(&self, understood: Understood<'_>) -> Result<bool, Error> {
        let critical = self.crit.as_deref().unwrap_or_default();
        let sound = self.crit.is_none()
            || critical::is_sound(
                critical,
                |name| self.names.contains(name),
                |name| understood.includes(name),
            );
        let b64_is_sound = self
            .b64
            .is_none_or(|b64| matches!(b64, "true" | "false") && critical.iter().any(|name| name == "b64"));
        if !sound || !b64_is_sound {
            return Err(Error::CriticalHeader);
        }
        Ok(self.crit.is_some())
    }

    /// Adds the unprotected header. No name may stand in both, and extensions must be protected.
    fn join(&mut self, unprotected: Parsed<'a>) -> Result<(), Error> {
        if unprotected.crit.is_some() || unprotected.b64.is_some() {
            return Err(Error::CriticalHeader);
        }
        if unprotected.names.iter().any(|name| self.names.contains(name)) {
            return Err(Error::DuplicateMember("the header"));
        }
        self.alg = self.alg.take().or(unprotected.alg);
        self.kid = self.kid.take().or(unprotected.kid);
        Ok(())
    }
}

/// How many headers are remembered: an issuer has a few kinds of token and a few keys.
const REMEMBERED: usize = 8;

/// Headers of tokens that were verified, as they stood in the token: the same text need not be parsed again. Only headers
/// without extensions are among them, since those mean the same under every policy.
#[derive(Debug, Default)]
pub(crate) struct VerifiedHeaders(RwLock<Vec<(Box<str>, Header)>>);

impl VerifiedHeaders {
    pub(super) fn find(&self, encoded: &str) -> Option<Header> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(text, _)| **text == *encoded).map(|(_, header)| header.clone())
    }

    pub(super) fn remember(&self, encoded: &str, header: &Header) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < REMEMBERED && known.iter().all(|(text, _)| **text != *encoded) {
            known.push((encoded.into(), header.clone()));
        }
    }
}
