//! Tokens by a policy (RFC 8725): what `authmint.jose.verify` asks of a token, all of it, before it hands out a claim.

use std::time::Duration;

use authmint_jose::{Algorithm, Clock as _, SystemClock, Timestamp};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::value::RawValue;

use crate::algorithms::Algorithms;
use crate::errors::{OrRaise as _, named};
use crate::json;
use crate::jws::verify_with;
use crate::key_set::Keys;

/// What a token must be. It is complete or it refuses: type, issuer and audience are named, or said not to matter.
#[pyclass(frozen, module = "authmint._core")]
pub(crate) struct Policy {
    policy: authmint_jose::Policy,
    algorithms: Py<Algorithms>,
}

#[pymethods]
impl Policy {
    /// `None` says for `issuer` or `audience` that any will do, and for `typ` that the token is a plain JWT: it says `JWT` or nothing.
    #[new]
    #[pyo3(signature = (algorithms, *, typ, issuer, audience, subject = None, required = Vec::new(), forbidden = Vec::new(),
        leeway = None, max_age = None, max_lifetime = None, accept_expired = false))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn new(
        py: Python<'_>,
        algorithms: Vec<String>,
        typ: Option<&str>,
        issuer: Option<&str>,
        audience: Option<&str>,
        subject: Option<&str>,
        required: Vec<String>,
        forbidden: Vec<String>,
        leeway: Option<u64>,
        max_age: Option<u64>,
        max_lifetime: Option<u64>,
        accept_expired: bool,
    ) -> PyResult<Self> {
        let parsed: Result<Vec<Algorithm>, _> = algorithms.iter().map(|name| name.parse()).collect();
        let parsed = parsed.or_raise(py)?;
        if parsed.is_empty() {
            return Err(named(py, "PolicyError", None, "the policy names no algorithm (RFC 8725 3.1)"));
        }
        let mut policy = authmint_jose::Policy::new(&parsed);
        policy = match typ {
            Some(typ) => policy.typ(typ),
            None => policy.typ_or_absent("JWT"),
        };
        policy = match issuer {
            Some(issuer) => policy.issuer(issuer),
            None => policy.any_issuer(),
        };
        policy = match audience {
            Some(audience) => policy.audience(audience),
            None => policy.any_audience(),
        };
        if let Some(subject) = subject {
            policy = policy.subject(subject);
        }
        policy = policy.require(&required.iter().map(String::as_str).collect::<Vec<_>>());
        policy = forbidden.iter().fold(policy, |policy, claim| policy.forbid(claim));
        let seconds = Duration::from_secs;
        if let Some(leeway) = leeway {
            policy = policy.leeway(seconds(leeway));
        }
        if let Some(age) = max_age {
            policy = policy.max_age(seconds(age));
        }
        if let Some(lifetime) = max_lifetime {
            policy = policy.max_lifetime(seconds(lifetime));
        }
        if accept_expired {
            policy = policy.accept_expired();
        }
        let algorithms = Py::new(py, Algorithms::of_signatures(parsed))?;
        Ok(Self { policy, algorithms })
    }
}

/// Verifies a token by a policy: its header, and its claims.
#[pyfunction]
#[pyo3(signature = (token, key, policy, now = None))]
pub(crate) fn verify_jwt<'py>(
    token: &Bound<'py, PyAny>,
    key: Keys<'py>,
    policy: &Bound<'py, Policy>,
    now: Option<u64>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let py = token.py();
    let text = json::str_or_bytes(token, "the token")?;
    let policy = policy.get();
    let now = now.map_or_else(|| SystemClock.now(), Timestamp::from_secs);
    let jwt = verify_with(py, &key, policy.algorithms.get(), |keys, _| {
        keys.verify_jwt::<Box<RawValue>>(text, &policy.policy, now)
    });
    let jwt = jwt.or_raise(py)?;
    let header = json::read_header(py, jwt.header.as_json())?;
    Ok((header, json::read_object(py, "the claims set", jwt.claims.get())?))
}
