//! The pushed authorization request endpoint (RFC 9126): the client authenticates and sends its request here; the browser
//! brings only its name.

use authmint_oauth2::par::REQUEST_URI_PREFIX;
use authmint_oauth2::{Error as ProtocolError, ErrorCode, Params, PushedAuthorizationResponse};
use bytes::Bytes;
use http::{Method, Request, StatusCode};

use crate::authorize::{Authorization, Resolved};
use crate::client_auth::VerifiedClient;
use crate::dpop;
use crate::endpoint::{self, Reply, paths};
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{Origin, PushedRequest, TokenHash};

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::POST]) {
        return *refusal;
    }
    let (client, params) = match VerifiedClient::of_form(server, request).await {
        Ok(known) => known,
        Err(error) => return endpoint::client_error(server, request, &error),
    };
    let mut reply = match push(server, request, &client, params).await {
        Ok(response) => {
            let mut reply = endpoint::json(StatusCode::CREATED, &response);
            dpop::give_nonce(server, request, false, &mut reply);
            reply
        }
        Err(error) => endpoint::client_error(server, request, &error),
    };
    client.mark_stranger(&mut reply);
    reply
}

async fn push(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    client: &VerifiedClient,
    params: Params,
) -> Result<PushedAuthorizationResponse, Error> {
    if params.get("request_uri").is_some() {
        return Err(ProtocolError::new(ErrorCode::InvalidRequest, "a pushed request has no request_uri")
            .parameter("request_uri")
            .section("RFC 9126 2.1")
            .into());
    }
    // RFC 9449 10.1: a proof beside the request binds the code to its key.
    let proven = dpop::proven_key(server, request, paths::PUSHED_AUTHORIZATION_REQUEST, None).await?;
    let mut resolved = Resolved::pushed(server, client, params).await?;
    if let Some(jkt) = proven {
        if resolved.params.get("dpop_jkt").is_some_and(|named| named != jkt) {
            return Err(ProtocolError::malformed("dpop_jkt", "the thumbprint of the DPoP proof's key")
                .section("RFC 9449 10.1")
                .into());
        }
        resolved.params.set("dpop_jkt", jkt);
    }
    let signed = resolved.origin.signed;
    let verified = match server.verify_resolved(resolved).await? {
        Authorization::Verified(verified) => verified,
        Authorization::Refused { error, .. } | Authorization::Page(error) => return Err(error.into()),
    };
    let name = server.timed_token()?;
    let lifetime = server.config().pushed_request_lifetime;
    let pushed = PushedRequest {
        client_id: client.client().id.clone(),
        // What was understood, and no more: the secret of the client, or its assertion, may stand beside it in the form.
        request: verified.to_query()?,
        signed,
        expires_at: server.now().saturating_add(lifetime),
    };
    let most = server.config().most_interactions;
    server.storage().save_pushed_request(TokenHash::of(name.expose()), pushed, most).await?;
    Ok(PushedAuthorizationResponse {
        request_uri: format!("{REQUEST_URI_PREFIX}{}", name.expose()),
        expires_in: lifetime.as_secs(),
    })
}

/// Finds a pushed request by its `request_uri`, and uses it up.
pub(crate) async fn take(
    server: &AuthorizationServer,
    client_id: &str,
    name: &str,
) -> Result<PushedRequest, Error> {
    let over = || {
        ProtocolError::new(
            ErrorCode::InvalidRequestUri,
            "request_uri is unknown, used, expired, or another client's; go back to the application and start again",
        )
        .parameter("request_uri")
        .section("RFC 9126 2.2")
    };
    let id = TokenHash::of(name);
    // Looked at first: another client must not be able to use it up.
    let found = server.storage().pushed_request(id).await?;
    let fits = |pushed: &PushedRequest| pushed.client_id == client_id && server.now() < pushed.expires_at;
    if !found.as_ref().is_some_and(fits) {
        return Err(over().into());
    }
    Ok(server.storage().take_pushed_request(id).await?.filter(fits).ok_or_else(over)?)
}

/// How a pushed request came.
pub(crate) fn origin(pushed: &PushedRequest) -> Origin {
    Origin { pushed: true, signed: pushed.signed }
}
