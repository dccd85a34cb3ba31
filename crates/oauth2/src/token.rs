//! The token request and its response (RFC 6749 4.1.3, 4.4.2, 5.1, 6; RFC 7636 4.5).

use authmint_jose::Secret;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::pkce::CodeVerifier;
use crate::scope::Scope;

/// The grant types of this crate (RFC 6749 1.3).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 4.1.
    AuthorizationCode,
    /// RFC 6749 6.
    RefreshToken,
    /// RFC 6749 4.4.
    ClientCredentials,
}

impl GrantType {
    /// Every grant type.
    pub const ALL: &'static [Self] = &[Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// The grant type of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|grant| grant.as_str() == name)
    }
}

/// A token request, without the client's authentication (see [`crate::client_auth`]).
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRequest {
    /// A code for tokens.
    AuthorizationCode {
        /// The code.
        code: Secret,
        /// The same redirect URI as in the authorization request, if it had one.
        redirect_uri: Option<String>,
        /// The verifier of the request's challenge.
        code_verifier: Option<CodeVerifier>,
    },
    /// A refresh token for new tokens.
    RefreshToken {
        /// The refresh token.
        refresh_token: Secret,
        /// A narrower scope; absent means the one that was granted.
        scope: Option<Scope>,
    },
    /// Tokens for the client itself.
    ClientCredentials {
        /// The scope; absent means the client's default.
        scope: Option<Scope>,
    },
}

impl TokenRequest {
    /// Reads a token request.
    ///
    /// # Errors
    /// `invalid_request`, `unsupported_grant_type` or `invalid_scope`, naming the parameter.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        let grant_type = GrantType::from_name(params.require("grant_type")?).ok_or_else(|| {
            Error::new(
                ErrorCode::UnsupportedGrantType,
                "grant_type is not one that this server has; see grant_types_supported",
            )
            .parameter("grant_type")
            .section("RFC 6749 5.2")
        })?;
        let scope = || params.get("scope").map(str::parse).transpose();
        match grant_type {
            GrantType::AuthorizationCode => Ok(Self::AuthorizationCode {
                code: Secret::new(params.require("code")?),
                redirect_uri: params.get("redirect_uri").map(str::to_owned),
                code_verifier: params.get("code_verifier").map(CodeVerifier::parse).transpose()?,
            }),
            GrantType::RefreshToken => Ok(Self::RefreshToken {
                refresh_token: Secret::new(params.require("refresh_token")?),
                scope: scope()?,
            }),
            GrantType::ClientCredentials => Ok(Self::ClientCredentials { scope: scope()? }),
        }
    }

    /// Writes the request.
    #[must_use]
    pub fn to_params(&self) -> Params {
        let mut params = Params::new();
        params.set("grant_type", self.grant_type().as_str());
        let scope = match self {
            Self::AuthorizationCode { code, redirect_uri, code_verifier } => {
                params.set("code", code.expose());
                params.set_some("redirect_uri", redirect_uri.as_deref());
                params.set_some("code_verifier", code_verifier.as_ref().map(CodeVerifier::expose));
                None
            }
            Self::RefreshToken { refresh_token, scope } => {
                params.set("refresh_token", refresh_token.expose());
                scope.as_ref()
            }
            Self::ClientCredentials { scope } => scope.as_ref(),
        };
        params.set_some("scope", scope.map(Scope::as_str));
        params
    }

    /// Which grant this is.
    #[must_use]
    pub fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
        }
    }
}

/// A successful token response (RFC 6749 5.1; OpenID Connect Core 3.1.3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// The access token.
    #[serde(serialize_with = "exposed")]
    pub access_token: Secret,
    /// How it is used; `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "seconds")]
    pub expires_in: Option<u64>,
    /// The refresh token, if one was issued.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "exposed_some")]
    pub refresh_token: Option<Secret>,
    /// The granted scope; absent means: as asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The ID token, if `openid` was granted.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "exposed_some")]
    pub id_token: Option<Secret>,
}

fn exposed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

#[allow(clippy::ref_option, reason = "serde hands the field over by reference")]
fn exposed_some<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

/// Some servers send the number as a string; a client that refused them could not log in there.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    match Option::<Seconds>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Seconds::Number(seconds)) => Ok(Some(seconds)),
        Some(Seconds::Text(text)) => text.parse().map(Some).map_err(D::Error::custom),
    }
}

/// What kind of token a `token_type_hint` speaks of (RFC 7009 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenTypeHint {
    /// `access_token`.
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
}

impl TokenTypeHint {
    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// Reads the hint; one that is not known is no hint (RFC 7009 2.1).
    #[must_use]
    pub fn from_params(params: &Params) -> Option<Self> {
        let hint = params.get("token_type_hint")?;
        [Self::AccessToken, Self::RefreshToken].into_iter().find(|known| known.as_str() == hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_back() {
        let verifier = CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        for request in [
            TokenRequest::AuthorizationCode {
                code: Secret::new("c"),
                redirect_uri: Some("https://a.example/cb".into()),
                code_verifier: Some(verifier),
            },
            TokenRequest::RefreshToken { refresh_token: Secret::new("r"), scope: None },
            TokenRequest::ClientCredentials { scope: Some("read".parse().unwrap()) },
        ] {
            assert_eq!(TokenRequest::from_params(&request.to_params()).unwrap(), request);
        }
    }

    #[test]
    fn unknown_grants_and_missing_parameters_are_named() {
        let parse =
            |query: &str| TokenRequest::from_params(&Params::parse(query.as_bytes()).unwrap()).unwrap_err();
        assert_eq!(parse("grant_type=password").code(), ErrorCode::UnsupportedGrantType);
        assert_eq!(parse("").wrong_parameter(), Some("grant_type"));
        assert_eq!(parse("grant_type=refresh_token").wrong_parameter(), Some("refresh_token"));
    }

    #[test]
    fn s18_tokens_are_sent_but_not_printed() {
        let response = TokenResponse {
            access_token: Secret::new("at-1"),
            token_type: "Bearer".into(),
            expires_in: Some(300),
            refresh_token: None,
            scope: None,
            id_token: None,
        };
        assert!(!format!("{response:?}").contains("at-1"));
        let json = serde_json::to_string(&response).unwrap();
        assert_eq!(json, r#"{"access_token":"at-1","token_type":"Bearer","expires_in":300}"#);
        assert_eq!(serde_json::from_str::<TokenResponse>(&json).unwrap(), response);
        let text = r#"{"access_token":"a","token_type":"bearer","expires_in":"60"}"#;
        assert_eq!(serde_json::from_str::<TokenResponse>(text).unwrap().expires_in, Some(60));
    }
}
