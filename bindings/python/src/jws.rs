//! JWS (RFC 7515, RFC 7797): sign and verify, in the compact form and the JSON forms.

use authmint_jose::{Algorithm, Error, Jws, JwsBuilder, JwsPolicy, JwsSigner, MAX_TOKEN_BYTES, base64url};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use serde_json::Value;

use crate::algorithms::Algorithms;
use crate::errors::{OrRaise as _, named, raise};
use crate::json;
use crate::key::Key;
use crate::key_set::Keys;

/// A protected header, as far as the core wants to know it.
pub(crate) struct NewHeader {
    pub(crate) algorithm: Option<String>,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
    pub(crate) others: Vec<(String, Value)>,
}

impl NewHeader {
    pub(crate) fn read(header: &Bound<'_, PyDict>) -> PyResult<Self> {
        let (mut algorithm, mut kid, mut typ, mut others) = (None, None, None, Vec::new());
        for (name, value) in header {
            let name = name
                .cast::<PyString>()
                .map_err(|_| PyTypeError::new_err("a name in a header must be a str"))?;
            match name.to_str()? {
                "alg" => algorithm = Some(text("alg", &value)?),
                "kid" => kid = Some(text("kid", &value)?),
                "typ" => typ = Some(text("typ", &value)?),
                name => others.push((name.to_owned(), json_value(&value)?)),
            }
        }
        Ok(Self { algorithm, kid, typ, others })
    }
}

fn text(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = value.cast::<PyString>();
    text.map_err(|_| PyTypeError::new_err(format!("{name} must be a str")))?.to_str().map(str::to_owned)
}

pub(crate) fn json_value(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    let text = json::text(value)?;
    serde_json::from_str(&text).map_err(|_| named(value.py(), "DecodeError", None, "JSON can't be written"))
}

/// An algorithm that the caller allows.
pub(crate) fn allowed(py: Python<'_>, name: &str, algorithms: &Algorithms) -> PyResult<Algorithm> {
    let found = algorithms.signatures.iter().copied().find(|algorithm| algorithm.name() == name);
    found.ok_or_else(|| raise(py, &Error::AlgorithmNotAllowed))
}

/// What the header says beyond its algorithm, as a builder.
fn builder(py: Python<'_>, header: NewHeader) -> PyResult<JwsBuilder> {
    let mut builder = JwsBuilder::new();
    if let Some(typ) = header.typ {
        builder = builder.typ(typ);
    }
    let critical = header.others.iter().find(|(name, _)| name == "crit").map(|(_, names)| names.clone());
    let critical: Vec<String> = match critical {
        Some(names) => serde_json::from_value(names).map_err(|_| raise(py, &Error::CriticalHeader))?,
        None => Vec::new(),
    };
    if critical.iter().any(|name| header.others.iter().all(|(known, _)| known != name)) {
        return Err(raise(py, &Error::CriticalHeader));
    }
    for (name, value) in header.others {
        let is_critical = critical.contains(&name);
        builder = match (name.as_str(), is_critical) {
            ("crit", _) => builder,
            ("b64", true) if value == Value::Bool(false) => builder.unencoded(),
            ("b64", true) if value == Value::Bool(true) => builder,
            ("b64", _) => return Err(raise(py, &Error::CriticalHeader)),
            (_, true) => builder.critical(&name, value),
            (_, false) => builder.header(&name, value),
        };
    }
    Ok(builder)
}

/// The key for a header, by the name that the header gives it, or else its own.
fn signing_key(
    py: Python<'_>,
    keys: &Keys<'_>,
    header: &NewHeader,
    algorithms: &Algorithms,
) -> PyResult<authmint_jose::Key> {
    let algorithm = header.algorithm.as_deref();
    let algorithm =
        algorithm.ok_or_else(|| named(py, "MissingAlgorithmError", None, "the header has no alg"))?;
    let algorithm = allowed(py, algorithm, algorithms)?;
    let (key, name) = keys.to_sign(algorithm, header.kid.as_deref()).or_raise(py)?;
    let name = header.kid.as_deref().or(match keys {
        // A set's choice must be told; a key that was named by the caller need not be.
        Keys::Set(_) => name,
        Keys::One(_) => None,
    });
    Ok(match name {
        Some(name) => key.with_kid(name),
        None => key,
    })
}

/// Signs in the compact form. Without a payload in the message where `detached`.
#[pyfunction]
#[pyo3(signature = (header, payload, key, algorithms, detached = false))]
pub(crate) fn sign<'py>(
    header: &Bound<'py, PyDict>,
    payload: &[u8],
    key: Keys<'py>,
    algorithms: &Bound<'py, Algorithms>,
    detached: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = header.py();
    let header = NewHeader::read(header)?;
    let signer = signing_key(py, &key, &header, algorithms.get())?;
    let mut builder = builder(py, header)?;
    if detached {
        builder = builder.detached();
    }
    let token = py.detach(|| builder.sign(&signer, payload)).or_raise(py)?;
    Ok(PyBytes::new(py, token.as_bytes()))
}

/// A protected and an unprotected header, and the key.
type Signer<'py> = (Option<Bound<'py, PyDict>>, Option<Bound<'py, PyDict>>, Keys<'py>);

/// Signs in a JSON form: `signers` are pairs of a protected and an unprotected header, with a key for each.
#[pyfunction]
#[pyo3(signature = (signers, payload, algorithms, flattened, detached = false))]
pub(crate) fn sign_json<'py>(
    py: Python<'py>,
    signers: Vec<Signer<'py>>,
    payload: &[u8],
    algorithms: &Bound<'py, Algorithms>,
    flattened: bool,
    detached: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let mut signatures = Vec::new();
    let mut body = None;
    for (protected, unprotected, keys) in &signers {
        let header = protected.clone().unwrap_or_else(|| PyDict::new(py));
        let all = header.copy()?;
        if let Some(unprotected) = unprotected {
            all.update(unprotected.as_mapping())?;
        }
        let whole = NewHeader::read(&all)?;
        let key = signing_key(py, keys, &whole, algorithms.get())?;
        let mut signer = JwsSigner::new(&key);
        let protects = header.contains("alg")?;
        if !protects && !header.is_empty() {
            return Err(named(
                py,
                "MissingAlgorithmError",
                None,
                "a protected header has an alg, or there is none",
            ));
        }
        if !protects {
            signer = signer.without_protected_header();
        }
        for (name, value) in unprotected.iter().flatten() {
            let name: String = name.extract()?;
            if name != "alg" {
                signer = signer.unprotected(&name, json_value(&value)?);
            }
        }
        let made = if protects {
            let mut builder = builder(py, NewHeader::read(&header)?)?;
            if detached {
                builder = builder.detached();
            }
            builder
        } else {
            JwsBuilder::new()
        };
        let message = py.detach(|| made.sign_flattened(&signer, payload)).or_raise(py)?;
        let message = json::read_object(py, "the message", &message)?;
        if flattened {
            return Ok(message);
        }
        if let Some(payload) = message.get_item("payload")? {
            message.del_item("payload")?;
            body = Some(payload);
        }
        signatures.push(message);
    }
    let message = PyDict::new(py);
    if let Some(body) = body {
        message.set_item("payload", body)?;
    }
    message.set_item("signatures", PyList::new(py, signatures)?)?;
    Ok(message)
}

/// The header and the payload of the compact form, **unverified**: to choose a key by what it says.
#[pyfunction]
pub(crate) fn peek<'py>(token: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyBytes>)> {
    let py = token.py();
    let token = json::str_or_bytes(token, "the token")?;
    let malformed =
        || raise(py, &Error::Malformed { what: "the token", expected: "header.payload.signature" });
    if token.len() > MAX_TOKEN_BYTES {
        return Err(raise(py, &Error::TooLong("the token")));
    }
    let mut parts = token.split('.');
    let (header, payload) = (parts.next().ok_or_else(malformed)?, parts.next().ok_or_else(malformed)?);
    let header = json::read_object_bytes(py, "the header", &base64url::decode(header).or_raise(py)?)?;
    Ok((header, PyBytes::new(py, &base64url::decode(payload).or_raise(py)?)))
}

/// Verifies the compact form: the header, and the payload.
#[pyfunction]
#[pyo3(signature = (token, key, algorithms, understood = Vec::new(), payload = None))]
pub(crate) fn verify<'py>(
    token: &Bound<'py, PyAny>,
    key: Keys<'py>,
    algorithms: &Bound<'py, Algorithms>,
    understood: Vec<String>,
    payload: Option<&[u8]>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyBytes>)> {
    let py = token.py();
    let token = json::str_or_bytes(token, "the token")?;
    if understood.is_empty() && payload.is_none() {
        let jws = verify_plain(py, token, &key, algorithms.get()).or_raise(py)?;
        let header = json::read_header(py, jws.header.as_json())?;
        return Ok((header, PyBytes::new(py, &jws.payload)));
    }
    let verified = verify_with(py, &key, algorithms.get(), |keys, algorithms| {
        let policy = policy(algorithms, &understood);
        match payload {
            Some(payload) => {
                keys.verify_detached_jws(token, payload, &policy).map(|header| (header, payload.to_vec()))
            }
            None => keys.verify_jws_with(token, &policy).map(|jws| (jws.header, jws.payload)),
        }
    });
    let (header, payload) = verified.or_raise(py)?;
    Ok((json::read_object(py, "the header", header.as_json())?, PyBytes::new(py, &payload)))
}

/// Verifies a token without extensions.
pub(crate) fn verify_plain(
    py: Python<'_>,
    token: &str,
    key: &Keys<'_>,
    algorithms: &Algorithms,
) -> Result<Jws, Error> {
    verify_with(py, key, algorithms, |keys, algorithms| keys.verify_jws(token, algorithms))
}

/// Verifies with a set of keys, or with one key whatever it is called; other threads run meanwhile.
pub(crate) fn verify_with<T: Send>(
    py: Python<'_>,
    key: &Keys<'_>,
    algorithms: &Algorithms,
    verify: impl Fn(&authmint_jose::KeySet, &[Algorithm]) -> Result<T, Error> + Sync,
) -> Result<T, Error> {
    let allowed = algorithms.signatures.as_slice();
    match key {
        Keys::Set(keys) => {
            let keys = keys.get();
            py.detach(|| keys.verify(|keys| verify(keys, allowed)))
        }
        Keys::One(key) => {
            let key = key.get();
            py.detach(|| verify_with_one(key, allowed, &verify))
        }
    }
}

fn verify_with_one<T>(
    key: &Key,
    allowed: &[Algorithm],
    verify: &impl Fn(&authmint_jose::KeySet, &[Algorithm]) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut problem = None;
    for verifier in key.for_verification() {
        let narrowed = verifier.only.map(|only| [only]);
        if verifier.only.is_some_and(|only| !allowed.contains(&only)) {
            continue;
        }
        match &verifier.keys {
            Err(error) => drop(problem.get_or_insert_with(|| error.clone())),
            // A secret is ready for each algorithm apart: the message is for one of them.
            Ok(keys) => match (verify(keys, narrowed.as_ref().map_or(allowed, |only| only)), narrowed) {
                (Err(Error::AlgorithmNotAllowed), Some(_)) => {}
                (verified, _) => return verified,
            },
        }
    }
    // Either the message's algorithm is not allowed, or it is and the key is not for it.
    match (verify(&authmint_jose::KeySet::default(), allowed), problem) {
        (Err(Error::UnknownKey | Error::KeyMismatch), problem) => Err(problem.unwrap_or(Error::KeyMismatch)),
        (outcome, _) => outcome,
    }
}

fn policy(algorithms: &[Algorithm], understood: &[String]) -> JwsPolicy {
    let names: Vec<&str> = understood.iter().map(String::as_str).collect();
    let policy = JwsPolicy::new(algorithms).understand(&names);
    if names.contains(&"b64") { policy.accept_unencoded() } else { policy }
}

/// Verifies a JSON form: the payload, and the protected and the unprotected header of each signature.
#[pyfunction]
#[pyo3(signature = (message, key, algorithms, understood = Vec::new(), payload = None))]
#[expect(clippy::type_complexity, reason = "Python takes it apart at once")]
pub(crate) fn verify_json<'py>(
    message: &Bound<'py, PyDict>,
    key: Keys<'py>,
    algorithms: &Bound<'py, Algorithms>,
    understood: Vec<String>,
    payload: Option<&[u8]>,
) -> PyResult<(Bound<'py, PyBytes>, Vec<(Bound<'py, PyDict>, Bound<'py, PyDict>)>)> {
    let py = message.py();
    let text = json::message(message)?;
    let verified = verify_with(py, &key, algorithms.get(), |keys, algorithms| {
        let policy = policy(algorithms, &understood);
        match payload {
            Some(payload) => keys.verify_detached_jws_json(&text, payload, &policy),
            None => keys.verify_jws_json(&text, &policy),
        }
    });
    let verified = verified.or_raise(py)?;
    let mut headers = Vec::new();
    for signature in &verified.signatures {
        let protected = match signature.header.as_json() {
            "" => PyDict::new(py),
            json => json::read_object(py, "the header", json)?,
        };
        let unprotected = Value::Object(signature.unprotected.clone()).to_string();
        headers.push((protected, json::read_object(py, "the header", &unprotected)?));
    }
    Ok((PyBytes::new(py, &verified.payload), headers))
}
