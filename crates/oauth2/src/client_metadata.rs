//! What is registered of a client (RFC 7591 2; OpenID Connect Registration 2; RFC 9101 10.5; RFC 9126 6; RFC 9449 5.2;
//! RP-Initiated Logout 3.1; Front-Channel Logout 2; Back-Channel Logout 2.2).

mod check;
mod field_names;
mod members;

use serde::{Deserialize, Serialize};

use crate::client_auth::ClientAuthMethod;
use crate::redirect_uri::RedirectUri;
use crate::response_type::ResponseType;
use crate::scope::Scope;
use crate::token::GrantType;

#[doc(hidden)]
pub use field_names::field_names;

/// Whether an application runs on a server or on a person's device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    /// On a server, or in a browser's page.
    #[default]
    Web,
    /// On a person's device.
    Native,
}

/// By which name a client knows people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectType {
    /// One name for every client.
    #[default]
    Public,
    /// Another name for each sector, so that clients can't compare notes.
    Pairwise,
}

/// Client metadata.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientMetadata {
    /// The name people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// The application's home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms of service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Who is responsible for it: e-mail addresses, as a rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Which software it is, the same for all its installations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// Which version of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// The signed statement about the software that was brought along (RFC 7591 2.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_statement: Option<String>,
    /// Where it runs.
    pub application_type: ApplicationType,
    /// Where browsers may be sent back.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after logout.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How it authenticates.
    pub token_endpoint_auth_method: ClientAuthMethod,
    /// The algorithm of its assertions; any that the server has if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// What it may ask the token endpoint for.
    pub grant_types: Vec<GrantType>,
    /// What it may ask the authorization endpoint for.
    pub response_types: Vec<ResponseType>,
    /// What it may ask for at all.
    #[serde(skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    /// Its public keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
    /// Where its public keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// A list of redirect URIs that share a sector, for pairwise subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// By which name it knows people.
    pub subject_type: SubjectType,
    /// What its ID tokens are signed with; the server's default if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<String>,
    /// How the key of its encrypted ID tokens is managed; no encryption if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<String>,
    /// What their content is encrypted with; `A128CBC-HS256` if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_enc: Option<String>,
    /// What its UserInfo responses are signed with; plain JSON if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// How the key of its encrypted UserInfo responses is managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<String>,
    /// What their content is encrypted with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_enc: Option<String>,
    /// What its request objects are signed with; any algorithm of the server's if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// How the key of its encrypted request objects is managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_encryption_alg: Option<String>,
    /// What their content is encrypted with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_encryption_enc: Option<String>,
    /// Whether it asks with signed request objects only.
    #[serde(skip_serializing_if = "is_false")]
    pub require_signed_request_object: bool,
    /// Whether it asks with pushed requests only.
    #[serde(skip_serializing_if = "is_false")]
    pub require_pushed_authorization_requests: bool,
    /// Where its request objects may be fetched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// How long ago the person may have logged in, in seconds, where the request does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    /// Whether `auth_time` must be in its ID tokens.
    #[serde(skip_serializing_if = "is_false")]
    pub require_auth_time: bool,
    /// Which `acr` it asks for where the request does not say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// Where others may send people to begin a login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// What to load in a frame when the person logs out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it needs `iss` and `sid` then.
    #[serde(skip_serializing_if = "is_false")]
    pub frontchannel_logout_session_required: bool,
    /// Where to post a logout token when the person logs out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether it needs `sid` in it.
    #[serde(skip_serializing_if = "is_false")]
    pub backchannel_logout_session_required: bool,
    /// Whether its access tokens are always bound to a DPoP key.
    #[serde(skip_serializing_if = "is_false")]
    pub dpop_bound_access_tokens: bool,
}

impl Default for ClientMetadata {
    /// What RFC 7591 2 takes where nothing is said.
    fn default() -> Self {
        Self {
            client_name: None,
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            contacts: Vec::new(),
            software_id: None,
            software_version: None,
            software_statement: None,
            application_type: ApplicationType::Web,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            token_endpoint_auth_method: ClientAuthMethod::ClientSecretBasic,
            token_endpoint_auth_signing_alg: None,
            grant_types: vec![GrantType::AuthorizationCode],
            response_types: vec![ResponseType::CODE],
            scope: Scope::EMPTY,
            jwks: None,
            jwks_uri: None,
            sector_identifier_uri: None,
            subject_type: SubjectType::Public,
            id_token_signed_response_alg: None,
            id_token_encrypted_response_alg: None,
            id_token_encrypted_response_enc: None,
            userinfo_signed_response_alg: None,
            userinfo_encrypted_response_alg: None,
            userinfo_encrypted_response_enc: None,
            request_object_signing_alg: None,
            request_object_encryption_alg: None,
            request_object_encryption_enc: None,
            require_signed_request_object: false,
            require_pushed_authorization_requests: false,
            request_uris: Vec::new(),
            default_max_age: None,
            require_auth_time: false,
            default_acr_values: Vec::new(),
            initiate_login_uri: None,
            frontchannel_logout_uri: None,
            frontchannel_logout_session_required: false,
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
            dpop_bound_access_tokens: false,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field over by reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl ClientMetadata {
    /// Whether a grant type is registered.
    #[must_use]
    pub fn may_use(&self, grant_type: &GrantType) -> bool {
        self.grant_types.contains(grant_type)
    }
}
