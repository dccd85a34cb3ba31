//! Why an API can't be set up. Everything here is found before the first request.

use authmint_fetch::FetchError;
use authmint_oauth2::Error as ProtocolError;

/// Why an API can't be set up.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The issuer's metadata can't be had, or an address is not one to fetch from.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The issuer is no issuer identifier (RFC 8414 2).
    #[error(transparent)]
    Issuer(#[from] ProtocolError),
    /// The settings contradict each other, or lack something: what, and what to do.
    #[error("{0}")]
    Settings(&'static str),
}
