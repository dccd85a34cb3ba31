//! UserInfo (OpenID Connect Core 5.3): claims about the person, as far as the access token allows; as JSON, or signed and
//! encrypted as the client registered.

use authmint_oauth2::{Challenge, Error as ProtocolError, ErrorCode, PresentedToken, TokenType};
use authmint_oidc::{PersonClaims, UserInfo};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, Request, Response, StatusCode};
use serde::Serialize;

use crate::active_token::{self, ActiveToken, Bearer, IssuedToken};
use crate::client_jwt;
use crate::dpop;
use crate::endpoint::{self, Reply, paths};
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::Client;

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::GET, Method::POST]) {
        return *refusal;
    }
    match presented(server, request) {
        Ok(Some(token)) => match user_info(server, request, &token).await {
            Ok(mut reply) => {
                dpop::give_nonce(server, request, false, &mut reply);
                reply
            }
            Err(error) => endpoint::token_error(server, request, token.token_type(), &error),
        },
        Ok(None) => {
            // RFC 6750 3.1: no token, no error code; only how to come back.
            let error =
                ProtocolError::new(ErrorCode::InvalidToken, "send the access token as Authorization: Bearer");
            let mut reply = endpoint::json(StatusCode::UNAUTHORIZED, &error.to_message());
            let headers = reply.headers_mut();
            headers.append(WWW_AUTHENTICATE, Challenge::default().to_header());
            let bound = Challenge { token_type: TokenType::Dpop, ..Challenge::default() };
            headers.append(WWW_AUTHENTICATE, bound.to_header());
            reply
        }
        Err(error) => endpoint::token_error(server, request, TokenType::Bearer, &error.into()),
    }
}

/// The token of a request: in the header, or where the profile allows it in a form. In both at once it is refused (RFC 6750 2).
fn presented(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
) -> Result<Option<PresentedToken>, ProtocolError> {
    let header = PresentedToken::from_headers(request.headers())?;
    let may_be_form = server.config().profile.reads_tokens_in_forms() && request.method() == Method::POST;
    if !may_be_form || !request.headers().contains_key(CONTENT_TYPE) || request.body().is_empty() {
        return Ok(header);
    }
    let form = PresentedToken::from_form(&endpoint::form(request)?)?;
    if header.is_some() && form.is_some() {
        let text = "the access token is in the header and in the form";
        return Err(ProtocolError::new(ErrorCode::InvalidRequest, text).section("RFC 6750 2"));
    }
    Ok(header.or(form))
}

async fn user_info(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    presented: &PresentedToken,
) -> Result<Reply, Error> {
    let Some(active) = active_token::find(server, presented.expose()).await? else {
        // A token that was good once is no guess: every application presents one sometime.
        let known = active_token::was_issued(server, presented.expose()).await?;
        return Err(if known { invalid_token().into() } else { Error::Guess(invalid_token()) });
    };
    let ActiveToken { issued: token, client, sub, bearer } = active;
    check_binding(server, request, presented, &token).await?;
    let (Bearer::Person(claims), true) = (bearer, token.scope.contains("openid")) else {
        let text = "the access token was issued without the scope openid";
        return Err(ProtocolError::new(ErrorCode::InsufficientScope, text)
            .section("OpenID Connect Core 5.3")
            .into());
    };
    if !token.audience.contains(server.issuer().as_str()) {
        return Err(invalid_token().into());
    }
    let single = match &token.grant {
        Some(id) => server.storage().grant(id).await?.map(|grant| grant.userinfo_claims).unwrap_or_default(),
        None => Vec::new(),
    };
    let claims = claims.select(|name| {
        token.scope.contains(PersonClaims::scope_of(name)) || single.iter().any(|asked| asked == name)
    });
    respond(server, &client, &UserInfo { sub, claims }).await
}

/// RFC 9449 7.1, 7.2: a token that is bound to a key comes with the proof of it, and under its own scheme.
async fn check_binding(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    presented: &PresentedToken,
    token: &IssuedToken,
) -> Result<(), Error> {
    if presented.token_type() != TokenType::bound(token.dpop_jkt.is_some()) {
        return Err(invalid_token().into());
    }
    if token.dpop_jkt.is_none() {
        return Ok(());
    }
    let proven = dpop::proven_key(server, request, paths::USERINFO, Some(presented.expose())).await?;
    match proven {
        None => Err(ProtocolError::new(ErrorCode::InvalidDpopProof, "the DPoP proof is missing")
            .section("RFC 9449 7.1")
            .into()),
        Some(_) if proven == token.dpop_jkt => Ok(()),
        Some(_) => Err(invalid_token().into()),
    }
}

/// Core 5.3.2: a signed response names its issuer and its audience.
#[derive(Serialize)]
struct Signed<'a> {
    iss: &'a str,
    aud: &'a str,
    #[serde(flatten)]
    claims: &'a UserInfo,
}

async fn respond(server: &AuthorizationServer, client: &Client, claims: &UserInfo) -> Result<Reply, Error> {
    let metadata = &client.metadata;
    if metadata.userinfo_signed_response_alg.is_none() && metadata.userinfo_encrypted_response_alg.is_none() {
        return Ok(endpoint::json(StatusCode::OK, claims));
    }
    let algorithm = match &metadata.userinfo_signed_response_alg {
        Some(name) => name.parse()?,
        // What is only encrypted says nothing about who wrote it.
        None => server.config().id_token_algorithm,
    };
    let signed = Signed { iss: server.issuer().as_str(), aud: &client.id, claims };
    let token = client_jwt::sign(server, client, algorithm, "JWT", &signed).await?;
    let (algorithm, encryption) =
        (&metadata.userinfo_encrypted_response_alg, &metadata.userinfo_encrypted_response_enc);
    let token =
        client_jwt::encrypt(server, client, token, algorithm.as_deref(), encryption.as_deref()).await?;
    let mut reply = Response::new(Bytes::from(token));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/jwt"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

fn invalid_token() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidToken,
        "the access token is unknown, expired, revoked, bound to a key that was not proven, or not for UserInfo",
    )
    .section("RFC 6750 3.1")
}
