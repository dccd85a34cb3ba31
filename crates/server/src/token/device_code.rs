//! The device grant (RFC 8628 3.4, 3.5): the device asks until the person has decided.

use authmint_jose::Secret;
use authmint_oauth2::{Error as ProtocolError, ErrorCode, TokenResponse};

use crate::audit;
use crate::client_auth::VerifiedClient;
use crate::error::Error;
use crate::issue;
use crate::server::AuthorizationServer;
use crate::storage::{Consumed, DeviceDecision, IssuedTokens, TokenHash};

pub(super) async fn exchange(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    device_code: &Secret,
    resource: &[String],
) -> Result<TokenResponse, Error> {
    let hash = TokenHash::of(device_code.expose());
    let now = server.now();
    let polled = server.storage().poll_device(hash, now).await?.ok_or_else(|| client.unknown(refused()))?;
    if polled.authorization.client_id != client.client().id {
        tracing::warn!(target: audit::TARGET, event = "foreign_device_code", client_id = client.client().id, "a client presented another's device code");
        return Err(refused().into());
    }
    let revoked_until = server.revoked_until();
    if polled.redeemed {
        server.storage().redeem_device_code(hash, IssuedTokens::default(), revoked_until).await?;
        return Err(replayed(client).into());
    }
    if now >= polled.authorization.expires_at {
        return Err(told(ErrorCode::ExpiredToken, "the device code has expired; begin again").into());
    }
    if polled.too_fast {
        return Err(told(ErrorCode::SlowDown, "wait five seconds longer between two polls").into());
    }
    let grant = match polled.decision {
        Some(DeviceDecision::Allowed(grant)) => grant,
        Some(DeviceDecision::Denied) => {
            return Err(told(ErrorCode::AccessDenied, "the person did not agree").into());
        }
        None => {
            return Err(told(ErrorCode::AuthorizationPending, "the person has not decided yet").into());
        }
    };
    if server.claims().claims(&grant.subject).await?.is_none() {
        return Err(refused().into());
    }
    let issued = issue::for_grant(server, client, &grant, grant.scope.clone(), resource, None).await?;
    match server.storage().redeem_device_code(hash, issued.tokens, revoked_until).await? {
        Consumed::Now => {
            audit::token_issued(client.client(), Some(&grant));
            Ok(issued.response)
        }
        Consumed::Before => Err(replayed(client).into()),
        Consumed::Unknown => Err(refused().into()),
    }
}

fn told(code: ErrorCode, description: &'static str) -> ProtocolError {
    ProtocolError::new(code, description).parameter("device_code").section("RFC 8628 3.5")
}

fn refused() -> ProtocolError {
    told(ErrorCode::InvalidGrant, "the device code is unknown, used, or was issued to another client")
}

fn replayed(client: &VerifiedClient) -> ProtocolError {
    tracing::warn!(target: audit::TARGET, event = "device_code_replayed", client_id = client.client().id, "a device code was used twice; its grant is revoked");
    refused()
}
