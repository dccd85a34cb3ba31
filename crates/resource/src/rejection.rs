//! Why a request was turned away, and the response that says so (RFC 6750 3).

use authmint_fetch::FetchError;
use authmint_oauth2::{Challenge, Error as ProtocolError, ErrorCode, Scope};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

/// Why a request was turned away.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// It has no token.
    #[error("the request has no bearer token")]
    NoToken,
    /// Its token is malformed, not valid, or lacks a scope.
    #[error("{error}")]
    Refused {
        /// What is wrong.
        error: ProtocolError,
        /// The scope that would have been enough.
        scope: Scope,
    },
    /// The issuer's keys can't be had: not the caller's fault.
    #[error("the issuer's keys can't be had: {0}")]
    NoKeys(FetchError),
}

impl Rejection {
    pub(crate) fn refused(error: ProtocolError) -> Self {
        Self::Refused { error, scope: Scope::EMPTY }
    }

    /// The response.
    #[must_use]
    pub fn response(&self) -> Response<Bytes> {
        let (status, challenge, body) = match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, Some(Challenge::default().to_header()), None),
            Self::Refused { error, scope } => {
                let challenge =
                    Challenge { error: Some(error), scope: Some(scope), ..Challenge::default() }.to_header();
                (error.code().status(), Some(challenge), Some(error.to_message()))
            }
            Self::NoKeys(_) => {
                let error = ProtocolError::new(
                    ErrorCode::TemporarilyUnavailable,
                    "tokens can't be checked now; try again",
                );
                (StatusCode::SERVICE_UNAVAILABLE, None, Some(error.to_message()))
            }
        };
        let body = body.and_then(|message| serde_json::to_vec(&message).ok()).unwrap_or_default();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<ProtocolError> for Rejection {
    fn from(error: ProtocolError) -> Self {
        Self::refused(error)
    }
}
