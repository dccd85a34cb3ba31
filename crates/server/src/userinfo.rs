//! UserInfo (OpenID Connect Core 5.3): claims about the person, as far as the access token's scope allows.

use authmint_oauth2::{BearerToken, Challenge, Error as ProtocolError, ErrorCode};
use authmint_oidc::UserInfo;
use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{Method, Request, StatusCode};

use crate::active_token::{self, Bearer};
use crate::endpoint::{self, Reply};
use crate::error::Error;
use crate::server::AuthorizationServer;

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::GET, Method::POST]) {
        return *refusal;
    }
    match BearerToken::from_headers(request.headers()) {
        Ok(Some(token)) => match user_info(server, &token).await {
            Ok(claims) => endpoint::json(StatusCode::OK, &claims),
            Err(error) => endpoint::bearer_error(&error),
        },
        Ok(None) => {
            // RFC 6750 3.1: no token, no error code; only how to come back.
            let error =
                ProtocolError::new(ErrorCode::InvalidToken, "send the access token as Authorization: Bearer");
            let mut reply = endpoint::json(StatusCode::UNAUTHORIZED, &error.to_message());
            reply.headers_mut().insert(WWW_AUTHENTICATE, Challenge::default().to_header());
            reply
        }
        Err(error) => endpoint::bearer_error(&error.into()),
    }
}

async fn user_info(server: &AuthorizationServer, token: &BearerToken) -> Result<UserInfo, Error> {
    let Some((token, bearer)) = active_token::find(server, token.expose()).await? else {
        // A token that was good once is no guess: every application presents one sometime.
        let known = active_token::was_issued(server, token.expose()).await?;
        return Err(if known { invalid_token().into() } else { Error::Guess(invalid_token()) });
    };
    let (Bearer::Person(claims), true) = (bearer, token.scope.contains("openid")) else {
        let text = "the access token was issued without the scope openid";
        return Err(ProtocolError::new(ErrorCode::InsufficientScope, text)
            .section("OpenID Connect Core 5.3")
            .into());
    };
    if !token.audience.contains(server.issuer().as_str()) {
        return Err(invalid_token().into());
    }
    Ok(UserInfo { claims: claims.granted(&token.scope), sub: token.subject })
}

fn invalid_token() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidToken,
        "the access token is unknown, expired, revoked or not for UserInfo",
    )
    .section("RFC 6750 3.1")
}
