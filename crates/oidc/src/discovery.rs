//! Provider metadata (Discovery 3; RP-Initiated Logout 2.1; Session Management 3.3; Front-Channel Logout 3; Back-Channel
//! Logout 2.1; RFC 9101 10.5): server metadata with what OpenID Connect adds.

use authmint_oauth2::{Issuer, ServerMetadata};
use serde::{Deserialize, Serialize};

/// What an OpenID Provider says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderMetadata {
    /// The OAuth 2 part.
    #[serde(flatten)]
    pub server: ServerMetadata,
    /// The UserInfo endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// The logout endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// `public`, `pairwise`.
    #[serde(default)]
    pub subject_types_supported: Vec<String>,
    /// Algorithms of ID tokens.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// Claims that may be known of a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_supported: Vec<String>,
    /// `prompt` values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt_values_supported: Vec<String>,
    /// Levels of authentication (`acr`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values_supported: Vec<String>,
    /// How the keys of encrypted ID tokens are managed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token_encryption_alg_values_supported: Vec<String>,
    /// What their content is encrypted with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token_encryption_enc_values_supported: Vec<String>,
    /// Algorithms of signed UserInfo responses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo_signing_alg_values_supported: Vec<String>,
    /// How the keys of encrypted UserInfo responses are managed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo_encryption_alg_values_supported: Vec<String>,
    /// What their content is encrypted with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo_encryption_enc_values_supported: Vec<String>,
    /// Algorithms of request objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_object_signing_alg_values_supported: Vec<String>,
    /// How the keys of encrypted request objects are managed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_object_encryption_alg_values_supported: Vec<String>,
    /// What their content is encrypted with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_object_encryption_enc_values_supported: Vec<String>,
    /// Values of `display`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub display_values_supported: Vec<String>,
    /// `normal`, `aggregated`, `distributed`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claim_types_supported: Vec<String>,
    /// Languages of claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_locales_supported: Vec<String>,
    /// The frame that tells whether the session has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_session_iframe: Option<String>,
    /// Whether `claims` is supported; absent means no.
    #[serde(default)]
    pub claims_parameter_supported: bool,
    /// Whether `request` is supported; absent means no.
    #[serde(default)]
    pub request_parameter_supported: bool,
    /// Whether `request_uri` is supported; absent means **yes** (Discovery 3), so it is always written.
    #[serde(default = "yes")]
    pub request_uri_parameter_supported: bool,
    /// Whether a `request_uri` must be registered.
    #[serde(default)]
    pub require_request_uri_registration: bool,
    /// Whether frames are loaded at logout.
    #[serde(default)]
    pub frontchannel_logout_supported: bool,
    /// Whether they are told `iss` and `sid`.
    #[serde(default)]
    pub frontchannel_logout_session_supported: bool,
    /// Whether logout tokens are posted.
    #[serde(default)]
    pub backchannel_logout_supported: bool,
    /// Whether they hold `sid`.
    #[serde(default)]
    pub backchannel_logout_session_supported: bool,
}

fn yes() -> bool {
    true
}

impl ProviderMetadata {
    /// Metadata that names the issuer and supports nothing yet.
    #[must_use]
    pub fn new(issuer: Issuer) -> Self {
        Self {
            server: ServerMetadata::new(issuer),
            userinfo_endpoint: None,
            end_session_endpoint: None,
            subject_types_supported: Vec::new(),
            id_token_signing_alg_values_supported: Vec::new(),
            claims_supported: Vec::new(),
            prompt_values_supported: Vec::new(),
            acr_values_supported: Vec::new(),
            id_token_encryption_alg_values_supported: Vec::new(),
            id_token_encryption_enc_values_supported: Vec::new(),
            userinfo_signing_alg_values_supported: Vec::new(),
            userinfo_encryption_alg_values_supported: Vec::new(),
            userinfo_encryption_enc_values_supported: Vec::new(),
            request_object_signing_alg_values_supported: Vec::new(),
            request_object_encryption_alg_values_supported: Vec::new(),
            request_object_encryption_enc_values_supported: Vec::new(),
            display_values_supported: Vec::new(),
            claim_types_supported: Vec::new(),
            claims_locales_supported: Vec::new(),
            check_session_iframe: None,
            claims_parameter_supported: false,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            require_request_uri_registration: false,
            frontchannel_logout_supported: false,
            frontchannel_logout_session_supported: false,
            backchannel_logout_supported: false,
            backchannel_logout_session_supported: false,
        }
    }
}
