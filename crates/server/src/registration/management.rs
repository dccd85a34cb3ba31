//! The client configuration endpoint: a client reads, changes and removes its own registration (RFC 7592).
//!
//! A secret is kept as a hash, so an answer names it only when it has just been made, or where it is kept sealed because it is a
//! key. Neither the secret nor the registration access token is ever rotated without need: an answer that is lost would
//! lock the client out (RFC 7592 5).

use std::sync::Arc;

use authmint_jose::{Secret, constant_time_eq};
use authmint_oauth2::{ClientInformation, Error as ProtocolError, ErrorCode, PresentedToken};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode};

use super::endpoint::{presented, refusal, token_is_missing};
use super::request::Asked;
use super::secret::{KeptSecret, is_secret_of};
use super::{information, stranger};
use crate::audit;
use crate::client_jwt;
use crate::endpoint::{self, Reply};
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{Client, TokenHash};
use crate::subject;

/// What an answer holds beside the metadata, and a change must not send back (RFC 7592 2.2).
const SET_BY_THE_SERVER: &[&str] = &[
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>, client_id: &str) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::GET, Method::PUT, Method::DELETE]) {
        return *refusal;
    }
    match presented(request) {
        Ok(None) => token_is_missing(),
        Ok(Some(token)) => match manage(server, request, client_id, &token).await {
            Ok(reply) => reply,
            Err(error) => refusal(server, request, &error),
        },
        Err(error) => refusal(server, request, &error.into()),
    }
}

async fn manage(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    client_id: &str,
    token: &PresentedToken,
) -> Result<Reply, Error> {
    let client = authorize(server, client_id, token).await?;
    let token = Secret::new(token.expose());
    if *request.method() == Method::DELETE {
        if !server.storage().remove_client(&client.id).await? {
            return Err(refused().into());
        }
        tracing::info!(target: audit::TARGET, event = "client_removed", client_id = client.id, "a client removed itself");
        let mut reply = endpoint::json(StatusCode::NO_CONTENT, &());
        *reply.body_mut() = Bytes::new();
        // A client that goes by it would look for JSON.
        reply.headers_mut().remove(CONTENT_TYPE);
        return Ok(reply);
    }
    let information = if *request.method() == Method::PUT {
        replace(server, request, &client, token).await?
    } else {
        let secret = client_jwt::open_secret(server, &client)?;
        information(server, &client, secret, token)
    };
    Ok(endpoint::json(StatusCode::OK, &information))
}

/// The client whose token this is. Every failure has one answer, so that nobody learns which clients exist (RFC 7592 2.1).
async fn authorize(
    server: &AuthorizationServer,
    client_id: &str,
    token: &PresentedToken,
) -> Result<Arc<Client>, Error> {
    let client = server.storage().client(client_id).await?;
    let expected = client.as_ref().and_then(|client| client.registration_token);
    let presented = TokenHash::of(token.expose());
    let fits = expected.is_some_and(|expected| constant_time_eq(expected.as_bytes(), presented.as_bytes()));
    client.filter(|_| fits).ok_or_else(|| {
        tracing::info!(target: audit::TARGET, event = "client_refused", "a registration access token does not fit the client that it was sent for");
        Error::Guess(refused())
    })
}

/// RFC 7592 2.2: what is asked for takes the place of all that was registered.
async fn replace(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    client: &Client,
    token: Secret,
) -> Result<ClientInformation, Error> {
    let asked = Asked::read(request)?;
    if asked.text("client_id") != Some(&client.id) {
        return Err(invalid("client_id must be there, and be that of the address", "client_id").into());
    }
    if SET_BY_THE_SERVER.iter().any(|name| asked.has(name)) {
        return Err(invalid(
            "registration_access_token, registration_client_uri, client_secret_expires_at and client_id_issued_at are the \
             server's: leave them out",
            "registration_access_token",
        )
        .into());
    }
    let is_ours = |secret: &str| is_secret_of(client, &Secret::new(secret));
    if asked.has("client_secret") && !asked.text("client_secret").is_some_and(is_ours) {
        return Err(invalid(
            "client_secret is the server's to choose: send the same or none",
            "client_secret",
        )
        .into());
    }
    let kept = client.metadata.software_statement.as_deref();
    let metadata = stranger::admit(server, asked.metadata(server, kept).await?)?;
    server.judge(&metadata).await?;
    // Else it could ask for the name that the same person has in another sector, with the tokens it has.
    if subject::renames(&client.metadata, &metadata) {
        return Err(ProtocolError::new(
            ErrorCode::InvalidClientMetadata,
            "subject_type and the sector stay as they were registered: people would get other names",
        )
        .parameter("subject_type")
        .section("OpenID Connect Core 8.1")
        .into());
    }
    let (secret, KeptSecret { hash, sealed }) = server.secret_after_change(client, &metadata)?;
    let changed = Client { metadata, secret_hash: hash, sealed_secret: sealed, ..client.clone() };
    if !server.storage().replace_client(changed.clone()).await? {
        return Err(refused().into());
    }
    tracing::info!(target: audit::TARGET, event = "client_changed", client_id = client.id, "a client changed its registration");
    let secret = match secret {
        Some(secret) => Some(secret),
        None => client_jwt::open_secret(server, &changed)?,
    };
    Ok(information(server, &changed, secret, token))
}

fn refused() -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidToken, "the registration access token is not one of this client")
        .section("RFC 7592 2.1, RFC 6750 3.1")
}

fn invalid(description: &'static str, parameter: &'static str) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidRequest, description).parameter(parameter).section("RFC 7592 2.2")
}
