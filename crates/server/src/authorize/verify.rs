//! From parameters to a [`VerifiedRequest`], in the order in which errors may be told: first who asks and where the
//! answer may go, then everything else (RFC 6749 4.1.2.1).

use std::sync::Arc;

use authmint_jose::Secret;
use authmint_oauth2::{Error as ProtocolError, ErrorCode, GrantType, MatchedRedirectUri, Params};
use authmint_oidc::AuthenticationRequest;

use super::answer;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::Client;

/// What became of an authorization request.
#[derive(Debug)]
pub enum Authorization {
    /// It is in order; ask [`VerifiedRequest::next`] what to do.
    Verified(Box<VerifiedRequest>),
    /// It is not, and the client may be told: send the browser to this address with 303.
    Redirect(String),
    /// It is not, and nobody knows where an answer would go: show a page (RFC 6749 4.1.2.1). Never redirect.
    Page(ProtocolError),
}

/// An authorization request that was checked: a registered client, its own redirect URI, PKCE, a scope it may have.
#[derive(Clone, Debug)]
pub struct VerifiedRequest {
    client: Arc<Client>,
    redirect_uri: MatchedRedirectUri,
    request: AuthenticationRequest,
    hinted_subject: Option<String>,
}

impl VerifiedRequest {
    /// The client that asks.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Where the browser goes back to.
    #[must_use]
    pub fn redirect_uri(&self) -> &MatchedRedirectUri {
        &self.redirect_uri
    }

    /// What was asked.
    #[must_use]
    pub fn request(&self) -> &AuthenticationRequest {
        &self.request
    }

    /// The person that an `id_token_hint` names.
    #[must_use]
    pub fn hinted_subject(&self) -> Option<&str> {
        self.hinted_subject.as_deref()
    }
}

impl AuthorizationServer {
    /// Verifies an authorization request.
    ///
    /// # Errors
    /// When the store or a key fails; whatever is wrong with the request is an [`Authorization`].
    pub async fn verify_authorization(&self, params: &Params) -> Result<Authorization, Error> {
        let client = match find_client(self, params).await {
            Ok(client) => client,
            Err(Error::Protocol(error)) => return Ok(Authorization::Page(error)),
            Err(internal) => return Err(internal),
        };
        let redirect_uri = match match_redirect_uri(&client, params.get("redirect_uri")) {
            Ok(redirect_uri) => redirect_uri,
            Err(error) => return Ok(Authorization::Page(error)),
        };
        match check_request(self, &client, params).await {
            Ok((request, hinted_subject)) => {
                let verified = VerifiedRequest { client, redirect_uri, request, hinted_subject };
                Ok(Authorization::Verified(Box::new(verified)))
            }
            Err(Error::Protocol(error)) => {
                tracing::info!(client_id = client.id, %error, "authorization request refused");
                let location = answer::failure(self, &redirect_uri, params.get("state"), &error);
                Ok(Authorization::Redirect(location))
            }
            Err(internal) => Err(internal),
        }
    }
}

async fn find_client(server: &AuthorizationServer, params: &Params) -> Result<Arc<Client>, Error> {
    let client_id = params.require("client_id")?;
    let client = server.storage().client(client_id).await?;
    Ok(client.ok_or_else(|| {
        ProtocolError::new(ErrorCode::InvalidRequest, "client_id is not registered here")
            .parameter("client_id")
            .section("RFC 6749 4.1.2.1")
    })?)
}

fn match_redirect_uri(client: &Client, presented: Option<&str>) -> Result<MatchedRedirectUri, ProtocolError> {
    let registered = &client.metadata.redirect_uris;
    let matched = match (presented, registered.as_slice()) {
        (Some(presented), registered) => registered.iter().find_map(|uri| uri.matches(presented)),
        (None, [only]) => only.matches(only.as_str()),
        (None, _) => return Err(ProtocolError::missing("redirect_uri").section("RFC 6749 3.1.2.3")),
    };
    matched.ok_or_else(|| {
        ProtocolError::new(
            ErrorCode::InvalidRequest,
            "redirect_uri is not one that this client registered, character by character",
        )
        .parameter("redirect_uri")
        .section("RFC 9700 2.1")
    })
}

async fn check_request(
    server: &AuthorizationServer,
    client: &Client,
    params: &Params,
) -> Result<(AuthenticationRequest, Option<String>), Error> {
    let mut request = AuthenticationRequest::from_params(params)?;
    if !client.metadata.grant_types.contains(&GrantType::AuthorizationCode) {
        return Err(ProtocolError::new(
            ErrorCode::UnauthorizedClient,
            "this client may not use response_type code",
        )
        .parameter("response_type")
        .section("RFC 6749 4.1.2.1")
        .into());
    }
    if request.authorization.code_challenge.is_none() {
        return Err(ProtocolError::new(
            ErrorCode::InvalidRequest,
            "code_challenge is missing: use PKCE with code_challenge_method S256",
        )
        .parameter("code_challenge")
        .section("RFC 7636 4.4.1")
        .into());
    }
    check_scope(client, &mut request)?;
    let hinted_subject = match &request.id_token_hint {
        Some(hint) => Some(hinted_subject(server, client, hint).await?),
        None => None,
    };
    Ok((request, hinted_subject))
}

/// The scope must be registered; `offline_access` means nothing to a client that can't refresh (Core 11).
fn check_scope(client: &Client, request: &mut AuthenticationRequest) -> Result<(), ProtocolError> {
    let scope = &request.authorization.scope;
    let invalid = |description| {
        Err(ProtocolError::new(ErrorCode::InvalidScope, description)
            .parameter("scope")
            .section("RFC 6749 3.3"))
    };
    if scope.is_empty() {
        return invalid("scope is missing; ask for openid, or for what the API defines");
    }
    if !scope.is_subset(&client.metadata.scope) {
        return invalid("scope holds a value that is not registered for this client");
    }
    if !client.metadata.grant_types.contains(&GrantType::RefreshToken) {
        request.authorization.scope = scope.filter(|token| token != "offline_access");
    }
    Ok(())
}

async fn hinted_subject(
    server: &AuthorizationServer,
    client: &Client,
    hint: &Secret,
) -> Result<String, Error> {
    let claims = server.verify_id_token_hint(hint).await?;
    if !claims.aud.contains(&client.id) {
        return Err(ProtocolError::malformed("id_token_hint", "an ID token that was issued to this client")
            .section("OpenID Connect Core 3.1.2.1")
            .into());
    }
    Ok(claims.sub)
}
