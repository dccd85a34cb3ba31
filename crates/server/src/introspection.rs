//! Introspection (RFC 7662): a resource server asks what a token is worth.
//!
//! A client learns about a token that was issued to it, or that names it as its audience. About every other it learns
//! `active: false`, as about one that never was (RFC 7662 4).

use authmint_oauth2::dpop::Confirmation;
use authmint_oauth2::{
    Error as ProtocolError, ErrorCode, IntrospectionRequest, IntrospectionResponse, TokenType, TokenTypeHint,
};
use bytes::Bytes;
use http::{Method, Request, StatusCode};

use crate::active_token;
use crate::client_auth::VerifiedClient;
use crate::endpoint::{self, Reply};
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::TokenHash;

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::POST]) {
        return *refusal;
    }
    match introspect(server, request).await {
        Ok(response) => endpoint::json(StatusCode::OK, &response),
        Err(error) => endpoint::client_error(server, request, &error),
    }
}

async fn introspect(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
) -> Result<IntrospectionResponse, Error> {
    let params = endpoint::form(request)?;
    let client = VerifiedClient::authenticate(server, request, &params).await?;
    if !client.is_confidential() {
        return Err(ProtocolError::new(
            ErrorCode::UnauthorizedClient,
            "introspection needs a client that authenticates",
        )
        .section("RFC 7662 2.1")
        .into());
    }
    let IntrospectionRequest { token, token_type_hint } = IntrospectionRequest::from_params(&params)?;
    // The hint saves a lookup, and a wrong one costs only that (RFC 7662 2.1).
    let refresh_first = token_type_hint == Some(TokenTypeHint::RefreshToken);
    let mut found = None;
    for refresh in [refresh_first, !refresh_first] {
        if found.is_none() {
            found = if refresh {
                refresh_token(server, &client, token.expose()).await?
            } else {
                access_token(server, &client, token.expose()).await?
            };
        }
    }
    Ok(found.unwrap_or(IntrospectionResponse::INACTIVE))
}

async fn access_token(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    token: &str,
) -> Result<Option<IntrospectionResponse>, Error> {
    let asker = &client.client().id;
    let Some(active) = active_token::find(server, token).await? else { return Ok(None) };
    let token = active.issued;
    if token.client_id != *asker && !token.audience.contains(asker) {
        return Ok(None);
    }
    Ok(Some(IntrospectionResponse {
        active: true,
        scope: Some(token.scope),
        client_id: Some(token.client_id),
        token_type: Some(TokenType::bound(token.dpop_jkt.is_some()).as_str().to_owned()),
        cnf: token.dpop_jkt.map(|jkt| Confirmation { jkt: Some(jkt) }),
        exp: Some(token.expires_at),
        iat: Some(token.issued_at),
        sub: Some(active.sub),
        aud: Some(token.audience),
        iss: Some(server.issuer().as_str().to_owned()),
        jti: token.jti,
        auth_time: token.auth_time,
        acr: token.acr,
        ..IntrospectionResponse::INACTIVE
    }))
}

async fn refresh_token(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    token: &str,
) -> Result<Option<IntrospectionResponse>, Error> {
    let Some(stored) = server.storage().refresh_token(TokenHash::of(token)).await? else { return Ok(None) };
    let record = stored.record;
    if stored.rotated || record.grant.client_id != client.client().id || server.now() >= record.expires_at {
        return Ok(None);
    }
    if !active_token::is_of(client.client(), record.issued_at)
        || server.claims().claims(&record.grant.subject).await?.is_none()
    {
        return Ok(None);
    }
    Ok(Some(IntrospectionResponse {
        active: true,
        scope: Some(record.grant.scope),
        client_id: Some(record.grant.client_id),
        token_type: Some("refresh_token".to_owned()),
        exp: Some(record.expires_at),
        iat: Some(record.issued_at),
        sub: Some(server.subjects(client.client()).name(&record.grant.subject).into_owned()),
        iss: Some(server.issuer().as_str().to_owned()),
        ..IntrospectionResponse::INACTIVE
    }))
}
