//! The client registration endpoint (RFC 7591 3; OpenID Connect Registration 3).

use authmint_oauth2::{
    Challenge, ClientInformation, Error as ProtocolError, ErrorCode, PresentedToken, TokenType,
};
use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{Method, Request, StatusCode};

use super::request::Asked;
use super::{NewClient, information, invitation, software_statement, stranger};
use crate::config::Registration;
use crate::endpoint::{self, Reply};
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::TokenHash;

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::POST]) {
        return *refusal;
    }
    match presented(request) {
        Ok(None) if server.config().registration == Registration::Invited => token_is_missing(),
        Ok(token) => match register(server, request, token.as_ref()).await {
            Ok(registered) => endpoint::json(StatusCode::CREATED, &registered),
            Err(error) => refusal(server, request, &error),
        },
        Err(error) => refusal(server, request, &error.into()),
    }
}

async fn register(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    token: Option<&PresentedToken>,
) -> Result<ClientInformation, Error> {
    let invitation = token.map(|token| invitation::accept(server, token.expose())).transpose()?;
    let asked = Asked::read(request)?;
    if invitation.as_ref().is_some_and(invitation::Accepted::needs_software_statement)
        && !asked.has("software_statement")
    {
        return Err(
            software_statement::invalid("this invitation is for a client with a software_statement").into()
        );
    }
    let metadata = stranger::admit(server, asked.metadata(server, None).await?)?;
    server.judge(&metadata).await?;
    // Judged first: an invitation is not used up by a mistake.
    if let Some(invitation) = invitation {
        invitation.consume(server).await?;
    }
    let registration_token = server.random_token()?;
    let new = NewClient { metadata, ..NewClient::default() };
    let kept = server.keep_client(new, Some(TokenHash::of(registration_token.expose()))).await?;
    Ok(information(server, &kept.client, kept.secret, registration_token))
}

/// The token of a request: a bearer token, or none.
pub(super) fn presented(request: &Request<Bytes>) -> Result<Option<PresentedToken>, ProtocolError> {
    let token = PresentedToken::from_headers(request.headers())?;
    if token.as_ref().is_some_and(|token| token.token_type() != TokenType::Bearer) {
        let text = "send the token as Authorization: Bearer";
        return Err(ProtocolError::new(ErrorCode::InvalidRequest, text).section("RFC 6750 2.1"));
    }
    Ok(token)
}

/// RFC 6750 3.1: no token, no error code in the challenge; only how to come back.
pub(super) fn token_is_missing() -> Reply {
    let text = "send the initial or registration access token as Authorization: Bearer";
    let error = ProtocolError::new(ErrorCode::InvalidToken, text);
    let mut reply = endpoint::json(StatusCode::UNAUTHORIZED, &error.to_message());
    reply.headers_mut().insert(WWW_AUTHENTICATE, Challenge::default().to_header());
    reply
}

/// Of the refusals, that of the token is a challenge; the others are about what was sent with it (RFC 7591 3.2.2).
pub(super) fn refusal(server: &AuthorizationServer, request: &Request<Bytes>, error: &Error) -> Reply {
    let about_token = matches!(error, Error::Protocol(error) | Error::Guess(error) if error.code() == ErrorCode::InvalidToken);
    if about_token {
        return endpoint::token_error(server, request, TokenType::Bearer, error);
    }
    endpoint::client_error(server, request, error)
}
