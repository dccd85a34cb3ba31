//! The refresh token grant with rotation and reuse detection (RFC 6749 6; RFC 9700 4.14.2).
//!
//! A token that comes back after it was exchanged is in two hands. Nobody can tell which is the thief's, so the grant
//! ends for both.

use authmint_jose::Secret;
use authmint_oauth2::{Error as ProtocolError, ErrorCode, Scope, TokenResponse};

use crate::audit;
use crate::client_auth::VerifiedClient;
use crate::error::Error;
use crate::issue;
use crate::server::AuthorizationServer;
use crate::storage::{Consumed, Grant, IssuedTokens, TokenHash};

pub(super) async fn exchange(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    refresh_token: &Secret,
    asked: Option<&Scope>,
    resource: &[String],
) -> Result<TokenResponse, Error> {
    let hash = TokenHash::of(refresh_token.expose());
    let stored = server.storage().refresh_token(hash).await?.ok_or_else(|| client.unknown(refused()))?;
    let (grant, expires_at) = (&stored.record.grant, stored.record.expires_at);
    if grant.client_id != client.client().id {
        tracing::warn!(target: audit::TARGET, event = "foreign_refresh_token", client_id = client.client().id, grant = %grant.id, "a client presented another's refresh token");
        return Err(refused().into());
    }
    let bound = stored.record.dpop_jkt.as_deref();
    if bound.is_some() && bound != client.dpop_jkt() {
        tracing::warn!(target: audit::TARGET, event = "foreign_refresh_token", client_id = client.client().id, grant = %grant.id, "a refresh token came without its key");
        return Err(refused().into());
    }
    let revoked_until = server.revoked_until();
    if stored.rotated {
        server.storage().rotate_refresh_token(hash, IssuedTokens::default(), revoked_until).await?;
        return Err(reused(grant).into());
    }
    if server.now() >= expires_at || server.claims().claims(&grant.subject).await?.is_none() {
        return Err(refused().into());
    }
    let scope = narrowed(client, grant, asked)?;
    let issued = issue::for_grant(server, client, grant, scope, resource, None).await?;
    match server.storage().rotate_refresh_token(hash, issued.tokens, revoked_until).await? {
        Consumed::Now => {
            audit::token_issued(client.client(), Some(grant));
            Ok(issued.response)
        }
        Consumed::Before => Err(reused(grant).into()),
        Consumed::Unknown => Err(refused().into()),
    }
}

/// What was granted, no more than is asked now, no more than the client is registered for today.
fn narrowed(client: &VerifiedClient, grant: &Grant, asked: Option<&Scope>) -> Result<Scope, ProtocolError> {
    let asked = asked.unwrap_or(&grant.scope);
    if !asked.is_subset(&grant.scope) {
        return Err(ProtocolError::new(ErrorCode::InvalidScope, "scope holds a value that was not granted")
            .parameter("scope")
            .section("RFC 6749 6"));
    }
    Ok(asked.filter(|token| client.client().metadata.scope.contains(token)))
}

fn refused() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidGrant,
        "the refresh token is unknown, expired, used, revoked, or was issued to another client or key",
    )
    .parameter("refresh_token")
    .section("RFC 6749 5.2")
}

fn reused(grant: &Grant) -> ProtocolError {
    tracing::warn!(target: audit::TARGET, event = "refresh_token_replayed", grant = %grant.id, client_id = grant.client_id, "a refresh token was used twice; its grant is revoked");
    refused()
}
