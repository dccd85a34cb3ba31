//! What can go wrong, told so that an application knows whom to blame and what to show.

use authmint_fetch::FetchError;
use authmint_oauth2::error::ErrorMessage;

/// Why a step failed. No variant holds a token, a code or a secret.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The person, or the provider on their behalf, said no: `access_denied` and its like. Offer to try again.
    #[error("the provider did not log the person in: {}", describe(.0))]
    Refused(ErrorMessage),
    /// The callback does not belong to the login that this browser began (RFC 6749 10.12). Offer to try again.
    #[error("the callback does not belong to a login that was begun here: {0}")]
    ForeignCallback(&'static str),
    /// The callback comes from another issuer, or does not say from which (RFC 9207 2.4): a mix-up attack, or a
    /// misconfigured provider.
    #[error("the callback is not from {expected}: {problem} (RFC 9207 2.4)")]
    WrongIssuer {
        /// The issuer that the login was begun with.
        expected: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// The token endpoint or another endpoint refused the request.
    #[error("{endpoint} answered {status}: {}", describe(.error))]
    Endpoint {
        /// Which endpoint.
        endpoint: &'static str,
        /// The HTTP status.
        status: u16,
        /// The error as the server sent it.
        error: ErrorMessage,
    },
    /// The ID token, or what came with it, is not valid (OpenID Connect Core 3.1.3.7).
    #[error("the ID token is not valid: {0}")]
    IdToken(String),
    /// A response does not have the form it should have.
    #[error("{endpoint} sent {problem}")]
    Response {
        /// Which endpoint.
        endpoint: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// The metadata is not the issuer's, or lacks what is needed (Discovery 4.3, RFC 8414 3.3).
    #[error("the metadata of {issuer} can't be used: {problem}")]
    Metadata {
        /// The issuer that was asked.
        issuer: String,
        /// What is wrong.
        problem: String,
    },
    /// No answer came, or none that can be read. A retry may help.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A message can't be built or read.
    #[error(transparent)]
    Protocol(#[from] authmint_oauth2::Error),
    /// A key, or the source of randomness, failed.
    #[error(transparent)]
    Crypto(#[from] authmint_jose::Error),
    /// The browser did not come back to the port of this machine that waited for it.
    #[error("waiting for the browser: {0}")]
    Loopback(String),
    /// What an application keeps its tokens in failed.
    #[error("the store of tokens: {0}")]
    Store(String),
    /// The client was configured without something this step needs.
    #[error("configuration: {0}")]
    Configuration(&'static str),
}

impl Error {
    /// Whether the same call may succeed a little later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Fetch(FetchError::Unreachable { .. }) => true,
            Self::Fetch(FetchError::Status { status, .. }) => status.is_server_error(),
            Self::Endpoint { status, .. } => *status >= 500 || *status == 429,
            _ => false,
        }
    }
}

/// The other side's words, bounded and without control characters.
fn describe(error: &ErrorMessage) -> String {
    let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    match &error.error_description {
        Some(description) => format!("{} ({})", clean(&error.error), clean(description)),
        None => clean(&error.error),
    }
}
