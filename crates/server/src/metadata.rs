//! What the server says of itself (RFC 8414 3, OpenID Connect Discovery 4) and its keys (RFC 7517 5).
//!
//! Every list is read off the code that implements it, so that the metadata can't promise what is not there.

use authmint_jose::Algorithm;
use authmint_oauth2::{ClientAuthMethod, GrantType, ResponseType};
use authmint_oidc::{ProviderMetadata, StandardClaims};
use bytes::Bytes;
use http::{Method, Request};

use crate::client_auth::ASSERTION_ALGORITHMS;
use crate::endpoint::{self, Reply, paths};
use crate::error::Error;
use crate::server::AuthorizationServer;

/// The scopes that mean something to every OpenID Provider (Core 5.4, 11).
const SCOPES: &[&str] = &["openid", "profile", "email", "phone", "address", "offline_access"];
/// Metadata changes with a new configuration only; the key set as often as keys are rotated.
const METADATA_CACHE: &str = "public, max-age=3600";
const JWKS_CACHE: &str = "public, max-age=300";

impl AuthorizationServer {
    /// The metadata document.
    #[must_use]
    pub fn metadata(&self) -> ProviderMetadata {
        let endpoint = |path| Some(self.issuer().endpoint(path));
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let algorithms =
            |list: &[Algorithm]| list.iter().map(|alg| alg.name().to_owned()).collect::<Vec<_>>();
        let methods =
            || ClientAuthMethod::ALL.iter().map(|method| method.as_str().to_owned()).collect::<Vec<_>>();
        let confidential = methods().into_iter().filter(|method| method != "none").collect();

        let mut metadata = ProviderMetadata::new(self.issuer().clone());
        let server = &mut metadata.server;
        server.authorization_endpoint = endpoint(paths::AUTHORIZATION);
        server.token_endpoint = endpoint(paths::TOKEN);
        server.jwks_uri = endpoint(paths::JWKS);
        server.revocation_endpoint = endpoint(paths::REVOCATION);
        server.introspection_endpoint = endpoint(paths::INTROSPECTION);
        server.scopes_supported = owned(SCOPES);
        server.response_types_supported = owned(&[ResponseType::Code.as_str()]);
        server.response_modes_supported = owned(&["query"]);
        server.grant_types_supported = GrantType::ALL.iter().map(|grant| grant.as_str().to_owned()).collect();
        server.token_endpoint_auth_methods_supported = methods();
        server.token_endpoint_auth_signing_alg_values_supported = algorithms(ASSERTION_ALGORITHMS);
        server.revocation_endpoint_auth_methods_supported = methods();
        server.introspection_endpoint_auth_methods_supported = confidential;
        server.code_challenge_methods_supported = owned(&["S256"]);
        server.authorization_response_iss_parameter_supported = true;
        metadata.userinfo_endpoint = endpoint(paths::USERINFO);
        metadata.end_session_endpoint = endpoint(paths::END_SESSION);
        metadata.subject_types_supported = owned(&["public"]);
        metadata.id_token_signing_alg_values_supported = algorithms(&[self.config().id_token_algorithm]);
        metadata.claims_supported =
            owned(&["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "amr", "at_hash", "sid"]);
        metadata.claims_supported.extend(owned(StandardClaims::NAMES));
        metadata.prompt_values_supported = owned(&["none", "login", "consent", "select_account"]);
        metadata
    }
}

pub(crate) fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::GET, Method::HEAD]) {
        return *refusal;
    }
    match serde_json::to_string(&server.metadata()) {
        Ok(body) => endpoint::public_json(body, "application/json", METADATA_CACHE),
        Err(error) => endpoint::client_error(request, &Error::Configuration(error.to_string())),
    }
}

pub(crate) async fn handle_jwks(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::GET, Method::HEAD]) {
        return *refusal;
    }
    match server.keys().published().await {
        Ok(keys) => endpoint::public_json(keys.to_public_jwks(), "application/jwk-set+json", JWKS_CACHE),
        Err(error) => endpoint::client_error(request, &error),
    }
}
