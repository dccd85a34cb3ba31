//! Whether the parts of a client's metadata fit together (RFC 7591 2, 2.1; OpenID Connect Registration 2).

use authmint_jose::Jwk;
use serde_json::Value;
use url::Url;

use super::{ApplicationType, ClientMetadata};
use crate::client_auth::ClientAuthMethod;
use crate::error::{Error, ErrorCode};
use crate::issuer::is_this_machine;
use crate::response_type::ResponseType;
use crate::token::GrantType;

/// The most redirect URIs, request URIs, contacts and keys, each.
const MAX_ENTRIES: usize = 64;
/// The longest address or name of anything, in bytes.
const MAX_URI_BYTES: usize = 2048;
/// The longest name that people see, in bytes.
const MAX_NAME_BYTES: usize = 256;

impl ClientMetadata {
    /// Checks that the parts fit together. What a server has of it, the server judges.
    ///
    /// # Errors
    /// `invalid_client_metadata` or `invalid_redirect_uri`, saying what to change.
    pub fn check(&self) -> Result<(), Error> {
        self.check_grants()?;
        self.check_application_type()?;
        self.check_bounds()?;
        self.check_keys()?;
        self.check_addresses()
    }

    fn check_grants(&self) -> Result<(), Error> {
        let code = self.may_use(&GrantType::AuthorizationCode);
        let front = self.may_use(&GrantType::Implicit);
        if (code || front) && self.redirect_uris.is_empty() {
            return Err(Error::new(
                ErrorCode::InvalidRedirectUri,
                "a client that logs people in needs a redirect URI",
            )
            .section("RFC 7591 2"));
        }
        for response_type in &self.response_types {
            // A client that never goes to the authorization endpoint says nothing, and gets the default.
            let is_default = *response_type == ResponseType::CODE && !front;
            if response_type.has_code() && !code && !is_default {
                return invalid("a response type with code needs authorization_code in grant_types");
            }
            if response_type.is_front_channel() && !front {
                return invalid("a response type with token or id_token needs implicit in grant_types");
            }
        }
        if self.may_use(&GrantType::RefreshToken)
            && ![GrantType::AuthorizationCode, GrantType::DeviceCode, GrantType::Password]
                .iter()
                .any(|first| self.may_use(first))
        {
            return invalid(
                "refresh_token needs a grant that begins with a person beside it in grant_types, such as \
                 authorization_code",
            );
        }
        if self.may_use(&GrantType::ClientCredentials)
            && self.token_endpoint_auth_method == ClientAuthMethod::None
        {
            return invalid("client_credentials needs a client that can authenticate: RFC 6749 4.4");
        }
        Ok(())
    }

    /// OpenID Connect Registration 2, `application_type`.
    fn check_application_type(&self) -> Result<(), Error> {
        let invalid = |description| {
            Err(Error::new(ErrorCode::InvalidRedirectUri, description)
                .parameter("redirect_uris")
                .section("OpenID Connect Registration 2"))
        };
        let mut urls = self.redirect_uris.iter().filter_map(|uri| Url::parse(uri.as_str()).ok());
        match self.application_type {
            ApplicationType::Web if self.may_use(&GrantType::Implicit) => {
                if urls.any(|url| url.scheme() != "https" || is_this_machine(&url)) {
                    return invalid(
                        "a web application with the grant implicit has https redirect URIs, and none of this machine",
                    );
                }
            }
            ApplicationType::Native => {
                if urls.any(|url| url.scheme() == "https") {
                    return invalid(
                        "a native application has redirect URIs of a private-use scheme, or http of this machine; for \
                         claimed https addresses say application_type web",
                    );
                }
            }
            ApplicationType::Web => {}
        }
        Ok(())
    }

    fn check_bounds(&self) -> Result<(), Error> {
        let lists = [
            self.redirect_uris.len(),
            self.post_logout_redirect_uris.len(),
            self.request_uris.len(),
            self.contacts.len(),
            self.grant_types.len(),
            self.response_types.len(),
            self.default_acr_values.len(),
        ];
        if lists.into_iter().any(|length| length > MAX_ENTRIES) {
            return invalid("a list of the metadata has at most 64 entries");
        }
        let names = [&self.client_name, &self.software_id, &self.software_version];
        let names = names.into_iter().flatten().chain(&self.contacts).chain(&self.default_acr_values);
        for name in names {
            if name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
                return invalid("a name or contact has at most 256 bytes and no control characters");
            }
        }
        Ok(())
    }

    fn check_keys(&self) -> Result<(), Error> {
        if self.jwks.is_some() && self.jwks_uri.is_some() {
            return invalid("jwks and jwks_uri exclude each other");
        }
        let has_keys = self.jwks.is_some() || self.jwks_uri.is_some();
        let needs_keys = self.token_endpoint_auth_method == ClientAuthMethod::PrivateKeyJwt
            || self.require_signed_request_object;
        if needs_keys && !has_keys {
            return invalid("private_key_jwt and signed request objects need jwks or jwks_uri");
        }
        if let Some(jwks) = &self.jwks
            && !are_public_keys(jwks)
        {
            return invalid("jwks must be a JWK set with 1 to 64 public keys and no private one");
        }
        for (algorithm, content) in [
            (&self.id_token_encrypted_response_alg, &self.id_token_encrypted_response_enc),
            (&self.userinfo_encrypted_response_alg, &self.userinfo_encrypted_response_enc),
            (&self.request_object_encryption_alg, &self.request_object_encryption_enc),
        ] {
            if content.is_some() && algorithm.is_none() {
                return invalid("an _enc of the metadata needs its _alg beside it");
            }
        }
        Ok(())
    }

    fn check_addresses(&self) -> Result<(), Error> {
        let pages = [&self.client_uri, &self.logo_uri, &self.policy_uri, &self.tos_uri];
        if pages.into_iter().flatten().any(|uri| !is_web_page(uri)) {
            return invalid(
                "client_uri, logo_uri, policy_uri and tos_uri are http or https URLs of at most 2048 bytes",
            );
        }
        let secure = [
            &self.jwks_uri,
            &self.sector_identifier_uri,
            &self.initiate_login_uri,
            &self.frontchannel_logout_uri,
            &self.backchannel_logout_uri,
        ];
        if secure.into_iter().flatten().chain(&self.request_uris).any(|uri| !is_secure(uri)) {
            return invalid(
                "jwks_uri, sector_identifier_uri, initiate_login_uri, request_uris and the logout URIs are https URLs \
                 of at most 2048 bytes, without a user name",
            );
        }
        let logout = [&self.frontchannel_logout_uri, &self.backchannel_logout_uri];
        if logout.into_iter().flatten().any(|uri| uri.contains('#')) {
            return invalid("a logout URI has no fragment");
        }
        if let Some(uri) = &self.frontchannel_logout_uri
            && !self.redirect_uris.iter().any(|redirect_uri| have_one_origin(uri, redirect_uri.as_str()))
        {
            return Err(Error::new(
                ErrorCode::InvalidClientMetadata,
                "frontchannel_logout_uri has the scheme, host and port of a redirect URI of the client",
            )
            .parameter("frontchannel_logout_uri")
            .section("Front-Channel Logout 2"));
        }
        Ok(())
    }
}

fn invalid(description: &'static str) -> Result<(), Error> {
    Err(Error::new(ErrorCode::InvalidClientMetadata, description).section("RFC 7591 2"))
}

fn is_web_page(uri: &str) -> bool {
    uri.len() <= MAX_URI_BYTES && Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn is_secure(uri: &str) -> bool {
    let no_user = |url: &Url| url.username().is_empty() && url.password().is_none();
    uri.len() <= MAX_URI_BYTES && Url::parse(uri).is_ok_and(|url| url.scheme() == "https" && no_user(&url))
}

fn have_one_origin(one: &str, other: &str) -> bool {
    let origin = |uri| Url::parse(uri).map(|url| url.origin());
    matches!((origin(one), origin(other)), (Ok(one), Ok(other)) if one.is_tuple() && one == other)
}

/// Keys of a type that is not known here are left alone: another party may know it.
fn are_public_keys(jwks: &Value) -> bool {
    let Some(keys) = jwks.get("keys").and_then(Value::as_array) else { return false };
    let is_public = |key: &Value| {
        let named = |members: &[&str]| members.iter().any(|member| key.get(member).is_some());
        key.is_object()
            && !named(&["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"])
            && (Jwk::from_json(&key.to_string()).is_ok()
                || !matches!(key.get("kty").and_then(Value::as_str), Some("RSA" | "EC" | "OKP" | "AKP")))
    };
    (1..=MAX_ENTRIES).contains(&keys.len()) && keys.iter().all(is_public)
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
            r#"{"grant_types":["implicit"],"response_types":["id_token"]}"#,
            r#"{"grant_types":["implicit"],"redirect_uris":["https://a.example/cb"],"response_types":["code id_token"]}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"response_types":["id_token"]}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"token_endpoint_auth_method":"private_key_jwt"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[]}}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"jwks":{"keys":[{"kty":"oct","k":"AAAA"}]}}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"jwks":{"keys":[{"kty":"RSA","n":"AQAB"}]}}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"jwks_uri":"http://a.example/jwks"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"policy_uri":"javascript:alert(1)"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"client_name":"a\u0000b"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"backchannel_logout_uri":"https://a.example/#x"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"frontchannel_logout_uri":"https://b.example/out"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"frontchannel_logout_uri":"https://a.example:8443/out"}"#,
            r#"{"redirect_uris":["com.example.app:/cb"],"frontchannel_logout_uri":"https://a.example/out"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"initiate_login_uri":"http://a.example/"}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"id_token_encrypted_response_enc":"A128GCM"}"#,
            r#"{"grant_types":["implicit"],"redirect_uris":["http://localhost/cb"],"response_types":["id_token"]}"#,
            r#"{"grant_types":["implicit"],"redirect_uris":["https://localhost/cb"],"response_types":["id_token"]}"#,
            r#"{"grant_types":["implicit"],"redirect_uris":["com.example.a:/cb"],"response_types":["id_token"]}"#,
            r#"{"application_type":"native","redirect_uris":["https://a.example/cb"]}"#,
        ] {
            assert!(client(json).is_err(), "{json}");
        }
        for json in [
            r#"{"grant_types":["client_credentials"]}"#,
            r#"{"application_type":"native","redirect_uris":["com.example.a:/cb","http://127.0.0.1/cb","http://localhost/cb"]}"#,
            r#"{"redirect_uris":["http://localhost/cb"]}"#,
            r#"{"grant_types":["client_credentials"],"response_types":[]}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"frontchannel_logout_uri":"https://A.example:443/out?x"}"#,
            r#"{"grant_types":["implicit"],"redirect_uris":["https://a.example/cb"],"response_types":["id_token"]}"#,
            r#"{"grant_types":["authorization_code","implicit"],"redirect_uris":["https://a.example/cb"],"response_types":["id_token code"]}"#,
            r#"{"redirect_uris":["https://a.example/cb"],"jwks":{"keys":[{"kty":"new"}]}}"#,
        ] {
            assert!(client(json).is_ok(), "{json}");
        }
    }
}
