//! Discovery (OpenID Connect Discovery 4, RFC 8414 3): fetch the metadata and make sure it is the issuer's own.

use authmint_fetch::{FetchError, Transport, get_json, is_secure_url};
use authmint_oauth2::Issuer;
use authmint_oidc::ProviderMetadata;
use http::StatusCode;

use crate::error::Error;

/// Fetches a provider's metadata, without making a client of it: OpenID's place first, then OAuth's.
///
/// # Errors
/// [`Error::Metadata`] when the document is another issuer's or can't be used, [`Error::Fetch`] when none comes.
pub async fn discover(issuer: &Issuer, transport: &dyn Transport) -> Result<ProviderMetadata, Error> {
    let metadata = fetch(issuer, transport).await?;
    check(issuer, &metadata)?;
    Ok(metadata)
}

pub(crate) async fn fetch(issuer: &Issuer, transport: &dyn Transport) -> Result<ProviderMetadata, Error> {
    let body = match get_json(transport, &issuer.openid_configuration_url()).await {
        Err(FetchError::Status { status: StatusCode::NOT_FOUND, .. }) => {
            get_json(transport, &issuer.oauth_metadata_url()).await
        }
        answered => answered,
    }?;
    serde_json::from_slice(&body).map_err(|error| Error::Metadata {
        issuer: issuer.to_string(),
        problem: format!(
            "the document has not the form of metadata (line {}, column {})",
            error.line(),
            error.column()
        ),
    })
}

/// Refuses metadata of another issuer, and addresses that secrets or people must not be sent to (S22).
pub(crate) fn check(issuer: &Issuer, metadata: &ProviderMetadata) -> Result<(), Error> {
    let unusable = |problem: String| Error::Metadata { issuer: issuer.to_string(), problem };
    if metadata.server.issuer != *issuer {
        return Err(unusable(format!("it says that its issuer is {}", metadata.server.issuer)));
    }
    let server = &metadata.server;
    for (name, url) in [
        ("authorization_endpoint", &server.authorization_endpoint),
        ("token_endpoint", &server.token_endpoint),
        ("jwks_uri", &server.jwks_uri),
        ("introspection_endpoint", &server.introspection_endpoint),
        ("revocation_endpoint", &server.revocation_endpoint),
        ("registration_endpoint", &server.registration_endpoint),
        ("device_authorization_endpoint", &server.device_authorization_endpoint),
        ("pushed_authorization_request_endpoint", &server.pushed_authorization_request_endpoint),
        ("userinfo_endpoint", &metadata.userinfo_endpoint),
        ("end_session_endpoint", &metadata.end_session_endpoint),
    ] {
        if url.as_ref().is_some_and(|url| !is_secure_url(url)) {
            return Err(unusable(format!("{name} is neither https nor on this machine")));
        }
    }
    Ok(())
}

/// The error for metadata without an endpoint that a step needs.
pub(crate) fn lacks(issuer: &Issuer, field: &str) -> Error {
    Error::Metadata { issuer: issuer.to_string(), problem: format!("it has no {field}") }
}
