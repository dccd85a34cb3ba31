//! Revocation (RFC 7009): a client ends a token of its own. A refresh token takes its whole grant along (RFC 7009 2.1).

use authmint_oauth2::{Error as ProtocolError, ErrorCode, RevocationRequest};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use crate::active_token;
use crate::audit;
use crate::client_auth::VerifiedClient;
use crate::endpoint::{self, Reply};
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::TokenHash;

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::POST]) {
        return *refusal;
    }
    match revoke(server, request).await {
        // RFC 7009 2.2: also for a token that is unknown, since it is not valid now.
        Ok(()) => {
            let mut reply = Response::new(Bytes::new());
            *reply.status_mut() = StatusCode::OK;
            reply
        }
        Err(error) => endpoint::client_error(server, request, &error),
    }
}

async fn revoke(server: &AuthorizationServer, request: &Request<Bytes>) -> Result<(), Error> {
    let params = endpoint::form(request)?;
    let client = VerifiedClient::authenticate(server, request, &params).await?;
    let RevocationRequest { token, .. } = RevocationRequest::from_params(&params)?;
    let hash = TokenHash::of(token.expose());
    let own = |client_id: &str| if client_id == client.client().id { Ok(()) } else { Err(foreign()) };

    if let Some(stored) = server.storage().refresh_token(hash).await? {
        let grant = stored.record.grant;
        own(&grant.client_id)?;
        let until = server.revoked_until();
        tracing::info!(target: audit::TARGET, event = "grant_revoked", grant = %grant.id, client_id = grant.client_id, "a client revoked a grant");
        server.storage().revoke_grant(&grant.id, until).await?;
    // Also one of a person who is locked now: it must not come back when they are unlocked.
    } else if let Some(active) = active_token::issued(server, token.expose()).await? {
        own(&active.client_id)?;
        match active.jti {
            Some(jti) => server.storage().revoke_jwt(&jti, active.expires_at).await?,
            None => server.storage().revoke_access_token(hash).await?,
        }
    }
    Ok(())
}

fn foreign() -> ProtocolError {
    ProtocolError::new(ErrorCode::UnauthorizedClient, "the token was issued to another client")
        .parameter("token")
        .section("RFC 7009 2.1")
}
