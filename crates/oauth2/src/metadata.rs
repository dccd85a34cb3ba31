//! What an authorization server says of itself (RFC 8414), and what is registered of a client (RFC 7591 2).

use serde::{Deserialize, Serialize};

use crate::client_auth::ClientAuthMethod;
use crate::error::{Error, ErrorCode};
use crate::issuer::Issuer;
use crate::redirect_uri::RedirectUri;
use crate::scope::Scope;
use crate::token::GrantType;

/// Authorization server metadata (RFC 8414 2), with the field of RFC 9207.
///
/// Lists of names stay strings: a server may well know more methods than this crate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerMetadata {
    /// The issuer identifier.
    pub issuer: Issuer,
    /// The authorization endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// The token endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// The key set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// Response types.
    #[serde(default)]
    pub response_types_supported: Vec<String>,
    /// Response modes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_modes_supported: Vec<String>,
    /// Grant types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_types_supported: Vec<String>,
    /// Client authentication at the token endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Algorithms of signed client assertions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// A page for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_documentation: Option<String>,
    /// The revocation endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// Client authentication at the revocation endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// The introspection endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<String>,
    /// Client authentication at the introspection endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// PKCE methods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code_challenge_methods_supported: Vec<String>,
    /// Whether authorization responses carry `iss` (RFC 9207 3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl ServerMetadata {
    /// Metadata that names the issuer and nothing else yet.
    #[must_use]
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            authorization_endpoint: None,
            token_endpoint: None,
            jwks_uri: None,
            scopes_supported: Vec::new(),
            response_types_supported: Vec::new(),
            response_modes_supported: Vec::new(),
            grant_types_supported: Vec::new(),
            token_endpoint_auth_methods_supported: Vec::new(),
            token_endpoint_auth_signing_alg_values_supported: Vec::new(),
            service_documentation: None,
            revocation_endpoint: None,
            revocation_endpoint_auth_methods_supported: Vec::new(),
            introspection_endpoint: None,
            introspection_endpoint_auth_methods_supported: Vec::new(),
            code_challenge_methods_supported: Vec::new(),
            authorization_response_iss_parameter_supported: false,
        }
    }
}

/// Client metadata (RFC 7591 2; OpenID Connect Registration 2; RP-Initiated Logout 3.1).
///
/// ```
/// use authmint_oauth2::ClientMetadata;
///
/// let metadata: ClientMetadata = serde_json::from_str(r#"{
///     "client_name": "Orders",
///     "redirect_uris": ["https://orders.example/callback"],
///     "token_endpoint_auth_method": "none",
///     "scope": "openid profile offline_access"
/// }"#)?;
/// metadata.check()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientMetadata {
    /// The name people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// The application's home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its privacy policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms of service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Where browsers may be sent back.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after logout.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How it authenticates.
    pub token_endpoint_auth_method: ClientAuthMethod,
    /// What it may ask the token endpoint for.
    #[serde(default = "default_grant_types")]
    pub grant_types: Vec<GrantType>,
    /// What it may ask for at all.
    pub scope: Scope,
    /// Its public keys, for `private_key_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
}

/// RFC 7591 2: what a client may use when it says nothing.
fn default_grant_types() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode]
}

impl ClientMetadata {
    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// `invalid_client_metadata` or `invalid_redirect_uri`, saying what to change.
    pub fn check(&self) -> Result<(), Error> {
        let invalid = |description: &'static str| {
            Err(Error::new(ErrorCode::InvalidClientMetadata, description).section("RFC 7591 2"))
        };
        let code = self.grant_types.contains(&GrantType::AuthorizationCode);
        if code && self.redirect_uris.is_empty() {
            return Err(Error::new(
                ErrorCode::InvalidRedirectUri,
                "a client that logs people in needs a redirect URI",
            )
            .section("RFC 7591 2"));
        }
        if self.redirect_uris.len().max(self.post_logout_redirect_uris.len()) > 64 {
            return invalid("a client has at most 64 redirect URIs");
        }
        if self.grant_types.contains(&GrantType::RefreshToken) && !code {
            return invalid("refresh_token needs authorization_code beside it in grant_types");
        }
        if self.grant_types.contains(&GrantType::ClientCredentials)
            && self.token_endpoint_auth_method == ClientAuthMethod::None
        {
            return invalid("client_credentials needs a client that can authenticate: RFC 6749 4.4");
        }
        if (self.token_endpoint_auth_method == ClientAuthMethod::PrivateKeyJwt) != self.jwks.is_some() {
            return invalid("private_key_jwt and jwks go together: give both or neither");
        }
        if let Some(jwks) = &self.jwks {
            let keys = authmint_jose::KeySet::from_jwks(&jwks.to_string());
            if !keys.is_ok_and(|keys| !keys.is_empty() && keys.iter().all(|key| !key.can_sign())) {
                return invalid("jwks must be a JWK set with at least one public key and no private one");
            }
        }
        if self
            .client_name
            .as_ref()
            .is_some_and(|name| name.len() > 256 || name.chars().any(char::is_control))
        {
            return invalid("client_name has at most 256 bytes and no control characters");
        }
        let pages = [&self.client_uri, &self.policy_uri, &self.tos_uri];
        if pages.into_iter().flatten().any(|uri| !is_web_page(uri)) {
            return invalid(
                "client_uri, policy_uri and tos_uri are http or https URLs of at most 2048 bytes",
            );
        }
        Ok(())
    }
}

fn is_web_page(uri: &str) -> bool {
    uri.len() <= 2048 && url::Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(json: &str) -> Result<(), String> {
        let metadata: ClientMetadata = serde_json::from_str(json).map_err(|error| error.to_string())?;
        metadata.check().map_err(|error| error.to_string())
    }

    #[test]
    fn the_parts_must_fit() {
        assert!(client(r#"{"redirect_uris":["https://a.example/cb"]}"#).is_ok());
        for json in [
            r"{}",
            r#"{"redirect_uris":["javascript:alert(1)"]}"#,
            r#"{"grant_types":["client_credentials"],"token_endpoint_auth_method":"none"}"#,
            r#"{"grant_types":["refresh_token"]}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"token_endpoint_auth_method":"private_key_jwt"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[]}}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"policy_uri":"javascript:alert(1)"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"client_name":"a\u0000b"}"#,
        ] {
            assert!(client(json).is_err(), "{json}");
        }
        assert!(client(r#"{"grant_types":["client_credentials"]}"#).is_ok());
    }
}
