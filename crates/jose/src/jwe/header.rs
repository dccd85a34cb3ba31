//! The JOSE header of an encrypted message (RFC 7516 4): up to three parts, together one object.

use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::algorithm::{ContentEncryption, KeyManagement};
use crate::base64url;
use crate::critical;
use crate::crypto::PublicMaterial;
use crate::error::Error;
use crate::json;
use crate::jwk::Jwk;

/// The header for one recipient. Nothing of it is to be trusted before the message is decrypted, which it is when a caller
/// gets to see it; the unprotected parts not even then.
#[derive(Clone, Debug, PartialEq)]
pub struct JweHeader {
    algorithm: KeyManagement,
    encryption: ContentEncryption,
    /// Recipients share these parts: a copy for each would multiply what a message takes.
    protected: Arc<Map<String, Value>>,
    unprotected: Arc<Map<String, Value>>,
    /// The recipient's own.
    own: Map<String, Value>,
}

impl JweHeader {
    /// How the content's key was protected.
    #[must_use]
    pub fn algorithm(&self) -> KeyManagement {
        self.algorithm
    }

    /// How the content was encrypted.
    #[must_use]
    pub fn encryption(&self) -> ContentEncryption {
        self.encryption
    }

    /// What kind of object it says it is.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.text("typ")
    }

    /// What it says the plaintext is.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.text("cty")
    }

    /// The name of the recipient's key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// Any parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.protected.get(name).or_else(|| self.unprotected.get(name)).or_else(|| self.own.get(name))
    }

    /// All parameters of all parts.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        [&*self.protected, &*self.unprotected, &self.own]
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// Whether a parameter was protected: nobody can have changed it.
    #[must_use]
    pub fn is_protected(&self, name: &str) -> bool {
        self.protected.contains_key(name)
    }

    /// Joins the parts: the protected one, the one that recipients share, and the recipient's own.
    pub(super) fn join(
        parts: &Parts,
        own: Option<Map<String, Value>>,
        understood: &[String],
    ) -> Result<Self, Error> {
        let own = own.unwrap_or_default();
        let (protected, unprotected) = (&parts.protected, &parts.unprotected);
        let is_protected = |name: &String| protected.contains_key(name);
        if unprotected.keys().any(is_protected)
            || own.keys().any(|name| is_protected(name) || unprotected.contains_key(name))
        {
            return Err(Error::DuplicateMember("the header"));
        }
        // These steer what is done with the whole message (RFC 7516 4.1.3, 4.1.13).
        if unprotected.keys().chain(own.keys()).any(|name| name == "crit" || name == "zip") {
            return Err(Error::CriticalHeader);
        }
        check_critical(protected, understood)?;
        let get =
            |name: &str| protected.get(name).or_else(|| unprotected.get(name)).or_else(|| own.get(name));
        let text = |name: &str| match get(name) {
            Some(Value::String(text)) => Ok(text.as_str()),
            _ => Err(Error::AlgorithmNotAllowed),
        };
        let (algorithm, encryption) = (text("alg")?.parse()?, text("enc")?.parse()?);
        for name in ["typ", "cty", "kid"] {
            if get(name).is_some_and(|value| !value.is_string()) {
                return Err(MALFORMED);
            }
        }
        let (protected, unprotected) = (Arc::clone(protected), Arc::clone(unprotected));
        Ok(Self { algorithm, encryption, protected, unprotected, own })
    }

    /// Whether the plaintext was compressed.
    pub(super) fn is_compressed(&self) -> Result<bool, Error> {
        match self.get("zip") {
            None => Ok(false),
            Some(Value::String(name)) if name == "DEF" => Ok(true),
            Some(_) => Err(Error::Malformed { what: "zip", expected: "DEF (RFC 7516 4.1.3)" }),
        }
    }

    /// A parameter of base64url; nothing where it is absent.
    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, Error> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => base64url::decode(text),
            Some(_) => Err(MALFORMED),
        }
    }

    /// A parameter that is a small number.
    pub(super) fn number(&self, name: &str) -> Result<u32, Error> {
        let number = self.get(name).and_then(Value::as_u64);
        number.and_then(|number| u32::try_from(number).ok()).ok_or(MALFORMED)
    }

    /// The ephemeral public key (RFC 7518 4.6.1.1).
    pub(super) fn ephemeral(&self) -> Result<PublicMaterial, Error> {
        let epk = self.get("epk").filter(|epk| epk.is_object()).ok_or(MALFORMED)?;
        let jwk = Jwk::from_json(&epk.to_string())?;
        if jwk.is_private() {
            return Err(MALFORMED);
        }
        jwk.material().public().cloned().ok_or(MALFORMED)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }
}

/// The parts of the header that all recipients share.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) protected: Arc<Map<String, Value>>,
    pub(super) unprotected: Arc<Map<String, Value>>,
}

/// Reads a part from its text, strictly.
pub(super) fn object(json: &str) -> Result<Map<String, Value>, Error> {
    json::check("the header", json)?;
    serde_json::from_str(json).map_err(|_| json::malformed("the header"))
}

/// Every extension must be protected, present and understood (RFC 7516 4.1.13, RFC 7515 4.1.11).
fn check_critical(protected: &Map<String, Value>, understood: &[String]) -> Result<(), Error> {
    let Some(crit) = protected.get("crit") else { return Ok(()) };
    // What is no array of strings names nothing, which is not sound either.
    let names = Vec::<String>::deserialize(crit).unwrap_or_default();
    let is_there = |name: &str| protected.contains_key(name);
    if critical::is_sound(&names, is_there, |name| understood.iter().any(|known| known == name)) {
        return Ok(());
    }
    Err(Error::CriticalHeader)
}

const MALFORMED: Error =
    Error::Malformed { what: "a header parameter", expected: "of the type that its algorithm gives it" };
