//! The token request and its response (RFC 6749 4.1.3, 4.3.2, 4.4.2, 5.1, 6; RFC 7523 2.1; RFC 7636 4.5; RFC 8628 3.4).

use authmint_jose::Secret;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;
use crate::params::Params;
use crate::pkce::CodeVerifier;
use crate::registered::registered_names;
use crate::scope::Scope;

registered_names! {
    /// A grant type (RFC 6749 1.3; RFC 7591 2). `implicit` is one for registration only.
    GrantType {
        /// RFC 6749 4.1.
        AuthorizationCode = "authorization_code",
        /// RFC 6749 6.
        RefreshToken = "refresh_token",
        /// RFC 6749 4.4.
        ClientCredentials = "client_credentials",
        /// RFC 8628 3.4.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// RFC 7523 2.1.
        JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
        /// RFC 6749 4.2.
        Implicit = "implicit",
        /// RFC 6749 4.3.
        Password = "password",
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
    /// A device asks whether the person has decided (RFC 8628 3.4).
    DeviceCode {
        /// The device code.
        device_code: Secret,
    },
    /// Another issuer vouches for a person (RFC 7523 2.1).
    JwtBearer {
        /// The JWT.
        assertion: Secret,
        /// The scope; absent means the client's default.
        scope: Option<Scope>,
    },
    /// A person's password (RFC 6749 4.3.2).
    Password {
        /// The user name.
        username: String,
        /// The password.
        password: Secret,
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
        let grant_type = GrantType::from(params.require("grant_type")?);
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
            GrantType::DeviceCode => {
                Ok(Self::DeviceCode { device_code: Secret::new(params.require("device_code")?) })
            }
            GrantType::JwtBearer => {
                Ok(Self::JwtBearer { assertion: Secret::new(params.require("assertion")?), scope: scope()? })
            }
            GrantType::Password => Ok(Self::Password {
                username: params.require("username")?.to_owned(),
                password: Secret::new(params.require("password")?),
                scope: scope()?,
            }),
            GrantType::Implicit | GrantType::Extension(_) => Err(Error::unsupported_grant_type()),
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
            Self::DeviceCode { device_code } => {
                params.set("device_code", device_code.expose());
                None
            }
            Self::JwtBearer { assertion, scope } => {
                params.set("assertion", assertion.expose());
                scope.as_ref()
            }
            Self::Password { username, password, scope } => {
                params.set("username", username);
                params.set("password", password.expose());
                scope.as_ref()
            }
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
            Self::DeviceCode { .. } => GrantType::DeviceCode,
            Self::JwtBearer { .. } => GrantType::JwtBearer,
            Self::Password { .. } => GrantType::Password,
        }
    }
}

/// A successful token response (RFC 6749 5.1; OpenID Connect Core 3.1.3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// The access token.
    #[serde(serialize_with = "exposed")]
    pub access_token: Secret,
    /// How it is used: `Bearer` or `DPoP`.
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

pub(crate) fn exposed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

#[allow(clippy::ref_option, reason = "serde hands the field over by reference")]
pub(crate) fn exposed_some<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
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
            TokenRequest::DeviceCode { device_code: Secret::new("d") },
            TokenRequest::JwtBearer { assertion: Secret::new("x.y.z"), scope: None },
            TokenRequest::Password { username: "ada".into(), password: Secret::new("p"), scope: None },
        ] {
            assert_eq!(TokenRequest::from_params(&request.to_params()).unwrap(), request);
        }
    }

    #[test]
    fn unknown_grants_and_missing_parameters_are_named() {
        let parse =
            |query: &str| TokenRequest::from_params(&Params::parse(query.as_bytes()).unwrap()).unwrap_err();
        for grant in ["implicit", "PASSWORD", "urn:example:own"] {
            let error = parse(&format!("grant_type={grant}"));
            assert_eq!(error.code(), crate::ErrorCode::UnsupportedGrantType);
        }
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
