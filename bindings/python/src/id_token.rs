//! What binds an ID token to what it came with (OpenID Connect Core 3.1.3.8, 3.3.2.11).

use authmint_jose::Algorithm;
use authmint_oidc::id_token;
use pyo3::prelude::*;

use crate::errors::OrRaise as _;

/// Whether `at_hash`, `c_hash` or `s_hash` of a token belongs to a value.
#[pyfunction]
pub(crate) fn fits_half_hash(py: Python<'_>, algorithm: &str, hash: &str, value: &str) -> PyResult<bool> {
    let algorithm: Algorithm = algorithm.parse().or_raise(py)?;
    Ok(id_token::fits_half_hash(algorithm, hash, value))
}

/// `at_hash`, `c_hash` or `s_hash` of a value; nothing where the algorithm names no hash.
#[pyfunction]
pub(crate) fn half_hash(py: Python<'_>, algorithm: &str, value: &str) -> PyResult<Option<String>> {
    let algorithm: Algorithm = algorithm.parse().or_raise(py)?;
    Ok(id_token::half_hash(algorithm, value))
}
