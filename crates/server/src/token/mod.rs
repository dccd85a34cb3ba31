//! The token endpoint (RFC 6749 3.2): authenticate the client, read the request, run the grant. One file a grant.

mod authorization_code;
mod client_credentials;
mod device_code;
mod jwt_bearer;
mod password;
mod refresh_token;

use authmint_oauth2::{
    Error as ProtocolError, ErrorCode, GrantType, Params, TokenRequest, TokenResponse, resource,
};
use bytes::Bytes;
use http::{Method, Request, StatusCode};

use crate::audit;
use crate::client_auth::VerifiedClient;
use crate::dpop;
use crate::endpoint::{self, Reply, paths};
use crate::error::Error;
use crate::extension::{self, GrantRequest};
use crate::server::AuthorizationServer;

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::POST]) {
        return *refusal;
    }
    match exchange(server, request).await {
        Ok(response) => {
            let mut reply = endpoint::json(StatusCode::OK, &response);
            dpop::give_nonce(server, request, false, &mut reply);
            reply
        }
        Err(error) => endpoint::client_error(server, request, &error),
    }
}

async fn exchange(server: &AuthorizationServer, request: &Request<Bytes>) -> Result<TokenResponse, Error> {
    let params = endpoint::form(request)?;
    let client = VerifiedClient::authenticate(server, request, &params).await?;
    let shown = client.shared();
    let exchanged = run(server, request, &params, client).await;
    exchanged.inspect_err(|error| audit::token_refused(&shown, params.get("grant_type"), error))
}

async fn run(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    params: &Params,
    client: VerifiedClient,
) -> Result<TokenResponse, Error> {
    let proven = dpop::proven_key(server, request, paths::TOKEN, None).await?;
    if proven.is_none() && client.client().metadata.dpop_bound_access_tokens {
        return Err(ProtocolError::new(
            ErrorCode::InvalidDpopProof,
            "this client registered dpop_bound_access_tokens: send a DPoP proof",
        )
        .section("RFC 9449 5.2")
        .into());
    }
    let client = client.with_key(proven);
    let name = params.require("grant_type")?;
    if server.extension_grant(name).is_some() {
        return extension::exchange(GrantRequest { server, client: &client, params }, name).await;
    }
    if !server.has_grant(&GrantType::from(name)) {
        return Err(ProtocolError::unsupported_grant_type().into());
    }
    let asked = TokenRequest::from_params(params)?;
    client.may_use(&asked.grant_type())?;
    let resource = resource::from_params(params)?;
    match asked {
        TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier } => {
            let redirect_uri = redirect_uri.as_deref();
            let presented = authorization_code::Presented { code, redirect_uri, code_verifier };
            authorization_code::exchange(server, &client, &presented, &resource).await
        }
        TokenRequest::RefreshToken { refresh_token, scope } => {
            refresh_token::exchange(server, &client, &refresh_token, scope.as_ref(), &resource).await
        }
        TokenRequest::ClientCredentials { scope } => {
            client_credentials::exchange(server, &client, scope, &resource).await
        }
        TokenRequest::DeviceCode { device_code } => {
            device_code::exchange(server, &client, &device_code, &resource).await
        }
        TokenRequest::JwtBearer { assertion, scope } => {
            jwt_bearer::exchange(server, &client, &assertion, scope, resource).await
        }
        TokenRequest::Password { username, password, scope } => {
            let person = (username.as_str(), &password);
            password::exchange(server, &client, person, scope, resource, request).await
        }
        _ => Err(ProtocolError::unsupported_grant_type().into()),
    }
}
