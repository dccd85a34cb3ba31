//! Token introspection (RFC 7662).

use authmint_jose::{Audience, Secret, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dpop::Confirmation;
use crate::error::Error;
use crate::params::Params;
use crate::scope::Scope;
use crate::token::TokenTypeHint;

/// A question about a token (RFC 7662 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntrospectionRequest {
    /// The token.
    pub token: Secret,
    /// Which kind it may be.
    pub token_type_hint: Option<TokenTypeHint>,
}

impl IntrospectionRequest {
    /// Reads the request.
    ///
    /// # Errors
    /// `invalid_request` when `token` is missing.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        let token = Secret::new(params.require("token").map_err(|error| error.section("RFC 7662 2.1"))?);
        Ok(Self { token, token_type_hint: TokenTypeHint::from_params(params) })
    }

    /// Writes the request.
    #[must_use]
    pub fn to_params(&self) -> Params {
        let mut params = Params::from_iter([("token", self.token.expose())]);
        params.set_some("token_type_hint", self.token_type_hint.map(TokenTypeHint::as_str));
        params
    }
}

/// The answer (RFC 7662 2.2). [`IntrospectionResponse::INACTIVE`] says nothing but `active: false`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntrospectionResponse {
    /// Whether the token is valid now, for the one who asks.
    pub active: bool,
    /// Its scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The client it was issued to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `Bearer` or `DPoP`; `refresh_token` for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<Timestamp>,
    /// When it was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<Timestamp>,
    /// Whom it speaks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Whom it is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Its identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// From when on it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<Timestamp>,
    /// How the person proved who they are (RFC 9470 6.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// When they last did (RFC 9470 6.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    /// What it is bound to (RFC 7800 3.1, RFC 9449 6.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

impl IntrospectionResponse {
    /// The answer about a token that is unknown, expired, revoked, or not the asker's business.
    pub const INACTIVE: Self = Self {
        active: false,
        scope: None,
        client_id: None,
        username: None,
        token_type: None,
        exp: None,
        iat: None,
        sub: None,
        aud: None,
        iss: None,
        jti: None,
        nbf: None,
        acr: None,
        auth_time: None,
        cnf: None,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s40_inactive_says_nothing_else() {
        assert_eq!(serde_json::to_string(&IntrospectionResponse::INACTIVE).unwrap(), r#"{"active":false}"#);
    }
}
