//! The token endpoint (RFC 6749 3.2): authenticate the client, read the request, run the grant. One file a grant.

mod authorization_code;
mod client_credentials;
mod refresh_token;

use authmint_oauth2::{TokenRequest, TokenResponse};
use bytes::Bytes;
use http::{Method, Request, StatusCode};

use crate::client_auth::VerifiedClient;
use crate::endpoint::{self, Reply};
use crate::error::Error;
use crate::server::AuthorizationServer;

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::POST]) {
        return *refusal;
    }
    match exchange(server, request).await {
        Ok(response) => endpoint::json(StatusCode::OK, &response),
        Err(error) => endpoint::client_error(request, &error),
    }
}

async fn exchange(server: &AuthorizationServer, request: &Request<Bytes>) -> Result<TokenResponse, Error> {
    let params = endpoint::form(request)?;
    let client = VerifiedClient::authenticate(server, request.headers(), &params).await?;
    let request = TokenRequest::from_params(&params)?;
    client.may_use(request.grant_type())?;
    match request {
        TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier } => {
            authorization_code::exchange(
                server,
                &client,
                &code,
                redirect_uri.as_deref(),
                code_verifier.as_ref(),
            )
            .await
        }
        TokenRequest::RefreshToken { refresh_token, scope } => {
            refresh_token::exchange(server, &client, &refresh_token, scope.as_ref()).await
        }
        TokenRequest::ClientCredentials { scope } => {
            client_credentials::exchange(server, &client, scope).await
        }
        _ => {
            Err(Error::Configuration("a grant type is known to the parser but not to the server".to_owned()))
        }
    }
}
