//! The client credentials grant (RFC 6749 4.4): a client that acts for itself.

use authmint_oauth2::{Error as ProtocolError, ErrorCode, Scope, TokenResponse};

use crate::client_auth::VerifiedClient;
use crate::error::Error;
use crate::issue;
use crate::server::AuthorizationServer;

/// Scopes that speak of a person, and mean nothing where there is none.
const OF_PEOPLE: &[&str] = &["openid", "profile", "email", "address", "phone", "offline_access"];

pub(super) async fn exchange(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    asked: Option<Scope>,
    resource: &[String],
) -> Result<TokenResponse, Error> {
    if !client.is_confidential() {
        return Err(ProtocolError::new(
            ErrorCode::UnauthorizedClient,
            "client_credentials needs a client that authenticates",
        )
        .section("RFC 6749 4.4")
        .into());
    }
    let own = client.client().metadata.scope.filter(|token| !OF_PEOPLE.contains(&token));
    let scope = asked.unwrap_or_else(|| own.clone());
    if !scope.is_subset(&own) {
        return Err(ProtocolError::new(
            ErrorCode::InvalidScope,
            "scope holds a value that is not registered for this client, or that speaks of a person",
        )
        .parameter("scope")
        .section("RFC 6749 4.4.2")
        .into());
    }
    issue::for_client(server, client, scope, resource).await
}
