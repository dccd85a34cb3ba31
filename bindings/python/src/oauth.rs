//! Messages of OAuth 2 as a client sends and reads them: addresses with parameters, callbacks (RFC 6749 4.1.2, RFC 9207), the
//! client's authentication (RFC 6749 2.3.1, RFC 7523 2.2) and proofs of a key (RFC 9449).

use std::time::Duration;

use authmint_jose::{
    Algorithm, Clock as _, Secret, SystemClock, SystemEntropy, constant_time_eq, random_token,
};
use authmint_oauth2::{AuthorizationResponse, ClientCredentials, DpopProof, Params};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyModule;
use serde::Serialize;

use crate::errors::{OrRaise as _, raise};
use crate::key::Key;

/// How long an assertion is good for: clocks may be apart by a minute or two.
const ASSERTION_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// An exception of `authmint.oauth2.errors`.
fn refuse(py: Python<'_>, name: &str, description: &str) -> PyErr {
    static ERRORS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let made = || {
        let errors =
            ERRORS.get_or_try_init(py, || py.import("authmint.oauth2.errors").map(Bound::unbind))?.bind(py);
        errors.getattr(name)?.call1((description,))
    };
    match made() {
        Ok(exception) => PyErr::from_value(exception),
        Err(problem) => problem,
    }
}

fn params(pairs: Vec<(String, String)>) -> Params {
    let mut params = Params::new();
    for (name, value) in pairs {
        params.append(name, value);
    }
    params
}

/// Parameters as a form.
#[pyfunction]
pub(crate) fn form(pairs: Vec<(String, String)>) -> String {
    params(pairs).to_query()
}

/// An address with parameters behind those that it has.
#[pyfunction]
pub(crate) fn add_params(uri: &str, pairs: Vec<(String, String)>) -> String {
    let query = params(pairs).to_query();
    let (address, fragment) = match uri.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (uri, None),
    };
    let joint = match address.chars().last() {
        _ if query.is_empty() => "",
        Some('?' | '&') => "",
        _ if address.contains('?') => "&",
        _ => "?",
    };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{address}{joint}{query}{fragment}")
}

/// The parameters of a callback: of the query, or of the fragment, of the address that came back.
///
/// # Errors
/// `MismatchingStateException` for another `state` than the expected one, or none; `MismatchingIssuerException` for another `iss`, or
/// none where the provider said that it sends one.
#[pyfunction]
#[pyo3(signature = (uri, state = None, issuer = None, sends_issuer = false))]
pub(crate) fn read_callback(
    py: Python<'_>,
    uri: &str,
    state: Option<&str>,
    issuer: Option<&str>,
    sends_issuer: bool,
) -> PyResult<Vec<(String, String)>> {
    let (address, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let text = if fragment.contains('=') { fragment } else { query };
    let malformed = |error: authmint_oauth2::Error| PyValueError::new_err(error.to_string());
    let params = Params::parse(text.as_bytes()).map_err(malformed)?;
    if let Some(state) = state {
        let came = params.get("state").unwrap_or_default();
        if !constant_time_eq(came.as_bytes(), state.as_bytes()) {
            let description = if came.is_empty() {
                "the answer has no state: it is not the answer to a request of this session (RFC 6749 10.12)"
            } else {
                "the state is not the one of this session: another login was begun since, or somebody else began this one (RFC 6749 10.12)"
            };
            return Err(refuse(py, "MismatchingStateException", description));
        }
    }
    if let Some(issuer) = issuer {
        match params.get("iss") {
            Some(iss) if iss != issuer => {
                let description = "the answer is from another issuer than the request went to (RFC 9207 2.4)";
                return Err(refuse(py, "MismatchingIssuerException", description));
            }
            None if sends_issuer => {
                let description = "the answer has no iss, and its provider sends one (RFC 9207 2.4)";
                return Err(refuse(py, "MismatchingIssuerException", description));
            }
            _ => {}
        }
    }
    // What is neither an answer nor an error is neither.
    AuthorizationResponse::from_params(&params)
        .map_err(|error| refuse(py, "MissingCodeException", &error.to_string()))?;
    Ok(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The `Authorization` header of a client with a secret: name and secret are encoded before they are joined (RFC 6749 2.3.1).
#[pyfunction]
pub(crate) fn basic_credentials(client_id: &str, client_secret: &str) -> PyResult<String> {
    let (mut headers, mut params) = (HeaderMap::new(), Params::new());
    let client_secret = Secret::new(client_secret);
    ClientCredentials::Basic { client_id: client_id.to_owned(), client_secret }
        .apply(&mut headers, &mut params);
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    value
        .map(str::to_owned)
        .ok_or_else(|| PyValueError::new_err("the client's name and secret fit no header"))
}

/// The claims of a client assertion.
#[derive(Serialize)]
struct AssertionClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: authmint_jose::Timestamp,
    exp: authmint_jose::Timestamp,
    jti: &'a str,
}

/// An assertion by which a client authenticates (RFC 7523 2.2).
#[pyfunction]
pub(crate) fn client_assertion(
    py: Python<'_>,
    key: &Bound<'_, Key>,
    algorithm: &str,
    client_id: &str,
    audience: &str,
) -> PyResult<String> {
    let algorithm: Algorithm = algorithm.parse().or_raise(py)?;
    let key = key.get();
    let signer = key.for_signatures(algorithm).or_raise(py)?;
    let signer = match key.jwk().kid() {
        Some(kid) => signer.with_kid(kid),
        None => signer,
    };
    let now = SystemClock.now();
    let jti = random_token(&SystemEntropy).or_raise(py)?;
    let exp = now.saturating_add(ASSERTION_LIFETIME);
    let claims =
        AssertionClaims { iss: client_id, sub: client_id, aud: audience, iat: now, exp, jti: jti.expose() };
    py.detach(|| signer.sign_jwt("JWT", &claims)).or_raise(py)
}

/// A proof that a request is from the holder of a key (RFC 9449 4.2).
#[pyfunction]
#[pyo3(signature = (key, algorithm, method, uri, access_token = None, nonce = None))]
pub(crate) fn dpop_proof(
    py: Python<'_>,
    key: &Bound<'_, Key>,
    algorithm: &str,
    method: &str,
    uri: &str,
    access_token: Option<&str>,
    nonce: Option<&str>,
) -> PyResult<String> {
    let algorithm: Algorithm = algorithm.parse().or_raise(py)?;
    let signer = key.get().for_signatures(algorithm).or_raise(py)?;
    let method =
        Method::from_bytes(method.as_bytes()).map_err(|_| PyValueError::new_err("no such method"))?;
    let jti = random_token(&SystemEntropy).or_raise(py)?;
    let now = SystemClock.now();
    let proof = py.detach(|| DpopProof::sign(&signer, &method, uri, access_token, nonce, jti.expose(), now));
    proof.map(|proof| proof.expose().to_owned()).map_err(|error| raise(py, &error))
}
