//! Random text, and comparisons that take the same time whatever they find.

use authmint_jose::{SystemEntropy, base64url, random_token as new_token, sha256};
use pyo3::prelude::*;

use crate::errors::OrRaise as _;

/// 32 random bytes as base64url: 43 characters.
#[pyfunction]
pub(crate) fn random_token(py: Python<'_>) -> PyResult<String> {
    Ok(new_token(&SystemEntropy).or_raise(py)?.expose().to_owned())
}

/// The code challenge of a verifier by the method S256 (RFC 7636 4.2).
#[pyfunction]
pub(crate) fn s256_challenge(verifier: &str) -> String {
    base64url::encode(&sha256(verifier.as_bytes()))
}

/// Whether two texts are equal, in a time that does not depend on where they differ.
#[pyfunction]
pub(crate) fn constant_time_eq(one: &str, other: &str) -> bool {
    authmint_jose::constant_time_eq(one.as_bytes(), other.as_bytes())
}
