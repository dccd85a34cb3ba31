//! Why a request was turned away, and the response that says so (RFC 6750 3, RFC 9449 7.1, RFC 9470 3, RFC 9728 5.1).

use std::fmt;
use std::sync::Arc;

use authmint_fetch::FetchError;
use authmint_oauth2::dpop::DPOP_NONCE;
use authmint_oauth2::{Challenge, Error as ProtocolError, ErrorCode, TokenType};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use crate::replay::ReplayError;
use crate::requirement::Requirement;

/// Why a request was turned away.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It has no token.
    #[error("the request has no access token")]
    NoToken,
    /// Its token is malformed, not valid, or not enough.
    #[error("{0}")]
    Refused(#[from] ProtocolError),
    /// The issuer can't be reached, for its keys or about the token: not the caller's fault.
    #[error("tokens can't be checked: {0}")]
    NoIssuer(FetchError),
    /// Whether a proof is new can't be said: not the caller's fault, or that of one caller who sends too many.
    #[error("proofs can't be checked: {0}")]
    NoReplayStore(ReplayError),
}

/// A request that was turned away: the reason, and the [`response`](Self::response).
#[derive(Clone)]
pub struct Rejection(Box<Content>);

#[derive(Clone)]
struct Content {
    reason: Reason,
    /// How the request presented its token.
    scheme: Option<TokenType>,
    requirement: Requirement,
    face: Arc<Face>,
    nonce: Option<String>,
}

/// What every challenge of an API says.
#[derive(Debug)]
pub(crate) struct Face {
    pub(crate) realm: Option<String>,
    pub(crate) resource_metadata: Option<String>,
    pub(crate) takes_bearer: bool,
    pub(crate) takes_dpop: bool,
}

impl Rejection {
    pub(crate) fn new(
        reason: Reason,
        scheme: Option<TokenType>,
        requirement: &Requirement,
        face: &Arc<Face>,
        nonce: Option<String>,
    ) -> Self {
        let face = Arc::clone(face);
        Self(Box::new(Content { reason, scheme, requirement: requirement.clone(), face, nonce }))
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.0.reason
    }

    /// The status of the response: 401, 403, 400 for a request that can't be read, 503 where nobody can say.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.0.reason {
            Reason::NoToken => StatusCode::UNAUTHORIZED,
            Reason::Refused(error) => match error.code() {
                // At a token endpoint they are 400; here the request is not authorized (RFC 9449 7.1, 9).
                ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce => StatusCode::UNAUTHORIZED,
                code => code.status(),
            },
            Reason::NoIssuer(_) | Reason::NoReplayStore(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The response: the status, a challenge for each scheme that is taken here, and the error as JSON where there is one.
    #[must_use]
    pub fn response(&self) -> Response<Bytes> {
        let Content { reason, nonce, .. } = &*self.0;
        let unavailable;
        let error = match reason {
            Reason::NoToken => None,
            Reason::Refused(error) => Some(error),
            Reason::NoIssuer(_) | Reason::NoReplayStore(_) => {
                let text = "tokens can't be checked now; try again";
                unavailable = ProtocolError::new(ErrorCode::TemporarilyUnavailable, text);
                Some(&unavailable)
            }
        };
        let body = error.and_then(|error| serde_json::to_vec(&error.to_message()).ok());
        let mut response = Response::new(Bytes::from(body.unwrap_or_default()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        if error.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for challenge in self.challenges() {
            headers.append(WWW_AUTHENTICATE, challenge);
        }
        if let Some(nonce) = nonce.as_ref().and_then(|nonce| HeaderValue::try_from(nonce.as_str()).ok()) {
            headers.insert(DPOP_NONCE, nonce);
        }
        response
    }

    /// One for each scheme that would do here. The error goes with the scheme that the request used, or with all where it used
    /// one that will not do.
    fn challenges(&self) -> Vec<HeaderValue> {
        let Content { reason, scheme, requirement, face, .. } = &*self.0;
        let error = match reason {
            Reason::NoToken => None,
            Reason::Refused(error) => Some(error),
            Reason::NoIssuer(_) | Reason::NoReplayStore(_) => return Vec::new(),
        };
        let bearer = face.takes_bearer && !requirement.demands_bound_token();
        let schemes = [(TokenType::Bearer, bearer), (TokenType::Dpop, face.takes_dpop)];
        let taken = || schemes.into_iter().filter(|(_, taken)| *taken).map(|(scheme, _)| scheme);
        let used = scheme.filter(|scheme| taken().any(|taken| taken == *scheme));
        let code = error.map(ProtocolError::code);
        let step_up = code == Some(ErrorCode::InsufficientUserAuthentication);
        let names_scope = step_up || matches!(code, None | Some(ErrorCode::InsufficientScope));
        let challenge = |token_type| {
            let about_it = used.is_none_or(|used| used == token_type);
            Challenge {
                token_type,
                realm: face.realm.as_deref(),
                error: error.filter(|_| about_it),
                scope: Some(requirement.demanded_scope()).filter(|_| about_it && names_scope),
                acr_values: if about_it && step_up { requirement.demanded_acr_values() } else { &[] },
                max_age: requirement.demanded_max_age().filter(|_| about_it && step_up),
                resource_metadata: face.resource_metadata.as_deref(),
            }
            .to_header()
        };
        taken().map(challenge).collect()
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejection").field(&self.0.reason).finish()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.reason.fmt(f)
    }
}

impl std::error::Error for Rejection {}
