//! What the server says of itself (RFC 8414 3, OpenID Connect Discovery 4) and its keys (RFC 7517 5).
//!
//! Every list is read off the code that implements it, so that the metadata can't promise what is not there.

use authmint_oauth2::{ClientAuthMethod, GrantType, ResponseMode, dpop};
use authmint_oidc::{Display, PersonClaims, Prompt, ProviderMetadata};
use bytes::Bytes;
use http::{Method, Request};

use crate::authorize::UNSIGNED;
use crate::client_auth::{ASSERTION_ALGORITHMS, SECRET_ALGORITHMS};
use crate::client_jwt::{CONTENT_ENCRYPTION, KEY_MANAGEMENT};
use crate::config::Registration;
use crate::endpoint::{self, Reply, paths};
use crate::error::Error;
use crate::server::AuthorizationServer;

/// The scopes that mean something to every OpenID Provider (Core 5.4, 11).
pub(crate) const SCOPES: &[&str] = &["openid", "profile", "email", "phone", "address", "offline_access"];
/// Metadata changes with a new configuration only; the key set as often as keys are rotated.
const METADATA_CACHE: &str = "public, max-age=3600";
const JWKS_CACHE: &str = "public, max-age=300";

/// Claims that ID tokens have beside those of the person.
const ID_TOKEN_CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
];

impl AuthorizationServer {
    /// The metadata document.
    #[must_use]
    pub fn metadata(&self) -> ProviderMetadata {
        let config = self.config();
        let endpoint = |path| Some(self.issuer().endpoint(path));
        let methods = self.client_auth_methods();
        let confidential: Vec<_> = methods.iter().filter(|method| *method != "none").cloned().collect();
        let assertions: Vec<_> = ASSERTION_ALGORITHMS.iter().chain(SECRET_ALGORITHMS).collect();
        let assertions = names(assertions.into_iter().map(|algorithm| algorithm.name()));

        let mut metadata = ProviderMetadata::new(self.issuer().clone());
        let server = &mut metadata.server;
        server.authorization_endpoint = endpoint(paths::AUTHORIZATION);
        server.token_endpoint = endpoint(paths::TOKEN);
        server.jwks_uri = endpoint(paths::JWKS);
        server.revocation_endpoint = endpoint(paths::REVOCATION);
        server.introspection_endpoint = endpoint(paths::INTROSPECTION);
        server.pushed_authorization_request_endpoint = endpoint(paths::PUSHED_AUTHORIZATION_REQUEST);
        if config.registration != Registration::Closed {
            server.registration_endpoint = endpoint(paths::REGISTRATION);
        }
        server.device_authorization_endpoint = endpoint(paths::DEVICE_AUTHORIZATION);
        server.require_pushed_authorization_requests = config.require_pushed_requests;
        server.scopes_supported = names(SCOPES.iter().copied());
        server.response_types_supported =
            names(config.profile.response_types().iter().map(|response_type| response_type.as_str()));
        server.response_modes_supported = names(ResponseMode::ALL.iter().map(|mode| mode.as_str()));
        server.grant_types_supported = self.grant_types();
        server.token_endpoint_auth_methods_supported.clone_from(&methods);
        server.token_endpoint_auth_signing_alg_values_supported.clone_from(&assertions);
        server.revocation_endpoint_auth_methods_supported = methods;
        server.revocation_endpoint_auth_signing_alg_values_supported.clone_from(&assertions);
        server.introspection_endpoint_auth_methods_supported = confidential;
        server.introspection_endpoint_auth_signing_alg_values_supported = assertions;
        server.code_challenge_methods_supported = names(["S256"]);
        server.dpop_signing_alg_values_supported =
            names(dpop::ALGORITHMS.iter().map(|algorithm| algorithm.name()));
        server.authorization_response_iss_parameter_supported = true;

        metadata.userinfo_endpoint = endpoint(paths::USERINFO);
        metadata.end_session_endpoint = endpoint(paths::END_SESSION);
        metadata.check_session_iframe =
            config.session_management.then(|| self.issuer().endpoint(paths::CHECK_SESSION));
        metadata.frontchannel_logout_supported = config.front_channel_logout;
        metadata.frontchannel_logout_session_supported = config.front_channel_logout;
        metadata.backchannel_logout_supported = self.transport().is_some();
        metadata.backchannel_logout_session_supported = self.transport().is_some();
        metadata.subject_types_supported = names(["public", "pairwise"]);
        let signing = names(config.id_token_algorithms().iter().map(|algorithm| algorithm.name()));
        let signing: Vec<_> = signing.into_iter().chain(names(["HS256"])).collect();
        metadata.id_token_signing_alg_values_supported.clone_from(&signing);
        metadata.userinfo_signing_alg_values_supported = signing;
        let managed = names(KEY_MANAGEMENT.iter().map(|algorithm| algorithm.name()));
        metadata.id_token_encryption_alg_values_supported.clone_from(&managed);
        metadata.userinfo_encryption_alg_values_supported = managed;
        let content = names(CONTENT_ENCRYPTION.iter().map(|algorithm| algorithm.name()));
        metadata.id_token_encryption_enc_values_supported.clone_from(&content);
        metadata.userinfo_encryption_enc_values_supported.clone_from(&content);
        metadata.request_object_encryption_enc_values_supported = content;
        metadata.request_object_encryption_alg_values_supported =
            names(config.request_object_encryption.iter().map(|algorithm| algorithm.name()));
        let unsigned = config.profile.merges_request_objects().then_some(UNSIGNED);
        let objects = ASSERTION_ALGORITHMS.iter().map(|algorithm| algorithm.name()).chain(unsigned);
        metadata.request_object_signing_alg_values_supported = names(objects);
        metadata.acr_values_supported.clone_from(&config.acr_values);
        metadata.claims_supported = names(ID_TOKEN_CLAIMS.iter().chain(PersonClaims::NAMES).copied());
        metadata.claim_types_supported = names(["normal", "aggregated", "distributed"]);
        metadata.prompt_values_supported = names(Prompt::ALL.iter().map(|prompt| prompt.as_str()));
        metadata.display_values_supported = names(Display::ALL.iter().map(|display| display.as_str()));
        metadata.claims_parameter_supported = true;
        metadata.request_parameter_supported = true;
        metadata.request_uri_parameter_supported = self.transport().is_some();
        metadata.require_request_uri_registration = self.transport().is_some();
        metadata
    }

    /// The grant types that clients may have.
    pub(crate) fn grant_types(&self) -> Vec<String> {
        let own = GrantType::ALL.iter().filter(|grant_type| self.has_grant(grant_type));
        let extensions = self.extension_grants().map(super::extension::ExtensionGrant::grant_type);
        names(own.map(GrantType::as_str).chain(extensions))
    }

    /// The methods by which clients may authenticate.
    pub(crate) fn client_auth_methods(&self) -> Vec<String> {
        let extensions = self.extension_client_auth().map(super::extension::ExtensionClientAuth::method);
        names(ClientAuthMethod::ALL.iter().map(ClientAuthMethod::as_str).chain(extensions))
    }
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

pub(crate) fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::GET, Method::HEAD]) {
        return *refusal;
    }
    match serde_json::to_string(&server.metadata()) {
        Ok(body) => endpoint::public_json(body, "application/json", METADATA_CACHE),
        Err(error) => endpoint::client_error(server, request, &Error::Configuration(error.to_string())),
    }
}

pub(crate) async fn handle_jwks(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::GET, Method::HEAD]) {
        return *refusal;
    }
    match server.keys().public_jwks().await {
        Ok(keys) => endpoint::public_json(keys, "application/jwk-set+json", JWKS_CACHE),
        Err(error) => endpoint::client_error(server, request, &error),
    }
}
