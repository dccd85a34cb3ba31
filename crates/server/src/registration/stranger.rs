//! What a client may be that registers itself over HTTP, and what it gets where it says nothing (RFC 7591 2, 5; OpenID
//! Connect Registration 2).
//!
//! A stranger can log people in, who are always asked, and act for itself. It gets neither the passwords of people nor the
//! grants that rest on trust between the operator and a client, and no scope but those that the settings name.

use authmint_jose::Algorithm;
use authmint_oauth2::{ClientMetadata, Error as ProtocolError, ErrorCode, GrantType, SubjectType};

use url::Url;

use crate::server::AuthorizationServer;

/// The grants that a stranger may have.
const GRANTS: &[GrantType] = &[
    GrantType::AuthorizationCode,
    GrantType::Implicit,
    GrantType::RefreshToken,
    GrantType::DeviceCode,
    GrantType::ClientCredentials,
];

/// Fits metadata to what a stranger may be. What was changed, the answer tells (RFC 7591 3.2.1).
pub(super) fn admit(
    server: &AuthorizationServer,
    mut metadata: ClientMetadata,
) -> Result<ClientMetadata, ProtocolError> {
    if metadata.grant_types.iter().any(|grant| !GRANTS.contains(grant)) {
        return Err(refused(
            "grant_types holds one that clients can't register themselves; only the operator gives it",
            "grant_types",
        ));
    }
    if metadata.subject_type == SubjectType::Pairwise && metadata.may_use(&GrantType::DeviceCode) {
        return Err(refused(
            "subject_type pairwise and the device grant exclude each other: no redirect URI proves the sector there",
            "subject_type",
        ));
    }
    if metadata.software_statement.is_none() {
        // People are shown its host as that of the application. Nobody but a redirect URI vouches for that (Registration 9.1).
        metadata.client_uri = metadata.client_uri.take().filter(|uri| !is_of_another_host(uri, &metadata));
    }
    let may_have = &server.config().registration_scope;
    if metadata.scope.is_empty() {
        let logs_in = [GrantType::AuthorizationCode, GrantType::Implicit, GrantType::DeviceCode];
        if logs_in.iter().any(|grant| metadata.may_use(grant)) {
            let refreshes = metadata.may_use(&GrantType::RefreshToken);
            metadata.scope = may_have.filter(|token| token != "offline_access" || refreshes);
        }
    } else {
        metadata.scope = metadata.scope.filter(|token| may_have.contains(token));
        if metadata.scope.is_empty() {
            return Err(refused(
                "scope holds nothing that clients can register themselves; see scopes_supported, or leave it out",
                "scope",
            ));
        }
    }
    if metadata.id_token_signed_response_alg.is_none() {
        // Registration 2: RS256 where nothing is said, whatever the server's own default.
        let config = server.config();
        let has_rs256 = config.id_token_algorithms().contains(&Algorithm::RS256);
        let algorithm = if has_rs256 { Algorithm::RS256 } else { config.id_token_algorithm };
        metadata.id_token_signed_response_alg = Some(algorithm.name().to_owned());
    }
    Ok(metadata)
}

/// Whether an address has a host, and not one that people are led back to.
fn is_of_another_host(uri: &str, metadata: &ClientMetadata) -> bool {
    let Some(url) = Url::parse(uri).ok().filter(Url::has_host) else { return false };
    let redirects = metadata.redirect_uris.iter().filter_map(|uri| Url::parse(uri.as_str()).ok());
    !redirects.filter(|to| to.scheme() == "https").any(|to| to.host() == url.host())
}

fn refused(description: &'static str, parameter: &'static str) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidClientMetadata, description)
        .parameter(parameter)
        .section("RFC 7591 2")
}
