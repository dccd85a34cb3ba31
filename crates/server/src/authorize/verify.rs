//! From parameters to a [`VerifiedRequest`], in the order in which errors may be told: first who asks and where the
//! answer may go, then everything else (RFC 6749 4.1.2.1).

use std::sync::Arc;

use authmint_jose::Secret;
use authmint_oauth2::{
    ClientAuthMethod, Error as ProtocolError, ErrorCode, GrantType, MatchedRedirectUri, Params, ResponseMode,
    ResponseType, Scope,
};
use authmint_oidc::{AuthenticationRequest, PersonClaims};
use serde_json::Value;

use super::{Delivery, Resolved, answer};
use crate::error::Error;
use crate::issue::check_resources;
use crate::server::AuthorizationServer;
use crate::storage::{Client, Origin};
use crate::subject::Subjects;

/// What became of an authorization request.
#[derive(Debug)]
pub enum Authorization {
    /// It is in order; ask [`VerifiedRequest::next`] what to do.
    Verified(Box<VerifiedRequest>),
    /// It is not, and the client may be told.
    Refused {
        /// What the browser is to do.
        delivery: Delivery,
        /// What is wrong.
        error: ProtocolError,
    },
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
    subjects: Subjects,
    origin: Origin,
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

    /// The person that an `id_token_hint` or the `claims` parameter names, as the client knows them.
    #[must_use]
    pub fn hinted_subject(&self) -> Option<&str> {
        self.hinted_subject.as_deref()
    }

    /// What the person is asked to allow: the scope, and the scopes that stand for single claims of the `claims` parameter.
    #[must_use]
    pub fn consent_scope(&self) -> Scope {
        let scope = &self.request.authorization.scope;
        let claims = self.request.claims.iter();
        let names = claims.flat_map(|claims| claims.userinfo.keys().chain(claims.id_token.keys()));
        let words =
            names.map(|name| PersonClaims::scope_of(name)).filter(|word| !PROTOCOL_CLAIMS.contains(word));
        // What is no scope of the client's was left out when the request was verified.
        words.fold(scope.clone(), |scope, word| {
            word.parse().map_or_else(|_| scope.clone(), |word| scope.union(&word))
        })
    }

    /// The request as it waits in a store: what was understood of it, and nothing that only came with it.
    pub(crate) fn to_query(&self) -> Result<String, ProtocolError> {
        let query = self.request.to_params().to_query();
        if query.len() > MAX_WAITING_BYTES {
            return Err(ProtocolError::new(ErrorCode::InvalidRequest, "the request is longer than 16 KiB"));
        }
        Ok(query)
    }

    pub(super) fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin
    }
}

/// The longest request that is kept, in bytes: as long as an address may be.
const MAX_WAITING_BYTES: usize = 16 * 1024;

/// Claims that say something about the login, not the person: nobody is asked before they are told.
pub(super) const PROTOCOL_CLAIMS: &[&str] = &["sub", "acr", "amr", "auth_time", "sid", "nonce"];

impl AuthorizationServer {
    /// Verifies an authorization request. A pushed one is used up.
    ///
    /// # Errors
    /// When the store or a key fails; whatever is wrong with the request is an [`Authorization`].
    pub async fn verify_authorization(&self, params: &Params) -> Result<Authorization, Error> {
        let client = match find_client(self, params).await {
            Ok(client) => client,
            Err(Error::Protocol(error)) => return Ok(Authorization::Page(error)),
            Err(internal) => return Err(internal),
        };
        match Resolved::new(self, Arc::clone(&client), params).await {
            Ok(resolved) => self.verify_resolved(resolved).await,
            // What counts is not known. The address may still say where an answer goes, if the client registered that.
            Err(Error::Protocol(error)) => {
                Ok(match match_redirect_uri(&client, params.get("redirect_uri")) {
                    Ok(redirect_uri) if params.get("redirect_uri").is_some() => {
                        refused(self, &client, &redirect_uri, params, error)
                    }
                    _ => Authorization::Page(error),
                })
            }
            Err(internal) => Err(internal),
        }
    }

    /// Verifies a request that was verified before, and has waited since.
    pub(super) async fn verify_again(&self, params: &Params, origin: Origin) -> Result<Authorization, Error> {
        match find_client(self, params).await {
            Ok(client) => self.verify_resolved(Resolved { client, params: params.clone(), origin }).await,
            Err(Error::Protocol(error)) => Ok(Authorization::Page(error)),
            Err(internal) => Err(internal),
        }
    }

    /// Verifies a request whose parameters all stand in it.
    pub(crate) async fn verify_resolved(&self, resolved: Resolved) -> Result<Authorization, Error> {
        let Resolved { client, params, origin } = &resolved;
        let redirect_uri = match match_redirect_uri(client, params.get("redirect_uri")) {
            Ok(redirect_uri) => redirect_uri,
            Err(error) => return Ok(Authorization::Page(error)),
        };
        match check_request(self, &resolved, &redirect_uri).await {
            Ok((request, hinted_subject)) => Ok(Authorization::Verified(Box::new(VerifiedRequest {
                subjects: self.subjects(client),
                client: Arc::clone(client),
                redirect_uri,
                request,
                hinted_subject,
                origin: *origin,
            }))),
            Err(Error::Protocol(error)) => Ok(refused(self, client, &redirect_uri, params, error)),
            Err(internal) => Err(internal),
        }
    }
}

/// Tells the client what is wrong, in the way in which it would have been told that all is well.
fn refused(
    server: &AuthorizationServer,
    client: &Client,
    redirect_uri: &MatchedRedirectUri,
    params: &Params,
    error: ProtocolError,
) -> Authorization {
    tracing::info!(client_id = client.id, %error, "authorization request refused");
    let response_type = params.get("response_type").and_then(|text| text.parse::<ResponseType>().ok());
    let default = response_type.map_or(ResponseMode::Query, ResponseType::default_mode);
    let mode = params
        .get("response_mode")
        .and_then(|mode| ResponseMode::parse(mode, response_type.unwrap_or(ResponseType::CODE)).ok());
    let mode = mode.filter(|mode| *mode != ResponseMode::FormPost || redirect_uri.takes_forms());
    let mode = mode.unwrap_or(default);
    let delivery = answer::failure(server, redirect_uri, mode, params.get("state"), &error);
    Authorization::Refused { delivery, error }
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
    resolved: &Resolved,
    redirect_uri: &MatchedRedirectUri,
) -> Result<(AuthenticationRequest, Option<String>), Error> {
    let Resolved { client, params, .. } = resolved;
    resolved.check_origin(server)?;
    let mut request = AuthenticationRequest::from_params(params)?;
    check_response(server, client, &request, redirect_uri)?;
    check_scope(client, &mut request)?;
    check_claims(server, client, &mut request)?;
    check_resources(&request.authorization.resource, &client.audience)?;
    request.max_age = request.max_age.or(client.metadata.default_max_age);
    if request.acr_values.is_empty() {
        request.acr_values.clone_from(&client.metadata.default_acr_values);
    }
    let hinted = match &request.id_token_hint {
        Some(hint) => Some(hinted_subject(server, client, hint).await?),
        None => None,
    };
    // Core 5.5.1: the person that a value of sub names, no other.
    let claimed = request.claims.as_ref().and_then(|claims| claims.of_id_token("sub"));
    let claimed = claimed.and_then(|sub| sub.value.as_ref()?.as_str().map(str::to_owned));
    if hinted.as_ref().zip(claimed.as_ref()).is_some_and(|(hinted, claimed)| hinted != claimed) {
        return Err(ProtocolError::malformed(
            "claims",
            "for the sub of the id_token_hint, where there are both",
        )
        .section("OpenID Connect Core 5.5.1")
        .into());
    }
    Ok((request, hinted.or(claimed)))
}

/// What is asked for must be allowed by the profile and registered, with the proofs that it needs.
fn check_response(
    server: &AuthorizationServer,
    client: &Client,
    request: &AuthenticationRequest,
    redirect_uri: &MatchedRedirectUri,
) -> Result<(), ProtocolError> {
    let asked = &request.authorization;
    let (metadata, config) = (&client.metadata, server.config());
    let response_type = asked.response_type;
    if !config.profile.response_types().contains(&response_type) {
        return Err(ProtocolError::new(
            ErrorCode::UnsupportedResponseType,
            "response_type is not one that this server allows; see response_types_supported",
        )
        .parameter("response_type")
        .section("RFC 6749 4.1.2.1"));
    }
    let grants = !response_type.has_code() || metadata.may_use(&GrantType::AuthorizationCode);
    if !grants || !metadata.response_types.contains(&response_type) {
        let text =
            format!("this client may not use response_type {response_type}; register it in response_types");
        return Err(ProtocolError::new(ErrorCode::UnauthorizedClient, text)
            .parameter("response_type")
            .section("RFC 6749 4.1.2.1"));
    }
    if response_type.has_token() && metadata.dpop_bound_access_tokens {
        return Err(ProtocolError::new(
            ErrorCode::UnauthorizedClient,
            "this client registered dpop_bound_access_tokens, and no key can be proven through a redirect: use code",
        )
        .parameter("response_type")
        .section("RFC 9449 5.2"));
    }
    if asked.mode() == ResponseMode::FormPost && !redirect_uri.takes_forms() {
        return Err(ProtocolError::malformed("response_mode", "query or fragment for a private-use scheme")
            .section("OAuth 2.0 Form Post Response Mode 2"));
    }
    let is_public = metadata.token_endpoint_auth_method == ClientAuthMethod::None;
    if response_type.has_code() && asked.code_challenge.is_none() && (config.require_pkce || is_public) {
        return Err(ProtocolError::new(
            ErrorCode::InvalidRequest,
            "code_challenge is missing: use PKCE with code_challenge_method S256",
        )
        .parameter("code_challenge")
        .section("RFC 7636 4.4.1"));
    }
    if response_type.has_id_token() {
        if !request.is_openid() {
            return Err(ProtocolError::new(
                ErrorCode::InvalidRequest,
                "a response_type with id_token needs openid in scope",
            )
            .parameter("scope")
            .section("OpenID Connect Core 3.2.2.1"));
        }
        if request.nonce.is_none() {
            return Err(ProtocolError::missing("nonce").section("OpenID Connect Core 3.2.2.1, 3.3.2.11"));
        }
    }
    Ok(())
}

/// Single claims are asked for within what the client is registered for, and a level of authentication that is essential must
/// be one that there is.
fn check_claims(
    server: &AuthorizationServer,
    client: &Client,
    request: &mut AuthenticationRequest,
) -> Result<(), ProtocolError> {
    let Some(claims) = &mut request.claims else { return Ok(()) };
    let may = |name: &String| {
        PROTOCOL_CLAIMS.contains(&name.as_str())
            || client.metadata.scope.contains(PersonClaims::scope_of(name))
    };
    claims.userinfo.retain(|name, _| may(name));
    claims.id_token.retain(|name, _| may(name));
    let Some(acr) = claims.of_id_token("acr").filter(|acr| acr.essential) else { return Ok(()) };
    let known = |value: &Value| server.config().acr_values.iter().any(|known| value == known);
    if acr.wanted().next().is_some() && !acr.wanted().any(known) {
        return Err(ProtocolError::new(
            ErrorCode::UnmetAuthenticationRequirements,
            "no acr that the request calls essential is one that this server has; see acr_values_supported",
        )
        .parameter("claims")
        .section("OpenID Connect Core 5.5.1.1"));
    }
    Ok(())
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
    // Core 11: it means nothing either where no code is issued.
    let refreshes =
        client.metadata.may_use(&GrantType::RefreshToken) && request.authorization.response_type.has_code();
    if !refreshes {
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
