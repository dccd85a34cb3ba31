//! The core's errors as the exceptions that Python people know by name.

use authmint_jose::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyModule;

/// The name of the exception in `authmint.jose.errors`, and the claim or the like that it is about.
fn exception(error: &Error) -> (&'static str, Option<&str>) {
    match error {
        Error::TooLong(_) | Error::OutOfBounds(_) => ("ExceededSizeError", None),
        Error::Malformed { .. } | Error::Base64 | Error::DuplicateMember(_) | Error::ClaimsForm => {
            ("DecodeError", None)
        }
        Error::CriticalHeader => ("InvalidCritHeaderParameterNameError", None),
        Error::AlgorithmNotAllowed | Error::Unsupported(_) => ("UnsupportedAlgorithmError", None),
        Error::KeyMismatch => ("KeyMismatchError", None),
        Error::UnknownKey => ("KeyNotFoundError", None),
        Error::BadSignature => ("BadSignatureError", None),
        Error::Decryption => ("DecryptionError", None),
        Error::PolicyIncomplete(_) => ("PolicyError", None),
        Error::WrongType => ("InvalidTypeError", None),
        Error::MissingClaim(claim) => ("MissingClaimError", Some(claim)),
        Error::UnexpectedClaim(claim) => ("InvalidClaimError", Some(claim)),
        Error::InvalidClaim(claim) => ("InvalidClaimError", Some(claim)),
        Error::WrongIssuer => ("InvalidClaimError", Some("iss")),
        Error::WrongAudience => ("InvalidClaimError", Some("aud")),
        Error::WrongSubject => ("InvalidClaimError", Some("sub")),
        Error::Expired | Error::TooOld => ("ExpiredTokenError", None),
        Error::NotYetValid | Error::LivesTooLong | Error::CheckFailed(_) => ("InvalidTokenError", None),
        Error::InvalidKey(_) | Error::NoPrivateKey | Error::NoPublicKey => ("InvalidKeyError", None),
        Error::WeakKey(_) => ("WeakKeyError", None),
        _ => ("JoseError", None),
    }
}

/// The exception for an error of the core.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let (name, about) = exception(error);
    named(py, name, about, &error.to_string())
}

/// An exception of `authmint.jose.errors` by its name: what it is about, where it is about one thing, and what went wrong.
pub(crate) fn named(py: Python<'_>, name: &str, about: Option<&str>, description: &str) -> PyErr {
    static ERRORS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let made = || {
        let errors =
            ERRORS.get_or_try_init(py, || py.import("authmint.jose.errors").map(Bound::unbind))?.bind(py);
        errors.getattr("make")?.call1((name, about, description))
    };
    match made() {
        Ok(exception) => PyErr::from_value(exception),
        Err(problem) => problem,
    }
}

/// Turns an error of the core into an exception.
pub(crate) trait OrRaise<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Error> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| raise(py, &error))
    }
}
