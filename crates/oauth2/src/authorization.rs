//! The authorization request and its response (RFC 6749 4.1, 4.2; RFC 7636 4.3; RFC 8707 2.1; RFC 9207; RFC 9449 10;
//! OpenID Connect Core 3.2.2.5, 3.3.2.5).
//!
//! OpenID Connect adds parameters of its own; `authmint-oidc` wraps this request in its `AuthenticationRequest`.

use authmint_jose::Secret;

use crate::error::{Error, ErrorCode, ErrorMessage};
use crate::params::Params;
use crate::pkce::CodeChallenge;
use crate::resource;
use crate::response_type::{ResponseMode, ResponseType};
use crate::scope::Scope;

/// The longest `state` or `nonce`, in bytes: enough for a signed token, too little to fill a store.
pub const MAX_OPAQUE_BYTES: usize = 4096;

/// An authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// What is asked for.
    pub response_type: ResponseType,
    /// How it is to come back, where not as the response type says.
    pub response_mode: Option<ResponseMode>,
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
    /// The APIs that access tokens are to be for (RFC 8707 2.1).
    pub resource: Vec<String>,
    /// The thumbprint of the DPoP key that the code will be redeemed with (RFC 9449 10).
    pub dpop_jkt: Option<String>,
}

impl AuthorizationRequest {
    /// A request for a code with everything else empty, to be filled in.
    #[must_use]
    pub fn code() -> Self {
        Self {
            response_type: ResponseType::CODE,
            response_mode: None,
            client_id: String::new(),
            redirect_uri: None,
            scope: Scope::EMPTY,
            state: None,
            code_challenge: None,
            resource: Vec::new(),
            dpop_jkt: None,
        }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// `invalid_request`, `unsupported_response_type` or `invalid_scope`, naming the parameter.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        let response_type: ResponseType = params.require("response_type")?.parse()?;
        let response_mode =
            params.get("response_mode").map(|mode| ResponseMode::parse(mode, response_type)).transpose()?;
        let method = params.get("code_challenge_method");
        let code_challenge = match params.get("code_challenge") {
            Some(challenge) => Some(CodeChallenge::parse(challenge, method)?),
            None if method.is_some() => return Err(Error::missing("code_challenge").section("RFC 7636 4.3")),
            None => None,
        };
        Ok(Self {
            response_type,
            response_mode,
            client_id: params.require("client_id")?.to_owned(),
            redirect_uri: params.get("redirect_uri").map(str::to_owned),
            scope: params.get("scope").unwrap_or_default().parse()?,
            state: opaque(params, "state")?,
            code_challenge,
            resource: resource::from_params(params)?,
            dpop_jkt: params.get("dpop_jkt").map(thumbprint).transpose()?,
        })
    }

    /// Writes the request.
    #[must_use]
    pub fn to_params(&self) -> Params {
        let mut params = Params::new();
        params.set("response_type", self.response_type.as_str());
        params.set_some("response_mode", self.response_mode.map(ResponseMode::as_str));
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
        resource::to_params(&self.resource, &mut params);
        params.set_some("dpop_jkt", self.dpop_jkt.as_deref());
        params
    }

    /// How the response comes back.
    #[must_use]
    pub fn mode(&self) -> ResponseMode {
        self.response_mode.unwrap_or_else(|| self.response_type.default_mode())
    }
}

/// A SHA-256 thumbprint (RFC 7638): 43 characters of base64url.
fn thumbprint(text: &str) -> Result<String, Error> {
    let is_one = authmint_jose::base64url::decode(text).is_ok_and(|bytes| bytes.len() == 32);
    if is_one {
        return Ok(text.to_owned());
    }
    Err(Error::malformed("dpop_jkt", "the SHA-256 thumbprint of a key").section("RFC 9449 10"))
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

/// What the authorization endpoint issues: what `response_type` asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorizationSuccess {
    /// The authorization code.
    pub code: Option<Secret>,
    /// An access token (RFC 6749 4.2.2).
    pub access_token: Option<Secret>,
    /// How the access token is used.
    pub token_type: Option<String>,
    /// Seconds until it expires.
    pub expires_in: Option<u64>,
    /// Its scope.
    pub scope: Option<Scope>,
    /// An ID token (OpenID Connect Core 3.2.2.5).
    pub id_token: Option<Secret>,
    /// The state of the login at the provider (Session Management 2).
    pub session_state: Option<String>,
}

/// What comes back to the redirect URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// What was issued, or why nothing was, as the server sent it.
    pub outcome: Result<Box<AuthorizationSuccess>, ErrorMessage>,
    /// The request's `state`.
    pub state: Option<String>,
    /// The issuer (RFC 9207).
    pub iss: Option<String>,
}

impl AuthorizationResponse {
    /// Reads the parameters of a callback.
    ///
    /// # Errors
    /// `invalid_request` when there is neither anything that was issued nor `error`, or both.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        let text = |name: &str| params.get(name).map(str::to_owned);
        let success = AuthorizationSuccess {
            code: params.get("code").map(Secret::new),
            access_token: params.get("access_token").map(Secret::new),
            token_type: text("token_type"),
            expires_in: params.get("expires_in").and_then(|seconds| seconds.parse().ok()),
            scope: params.get("scope").map(str::parse).transpose()?,
            id_token: params.get("id_token").map(Secret::new),
            session_state: text("session_state"),
        };
        let issued = success.code.is_some() || success.access_token.is_some() || success.id_token.is_some();
        let outcome = match (issued, text("error")) {
            (true, None) => Ok(Box::new(success)),
            (false, Some(error)) => Err(ErrorMessage {
                error,
                error_description: text("error_description"),
                error_uri: text("error_uri"),
            }),
            (false, None) => return Err(Error::missing("code").section("RFC 6749 4.1.2")),
            (true, Some(_)) => {
                let description = "the response has an error and what it says was not issued";
                return Err(Error::new(ErrorCode::InvalidRequest, description).section("RFC 6749 4.1.2"));
            }
        };
        Ok(Self { outcome, state: text("state"), iss: text("iss") })
    }

    /// Writes the parameters that go into the redirect or the form.
    #[must_use]
    pub fn to_params(&self) -> Params {
        let mut params = Params::new();
        match &self.outcome {
            Ok(success) => {
                params.set_some("code", success.code.as_ref().map(Secret::expose));
                params.set_some("access_token", success.access_token.as_ref().map(Secret::expose));
                params.set_some("token_type", success.token_type.as_deref());
                params.set_some("expires_in", success.expires_in.map(|seconds| seconds.to_string()));
                params.set_some("scope", success.scope.as_ref().map(Scope::as_str));
                params.set_some("id_token", success.id_token.as_ref().map(Secret::expose));
                params.set_some("session_state", success.session_state.as_deref());
            }
            Err(error) => {
                params.set("error", &error.error);
                params.set_some("error_description", error.error_description.as_deref());
                params.set_some("error_uri", error.error_uri.as_deref());
            }
        }
        params.set_some("state", self.state.as_deref());
        params.set_some("iss", self.iss.as_deref());
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
        let error = parse("response_type=none&client_id=a").unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnsupportedResponseType);
        let error = parse("response_type=id_token&client_id=a&response_mode=query").unwrap_err();
        assert_eq!(error.wrong_parameter(), Some("response_mode"));
        assert_eq!(parse("client_id=a").unwrap_err().wrong_parameter(), Some("response_type"));
    }

    #[test]
    fn requests_are_read_back() {
        let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
        let query = format!(
            "response_type=code+token&client_id=a&response_mode=form_post&resource=urn:a&resource=urn:b&dpop_jkt={jkt}"
        );
        let request = parse(&query).unwrap();
        assert_eq!(request.resource.len(), 2);
        assert_eq!(request.mode(), ResponseMode::FormPost);
        assert_eq!(AuthorizationRequest::from_params(&request.to_params()).unwrap(), request);
        let error = parse("response_type=code&client_id=a&dpop_jkt=short").unwrap_err();
        assert_eq!(error.wrong_parameter(), Some("dpop_jkt"));
    }

    #[test]
    fn a_response_is_a_code_or_an_error_and_never_both() {
        let parse =
            |query: &str| AuthorizationResponse::from_params(&Params::parse(query.as_bytes()).unwrap());
        assert!(parse("state=x").is_err());
        assert!(parse("code=a&error=b").is_err());
        let response = parse("error=access_denied&state=x&iss=https%3A%2F%2Fop.example").unwrap();
        assert_eq!(AuthorizationResponse::from_params(&response.to_params()).unwrap(), response);
        let response = parse("code=c&access_token=t&token_type=Bearer&expires_in=60&id_token=x.y.z").unwrap();
        assert_eq!(AuthorizationResponse::from_params(&response.to_params()).unwrap(), response);
    }
}
