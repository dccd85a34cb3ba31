//! JWE (RFC 7516): encrypt and decrypt, in the compact form and the JSON forms.

use authmint_jose::{
    EncryptionKey, EncryptionKeySet, Error, Jwe, JweBuilder, JweHeader, JwePolicy, JweRecipient,
    KeyManagement, base64url,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use serde_json::{Map, Value};

use crate::algorithms::Algorithms;
use crate::errors::{OrRaise as _, named, raise};
use crate::json;
use crate::jws::NewHeader;
use crate::key_set::Keys;

/// What a protected header says about the message: how the key is managed, how the content is encrypted, and the rest.
struct Plan {
    algorithm: Option<String>,
    kid: Option<String>,
    builder: JweBuilder,
}

impl Plan {
    fn read(header: &Bound<'_, PyDict>, algorithms: &Algorithms) -> PyResult<Self> {
        let py = header.py();
        let NewHeader { algorithm, kid, typ, others } = NewHeader::read(header)?;
        let text = |name: &str| others.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let encryption = match text("enc") {
            Some(Value::String(name)) => algorithms
                .encryptions
                .iter()
                .copied()
                .find(|encryption| encryption.name() == name)
                .ok_or_else(|| named(py, "UnsupportedEncryptionAlgorithmError", None, ""))?,
            _ => return Err(named(py, "MissingEncryptionAlgorithmError", None, "")),
        };
        let mut builder = JweBuilder::new(encryption);
        if let Some(typ) = &typ {
            builder = builder.typ(typ);
        }
        match text("zip") {
            None => {}
            Some(Value::String(name)) if name == "DEF" => builder = builder.compress(),
            Some(_) => return Err(named(py, "UnsupportedCompressionAlgorithmError", None, "")),
        }
        let parties = [party(py, text("apu"))?, party(py, text("apv"))?];
        if let [Some(producer), Some(recipient)] = &parties {
            builder = builder.parties(producer, recipient);
        } else if parties.iter().any(Option::is_some) {
            let [producer, recipient] = parties.map(Option::unwrap_or_default);
            builder = builder.parties(&producer, &recipient);
        }
        if let Some(count) = text("p2c") {
            let count = count.as_u64().and_then(|count| u32::try_from(count).ok());
            builder = builder.iterations(count.ok_or_else(|| raise(py, &Error::OutOfBounds("p2c")))?);
        }
        for (name, value) in others {
            if !["enc", "zip", "apu", "apv", "p2c"].contains(&name.as_str()) {
                builder = builder.header(&name, value);
            }
        }
        Ok(Self { algorithm, kid, builder })
    }

    /// The key for a recipient, under the name that the headers give it, or else its own.
    fn recipient(
        &self,
        py: Python<'_>,
        own: &Map<String, Value>,
        keys: &Keys<'_>,
        algorithms: &Algorithms,
    ) -> PyResult<(KeyManagement, EncryptionKey)> {
        let own = |name: &str| own.get(name).and_then(Value::as_str);
        let name = own("alg")
            .or(self.algorithm.as_deref())
            .ok_or_else(|| named(py, "MissingAlgorithmError", None, "the header has no alg"))?;
        let algorithm = algorithms.managements.iter().copied().find(|algorithm| algorithm.name() == name);
        let algorithm = algorithm.ok_or_else(|| raise(py, &Error::AlgorithmNotAllowed))?;
        let kid = own("kid").or(self.kid.as_deref());
        let (key, chosen) = keys.to_encrypt(algorithm, kid).or_raise(py)?;
        let kid = kid.or(match keys {
            Keys::Set(_) => chosen,
            Keys::One(_) => None,
        });
        Ok((
            algorithm,
            match kid {
                Some(kid) => key.with_kid(kid),
                None => key,
            },
        ))
    }

    fn with_sender(
        self,
        py: Python<'_>,
        sender: Option<&Keys<'_>>,
        algorithm: KeyManagement,
    ) -> PyResult<JweBuilder> {
        let Some(sender) = sender else { return Ok(self.builder) };
        let (key, _) = sender.to_encrypt(algorithm, None).or_raise(py)?;
        Ok(self.builder.sender(&key))
    }
}

/// `apu` and `apv`: base64url in the header.
fn party(py: Python<'_>, value: Option<&Value>) -> PyResult<Option<Vec<u8>>> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => base64url::decode(text).map(Some).or_raise(py),
        Some(_) => Err(raise(py, &Error::Base64)),
    }
}

fn members(part: Option<&Bound<'_, PyDict>>) -> PyResult<Map<String, Value>> {
    part.map_or_else(
        || Ok(Map::new()),
        |part| {
            let text = json::text(part)?;
            serde_json::from_str(&text)
                .map_err(|_| named(part.py(), "DecodeError", None, "a header is an object"))
        },
    )
}

/// Encrypts in the compact form.
#[pyfunction]
#[pyo3(signature = (header, plaintext, key, algorithms, sender = None))]
pub(crate) fn encrypt<'py>(
    header: &Bound<'py, PyDict>,
    plaintext: &[u8],
    key: Keys<'py>,
    algorithms: &Bound<'py, Algorithms>,
    sender: Option<Keys<'py>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = header.py();
    let plan = Plan::read(header, algorithms.get())?;
    let (algorithm, recipient) = plan.recipient(py, &Map::new(), &key, algorithms.get())?;
    let builder = plan.with_sender(py, sender.as_ref(), algorithm)?;
    let message = py.detach(|| builder.encrypt(&recipient, plaintext)).or_raise(py)?;
    Ok(PyBytes::new(py, message.as_bytes()))
}

/// Encrypts in a JSON form: a protected header, one that the recipients share, and a header and a key for each of them.
#[pyfunction]
#[pyo3(signature = (protected, unprotected, recipients, plaintext, algorithms, flattened, aad = None, sender = None))]
#[expect(clippy::too_many_arguments, reason = "the parts of a message, for the package alone")]
pub(crate) fn encrypt_json<'py>(
    protected: &Bound<'py, PyDict>,
    unprotected: Option<&Bound<'py, PyDict>>,
    recipients: Vec<(Option<Bound<'py, PyDict>>, Keys<'py>)>,
    plaintext: &[u8],
    algorithms: &Bound<'py, Algorithms>,
    flattened: bool,
    aad: Option<&[u8]>,
    sender: Option<Keys<'py>>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = protected.py();
    let mut plan = Plan::read(protected, algorithms.get())?;
    let shared = members(unprotected)?;
    let alg = shared.get("alg").and_then(Value::as_str).map(str::to_owned);
    plan.algorithm = plan.algorithm.take().or(alg);
    let mut keys = Vec::new();
    let mut sends_as = None;
    for (own, key) in &recipients {
        let own = members(own.as_ref())?;
        let (algorithm, key) = plan.recipient(py, &own, key, algorithms.get())?;
        sends_as = Some(algorithm);
        keys.push((own, key));
    }
    let sends_as = sends_as.ok_or_else(|| raise(py, &Error::OutOfBounds("the number of recipients")))?;
    let mut builder = plan.with_sender(py, sender.as_ref(), sends_as)?;
    for (name, value) in shared.into_iter().filter(|(name, _)| name != "alg") {
        builder = builder.unprotected(&name, value);
    }
    if let Some(aad) = aad {
        builder = builder.aad(aad);
    }
    let recipients: Vec<_> = keys
        .iter()
        .map(|(own, key)| {
            own.iter()
                // These two are the key's, and written by it.
                .filter(|(name, _)| !["alg", "kid"].contains(&name.as_str()))
                .fold(JweRecipient::new(key), |recipient, (name, value)| {
                    recipient.header(name, value.clone())
                })
        })
        .collect();
    let message = py.detach(|| match recipients.as_slice() {
        [only] if flattened => builder.encrypt_flattened(only, plaintext),
        several => builder.encrypt_json(several, plaintext),
    });
    json::read_object(py, "the message", &message.or_raise(py)?)
}

/// Decrypts the compact form: the header, and the plaintext.
#[pyfunction]
#[pyo3(signature = (message, key, algorithms, understood = Vec::new(), sender = None))]
pub(crate) fn decrypt<'py>(
    message: &Bound<'py, PyAny>,
    key: Keys<'py>,
    algorithms: &Bound<'py, Algorithms>,
    understood: Vec<String>,
    sender: Option<Keys<'py>>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyBytes>)> {
    let py = message.py();
    let text = json::str_or_bytes(message, "the message")?;
    let opened = open(py, &key, algorithms.get(), &understood, sender.as_ref(), |keys, policy| {
        keys.decrypt_jwe(text, policy)
    })?;
    Ok((whole_header(py, &opened.header)?, PyBytes::new(py, &opened.plaintext)))
}

/// Decrypts a JSON form: the header of the recipient that the key is for, the plaintext, and the additional data.
#[pyfunction]
#[pyo3(signature = (message, key, algorithms, understood = Vec::new(), sender = None))]
#[expect(clippy::type_complexity, reason = "Python takes it apart at once")]
pub(crate) fn decrypt_json<'py>(
    message: &Bound<'py, PyDict>,
    key: Keys<'py>,
    algorithms: &Bound<'py, Algorithms>,
    understood: Vec<String>,
    sender: Option<Keys<'py>>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyBytes>, Option<Bound<'py, PyBytes>>)> {
    let py = message.py();
    let text = json::message(message)?;
    let opened = open(py, &key, algorithms.get(), &understood, sender.as_ref(), |keys, policy| {
        keys.decrypt_jwe_json(&text, policy)
    })?;
    let aad = opened.aad.as_deref().map(|aad| PyBytes::new(py, aad));
    Ok((whole_header(py, &opened.header)?, PyBytes::new(py, &opened.plaintext), aad))
}

/// Decrypts with a set of keys, or with one key whatever it is called; other threads run meanwhile.
fn open(
    py: Python<'_>,
    key: &Keys<'_>,
    algorithms: &Algorithms,
    understood: &[String],
    sender: Option<&Keys<'_>>,
    decrypt: impl Fn(&EncryptionKeySet, &JwePolicy) -> Result<Jwe, Error> + Sync,
) -> PyResult<Jwe> {
    let names: Vec<&str> = understood.iter().map(String::as_str).collect();
    let policy = |managements: &[KeyManagement]| {
        JwePolicy::new(managements, &algorithms.encryptions).understand(&names)
    };
    let from = |policy: JwePolicy, algorithm| match sender {
        Some(sender) => sender.to_encrypt(algorithm, None).map(|(sender, _)| policy.sender(&sender)),
        None => Ok(policy),
    };
    match key {
        Keys::Set(keys) => {
            let policy = from(policy(&algorithms.managements), KeyManagement::Ecdh1Pu).or_raise(py)?;
            let keys = keys.get();
            py.detach(|| decrypt(keys.encryption(), &policy)).or_raise(py)
        }
        Keys::One(key) => {
            let key = key.get();
            let key_type = key.jwk().key_type();
            let mut outcome = Err(Error::KeyMismatch);
            // One algorithm at a time: the message is for one of them, and is refused unseen for the others.
            for algorithm in algorithms.managements.iter().filter(|algorithm| algorithm.fits(key_type)) {
                let attempt = key.for_encryption(*algorithm).and_then(|ready| {
                    let policy = from(policy(&[*algorithm]), *algorithm)?;
                    let keys = EncryptionKeySet::from(ready);
                    py.detach(|| decrypt(&keys, &policy))
                });
                match attempt {
                    Err(Error::AlgorithmNotAllowed | Error::KeyMismatch | Error::WeakKey(_)) => {}
                    decided => {
                        outcome = decided;
                        break;
                    }
                }
            }
            if outcome == Err(Error::KeyMismatch) {
                // Either the message's algorithm is not allowed, or it is and the key is not for it.
                let policy = policy(&algorithms.managements);
                outcome = match decrypt(&EncryptionKeySet::default(), &policy) {
                    Err(Error::UnknownKey) => outcome,
                    other => other,
                };
            }
            outcome.or_raise(py)
        }
    }
}

/// All parts of a header as one.
fn whole_header<'py>(py: Python<'py>, header: &JweHeader) -> PyResult<Bound<'py, PyDict>> {
    let all: Map<String, Value> =
        header.members().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    json::read_object(py, "the header", &Value::Object(all).to_string())
}
