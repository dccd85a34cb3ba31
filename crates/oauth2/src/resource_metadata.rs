//! What an API says of itself: protected resource metadata (RFC 9728 2), and where it says so (RFC 9728 3.1).

use serde::{Deserialize, Serialize};
use url::Url;

use crate::issuer::is_this_machine;

/// Where the metadata of a resource without a path is, below its host (RFC 9728 3).
pub const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Protected resource metadata.
///
/// Lists of names stay strings: an API may well know more than this crate.
///
/// ```
/// use authmint_oauth2::ResourceMetadata;
///
/// let metadata = ResourceMetadata {
///     authorization_servers: vec!["https://login.example".into()],
///     scopes_supported: vec!["orders:read".into()],
///     ..ResourceMetadata::new("https://api.example/v1")
/// };
/// assert_eq!(
///     serde_json::to_value(&metadata)?,
///     serde_json::json!({
///         "resource": "https://api.example/v1",
///         "authorization_servers": ["https://login.example"],
///         "scopes_supported": ["orders:read"],
///         "bearer_methods_supported": ["header"],
///     })
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceMetadata {
    /// The resource identifier.
    pub resource: String,
    /// The issuers whose tokens are taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_servers: Vec<String>,
    /// The keys of the API itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Scopes that are asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// Where a bearer token may stand: `header`, `body`, `query`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bearer_methods_supported: Vec<String>,
    /// What the API signs its answers with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_signing_alg_values_supported: Vec<String>,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    /// A page for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_documentation: Option<String>,
    /// How its data may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_policy_uri: Option<String>,
    /// The terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_tos_uri: Option<String>,
    /// Whether tokens may be bound to a certificate (RFC 8705).
    #[serde(default, skip_serializing_if = "is_false")]
    pub tls_client_certificate_bound_access_tokens: bool,
    /// Types of authorization details that are understood (RFC 9396).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_details_types_supported: Vec<String>,
    /// Algorithms of DPoP proofs (RFC 9449).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Whether every token must be bound to a key (RFC 9449).
    #[serde(default, skip_serializing_if = "is_false")]
    pub dpop_bound_access_tokens_required: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field over by reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl ResourceMetadata {
    /// Metadata of a resource that reads bearer tokens in the header and says nothing else yet.
    pub fn new(resource: impl Into<String>) -> Self {
        Self {
            resource: resource.into(),
            bearer_methods_supported: vec!["header".to_owned()],
            ..Self::default()
        }
    }
}

/// A resource identifier that is an address (RFC 9728 1.2): `https` (`http` on this machine), without a fragment.
///
/// ```
/// use authmint_oauth2::resource_metadata::ResourceAddress;
///
/// let resource = ResourceAddress::of("https://api.example/v1").expect("an address");
/// assert_eq!(resource.metadata_path(), "/.well-known/oauth-protected-resource/v1");
/// assert_eq!(resource.metadata_url(), "https://api.example/.well-known/oauth-protected-resource/v1");
/// assert!(ResourceAddress::of("my-api").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceAddress {
    origin: String,
    /// Path and query, without the slash that follows the host where nothing follows it.
    rest: String,
}

impl ResourceAddress {
    /// The address that an identifier is; `None` for one that is a mere name.
    #[must_use]
    pub fn of(resource: &str) -> Option<Self> {
        let url = Url::parse(resource).ok()?;
        let secure = url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(&url));
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !secure || !plain {
            return None;
        }
        let (path, query) = (url.path(), url.query());
        let mut rest = if path == "/" { String::new() } else { path.to_owned() };
        if let Some(query) = query {
            rest.push('?');
            rest.push_str(query);
        }
        Some(Self { origin: url.origin().ascii_serialization(), rest })
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Path and query of its metadata: the well-known name stands before those of the resource (RFC 9728 3.1).
    #[must_use]
    pub fn metadata_path(&self) -> String {
        format!("{WELL_KNOWN}{}", self.rest)
    }

    /// The address of its metadata.
    #[must_use]
    pub fn metadata_url(&self) -> String {
        format!("{}{}", self.origin, self.metadata_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_where_rfc_9728_puts_it() {
        for (resource, url) in [
            ("https://api.example", "https://api.example/.well-known/oauth-protected-resource"),
            ("https://api.example/", "https://api.example/.well-known/oauth-protected-resource"),
            (
                "https://api.example:8443/a/b",
                "https://api.example:8443/.well-known/oauth-protected-resource/a/b",
            ),
            ("https://api.example/a?b=c", "https://api.example/.well-known/oauth-protected-resource/a?b=c"),
            ("http://localhost:3001", "http://localhost:3001/.well-known/oauth-protected-resource"),
        ] {
            assert_eq!(ResourceAddress::of(resource).unwrap().metadata_url(), url, "{resource}");
        }
        for name in [
            "orders",
            "urn:orders",
            "http://api.example",
            "https://api.example/#a",
            "https://u:p@api.example",
            "",
        ] {
            assert!(ResourceAddress::of(name).is_none(), "{name}");
        }
    }

    #[test]
    fn metadata_is_read_back() {
        let metadata = ResourceMetadata {
            dpop_bound_access_tokens_required: true,
            resource_name: Some("Orders".into()),
            ..ResourceMetadata::new("https://api.example")
        };
        let json = serde_json::to_string(&metadata).unwrap();
        assert_eq!(serde_json::from_str::<ResourceMetadata>(&json).unwrap(), metadata);
    }
}
