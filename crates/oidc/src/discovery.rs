//! Provider metadata (Discovery 3; RP-Initiated Logout 2.1): server metadata with what OpenID Connect adds.

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
    /// Whether `claims` is supported; absent means no.
    #[serde(default)]
    pub claims_parameter_supported: bool,
    /// Whether `request` is supported; absent means no.
    #[serde(default)]
    pub request_parameter_supported: bool,
    /// Whether `request_uri` is supported; absent means **yes** (Discovery 3), so it is always written.
    #[serde(default = "yes")]
    pub request_uri_parameter_supported: bool,
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
            claims_parameter_supported: false,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
        }
    }
}
