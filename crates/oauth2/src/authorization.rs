//! The authorization request and its response for the code flow (RFC 6749 4.1.1, 4.1.2; RFC 7636 4.3; RFC 9207).
//!
//! OpenID Connect adds parameters of its own; `authmint-oidc` wraps this request in its `AuthenticationRequest`.

use authmint_jose::Secret;

use crate::error::{Error, ErrorCode, ErrorMessage};
use crate::params::Params;
use crate::pkce::CodeChallenge;
use crate::scope::Scope;

/// The longest `state` or `nonce`, in bytes: enough for a signed token, too little to fill a store.
pub const MAX_OPAQUE_BYTES: usize = 4096;

/// What the authorization endpoint is asked to return (RFC 6749 3.1.1).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// An authorization code.
    Code,
}

impl ResponseType {
    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
        }
    }
}

/// An authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// What is asked for.
    pub response_type: ResponseType,
    /// The client's identifier.
    pub client_id: String,
    /// Where the browser is to come back; may be absent when the client registered exactly one.
    pub redirect_uri: Option<String>,
    /// What the client asks to be allowed.
    pub scope: Scope,
    /// The client's own value, returned unchanged.
    pub state: Option<String>,
    /// The PKCE challenge; always S256.
    pub code_challenge: Option<CodeChallenge>,
}

impl AuthorizationRequest {
    /// A request for a code with everything else empty, to be filled in.
    #[must_use]
    pub fn code() -> Self {
        Self {
            response_type: ResponseType::Code,
            client_id: String::new(),
            redirect_uri: None,
            scope: Scope::EMPTY,
            state: None,
            code_challenge: None,
        }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// `invalid_request`, `unsupported_response_type` or `invalid_scope`, naming the parameter.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        let response_type = match params.require("response_type")? {
            "code" => ResponseType::Code,
            _ => {
                return Err(Error::new(ErrorCode::UnsupportedResponseType, "response_type must be code")
                    .parameter("response_type")
                    .section("RFC 6749 3.1.1"));
            }
        };
        if !matches!(params.get("response_mode"), None | Some("query")) {
            return Err(
                Error::malformed("response_mode", "query").section("OAuth 2.0 Multiple Response Types 2.1")
            );
        }
        let method = params.get("code_challenge_method");
        let code_challenge = match params.get("code_challenge") {
            Some(challenge) => Some(CodeChallenge::parse(challenge, method)?),
            None if method.is_some() => return Err(Error::missing("code_challenge").section("RFC 7636 4.3")),
            None => None,
        };
        Ok(Self {
            response_type,
            client_id: params.require("client_id")?.to_owned(),
            redirect_uri: params.get("redirect_uri").map(str::to_owned),
            scope: params.get("scope").unwrap_or_default().parse()?,
            state: opaque(params, "state")?,
            code_challenge,
        })
    }

    /// Writes the request.
    #[must_use]
    pub fn to_params(&self) -> Params {
        let mut params = Params::new();
        params.set("response_type", self.response_type.as_str());
        params.set("client_id", &self.client_id);
        params.set_some("redirect_uri", self.redirect_uri.as_deref());
        if !self.scope.is_empty() {
            params.set("scope", self.scope.as_str());
        }
        params.set_some("state", self.state.as_deref());
        if let Some(challenge) = &self.code_challenge {
            params.set("code_challenge", challenge.as_str());
            params.set("code_challenge_method", "S256");
        }
        params
    }
}

/// An optional value that is only handed back (`state`, `nonce`), bounded.
///
/// # Errors
/// `invalid_request` when it is longer than [`MAX_OPAQUE_BYTES`].
pub fn opaque(params: &Params, name: &'static str) -> Result<Option<String>, Error> {
    match params.get(name) {
        Some(value) if value.len() > MAX_OPAQUE_BYTES => Err(Error::malformed(name, "at most 4096 bytes")),
        value => Ok(value.map(str::to_owned)),
    }
}

/// What comes back to the redirect URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizationResponse {
    /// The person agreed.
    Success {
        /// The authorization code.
        code: Secret,
        /// The request's `state`.
        state: Option<String>,
        /// The issuer (RFC 9207).
        iss: Option<String>,
    },
    /// It did not come to that.
    Failure {
        /// Code and description as the server sent them.
        error: ErrorMessage,
        /// The request's `state`.
        state: Option<String>,
        /// The issuer (RFC 9207).
        iss: Option<String>,
    },
}

impl AuthorizationResponse {
    /// Reads the parameters of a callback.
    ///
    /// # Errors
    /// `invalid_request` when there is neither `code` nor `error`, or both.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        let state = params.get("state").map(str::to_owned);
        let iss = params.get("iss").map(str::to_owned);
        match (params.get("code"), params.get("error")) {
            (Some(code), None) => Ok(Self::Success { code: Secret::new(code), state, iss }),
            (None, Some(error)) => {
                let error = ErrorMessage {
                    error: error.to_owned(),
                    error_description: params.get("error_description").map(str::to_owned),
                    error_uri: params.get("error_uri").map(str::to_owned),
                };
                Ok(Self::Failure { error, state, iss })
            }
            (None, None) => Err(Error::missing("code").section("RFC 6749 4.1.2")),
            (Some(_), Some(_)) => {
                Err(Error::new(ErrorCode::InvalidRequest, "the response has both code and error")
                    .section("RFC 6749 4.1.2"))
            }
        }
    }

    /// Writes the parameters that go into the redirect.
    #[must_use]
    pub fn to_params(&self) -> Params {
        let mut params = Params::new();
        let (state, iss) = match self {
            Self::Success { code, state, iss } => {
                params.set("code", code.expose());
                (state, iss)
            }
            Self::Failure { error, state, iss } => {
                params.set("error", &error.error);
                params.set_some("error_description", error.error_description.as_deref());
                params.set_some("error_uri", error.error_uri.as_deref());
                (state, iss)
            }
        };
        params.set_some("state", state.as_deref());
        params.set_some("iss", iss.as_deref());
        params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<AuthorizationRequest, Error> {
        AuthorizationRequest::from_params(&Params::parse(query.as_bytes())?)
    }

    #[test]
    fn s26_a_challenge_needs_s256_and_a_method_needs_a_challenge() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let base = "response_type=code&client_id=a";
        assert!(parse(&format!("{base}&code_challenge={challenge}&code_challenge_method=S256")).is_ok());
        for tail in [
            format!("&code_challenge={challenge}"),
            format!("&code_challenge={challenge}&code_challenge_method=plain"),
            "&code_challenge_method=S256".to_owned(),
            "&code_challenge=short&code_challenge_method=S256".to_owned(),
        ] {
            assert_eq!(
                parse(&format!("{base}{tail}")).unwrap_err().code(),
                ErrorCode::InvalidRequest,
                "{tail}"
            );
        }
    }

    #[test]
    fn other_response_types_and_modes_are_named() {
        let error = parse("response_type=token&client_id=a").unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnsupportedResponseType);
        let error = parse("response_type=code&client_id=a&response_mode=fragment").unwrap_err();
        assert_eq!(error.wrong_parameter(), Some("response_mode"));
        assert_eq!(parse("client_id=a").unwrap_err().wrong_parameter(), Some("response_type"));
    }

    #[test]
    fn a_response_is_a_code_or_an_error_and_never_both() {
        let parse =
            |query: &str| AuthorizationResponse::from_params(&Params::parse(query.as_bytes()).unwrap());
        assert!(parse("state=x").is_err());
        assert!(parse("code=a&error=b").is_err());
        let response = parse("error=access_denied&state=x&iss=https%3A%2F%2Fop.example").unwrap();
        assert_eq!(AuthorizationResponse::from_params(&response.to_params()).unwrap(), response);
    }
}
