//! Making tokens: access tokens (RFC 9068, or random), refresh tokens, ID tokens (OpenID Connect Core 2).
//!
//! Everything here only makes values. What must be kept is handed back as [`IssuedTokens`], so that the caller stores it
//! in the transaction that consumes the code or the refresh token.

use std::time::Duration;

use authmint_jose::{Audience, Secret, Timestamp};
use authmint_oauth2::dpop::Confirmation;
use authmint_oauth2::{
    ClientAuthMethod, Error as ProtocolError, ErrorCode, GrantType, Scope, TokenResponse, TokenType,
};
use serde::Serialize;

use crate::audit;
use crate::client_auth::VerifiedClient;
use crate::error::Error;
use crate::id_token;
use crate::server::AuthorizationServer;
use crate::storage::{
    AccessTokenFormat, AccessTokenRecord, Client, Grant, GrantId, IssuedTokens, RefreshTokenRecord, TokenHash,
};

/// The `typ` of JWT access tokens (RFC 9068 2.1).
pub(crate) const ACCESS_TOKEN_TYP: &str = "at+jwt";

/// The claims of a JWT access token (RFC 9068 2.2).
#[derive(Serialize)]
struct AccessTokenClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a Audience,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Scope::is_empty")]
    scope: &'a Scope,
    iat: Timestamp,
    exp: Timestamp,
    jti: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// A response and what must be kept for it.
pub(crate) struct Issued {
    pub(crate) response: TokenResponse,
    pub(crate) tokens: IssuedTokens,
}

impl Issued {
    /// Keeps what must be kept where nothing is consumed.
    pub(crate) async fn keep(self, server: &AuthorizationServer) -> Result<TokenResponse, Error> {
        if !self.tokens.is_empty() {
            server.storage().save_tokens(self.tokens).await?;
        }
        Ok(self.response)
    }
}

/// An access token and what must be kept of it.
pub(crate) struct AccessToken {
    pub(crate) token: Secret,
    pub(crate) token_type: TokenType,
    pub(crate) expires_in: u64,
    pub(crate) record: Option<(TokenHash, AccessTokenRecord)>,
}

/// Tokens for a client that acts for itself.
pub(crate) async fn for_client(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    scope: Scope,
    resource: &[String],
) -> Result<TokenResponse, Error> {
    let audience = audience(server, client.client(), None, &scope, resource)?;
    let token = access_token(server, client.client(), None, &scope, audience, client.dpop_jkt()).await?;
    let response = respond(token, scope).keep(server).await?;
    audit::token_issued(client.client(), None);
    Ok(response)
}

/// Tokens for a person whom somebody else has authenticated: another issuer, a password, an extension. There is no login
/// session that they could fall with.
pub(crate) async fn for_subject(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    subject: String,
    scope: Scope,
    resource: Vec<String>,
) -> Result<TokenResponse, Error> {
    // Nobody was asked before: the request itself grants them.
    check_resources(&resource, &client.client().audience)?;
    if server.claims().claims(&subject).await?.is_none() {
        return Err(ProtocolError::new(ErrorCode::InvalidGrant, "there is no such person here")
            .section("RFC 6749 5.2")
            .into());
    }
    let now = server.now();
    let id = server.random_id()?;
    let refreshes = client.client().metadata.may_use(&GrantType::RefreshToken);
    let config = server.config();
    let lifetime = if refreshes { config.grant_lifetime } else { config.access_token_lifetime };
    let grant = Grant {
        session_id: format!("none.{id}"),
        id: GrantId(id),
        client_id: client.client().id.clone(),
        subject,
        scope: scope.clone(),
        auth_time: now,
        amr: Vec::new(),
        acr: None,
        userinfo_claims: Vec::new(),
        id_token_claims: Vec::new(),
        resource,
        offline: true,
        expires_at: now.saturating_add(lifetime),
    };
    let issued = for_grant(server, client, &grant, scope, &[], None).await?;
    server.storage().save_grant(grant.clone()).await?;
    let response = issued.keep(server).await?;
    audit::token_issued(client.client(), Some(&grant));
    Ok(response)
}

/// Tokens for what a person granted: an access token, a refresh token if the client may refresh, an ID token if
/// `openid` is in `scope`.
pub(crate) async fn for_grant(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    grant: &Grant,
    scope: Scope,
    resource: &[String],
    nonce: Option<&str>,
) -> Result<Issued, Error> {
    let registered = client.client();
    let audience = audience(server, registered, Some(grant), &scope, resource)?;
    let token = access_token(server, registered, Some(grant), &scope, audience, client.dpop_jkt()).await?;
    let openid = scope.contains("openid");
    let mut issued = respond(token, scope);
    if openid {
        let token = id_token::Contents {
            nonce,
            access_token: Some(&issued.response.access_token),
            ..id_token::Contents::default()
        };
        issued.response.id_token = Some(id_token::make(server, registered, grant, &token).await?);
    }
    if registered.metadata.may_use(&GrantType::RefreshToken) {
        let token = server.timed_token()?;
        let now = server.now();
        let expires_at = now.saturating_add(server.config().refresh_token_lifetime).min(grant.expires_at);
        // RFC 9449 5: a client that authenticates may change its key; for another the key is the only proof.
        let bound = registered.metadata.token_endpoint_auth_method == ClientAuthMethod::None;
        let dpop_jkt = client.dpop_jkt().filter(|_| bound).map(str::to_owned);
        let record = RefreshTokenRecord { grant: grant.clone(), dpop_jkt, issued_at: now, expires_at };
        issued.tokens.refresh_token = Some((TokenHash::of(token.expose()), record));
        issued.response.refresh_token = Some(token);
    }
    Ok(issued)
}

/// An access token for a grant, or for the client itself.
pub(crate) async fn access_token(
    server: &AuthorizationServer,
    client: &Client,
    grant: Option<&Grant>,
    scope: &Scope,
    audience: Vec<String>,
    dpop_jkt: Option<&str>,
) -> Result<AccessToken, Error> {
    let now = server.now();
    let lifetime = now.saturating_add(server.config().access_token_lifetime);
    let expires_at = grant.map_or(lifetime, |grant| lifetime.min(grant.expires_at));
    let subject = grant.map_or(client.id.as_str(), |grant| grant.subject.as_str());
    let auth_time = grant.map(|grant| grant.auth_time);
    let acr = grant.and_then(|grant| grant.acr.as_deref());
    let mut record = None;
    let token = match client.access_token_format {
        AccessTokenFormat::Jwt => {
            let subjects = server.subjects(client);
            let claims = AccessTokenClaims {
                iss: server.issuer().as_str(),
                sub: &grant.map_or(subject.into(), |_| subjects.name(subject)),
                aud: &Audience::from(audience),
                client_id: &client.id,
                scope,
                iat: now,
                exp: expires_at,
                jti: &jti(server, grant)?,
                auth_time,
                acr,
                cnf: dpop_jkt.map(|jkt| Confirmation { jkt: Some(jkt.to_owned()) }),
            };
            let key = server.keys().signing_key(server.config().access_token_algorithm).await?;
            Secret::new(key.sign_jwt(ACCESS_TOKEN_TYP, &claims)?)
        }
        AccessTokenFormat::Opaque => {
            let token = server.timed_token()?;
            let kept = AccessTokenRecord {
                grant: grant.map(|grant| grant.id.clone()),
                client_id: client.id.clone(),
                subject: subject.to_owned(),
                scope: scope.clone(),
                audience,
                dpop_jkt: dpop_jkt.map(str::to_owned),
                auth_time,
                acr: acr.map(str::to_owned),
                issued_at: now,
                expires_at,
            };
            record = Some((TokenHash::of(token.expose()), kept));
            token
        }
    };
    let expires_in = expires_at.since(now).max(Duration::from_secs(1)).as_secs();
    Ok(AccessToken { token, token_type: TokenType::bound(dpop_jkt.is_some()), expires_in, record })
}

fn respond(token: AccessToken, scope: Scope) -> Issued {
    let AccessToken { token, token_type, expires_in, record } = token;
    let response = TokenResponse {
        access_token: token,
        token_type: token_type.as_str().to_owned(),
        expires_in: Some(expires_in),
        refresh_token: None,
        scope: Some(scope),
        id_token: None,
    };
    Issued { response, tokens: IssuedTokens { access_token: record, refresh_token: None } }
}

/// Which resource servers a token is for (RFC 8707 2.2): those of the token request, which must be among those of the
/// grant, or else those of the grant, or else those of the client. UserInfo is one of them where `openid` was granted and the
/// token request names none.
///
/// # Errors
/// `invalid_target` for a resource that was not granted, or is not the client's.
pub(crate) fn audience(
    server: &AuthorizationServer,
    client: &Client,
    grant: Option<&Grant>,
    scope: &Scope,
    resource: &[String],
) -> Result<Vec<String>, ProtocolError> {
    let granted = grant.map(|grant| grant.resource.as_slice()).filter(|granted| !granted.is_empty());
    let mut audience = client.audience.clone();
    if let Some(granted) = granted {
        // What was granted, as far as the client may have it today.
        audience.retain(|one| granted.contains(one));
        if audience.is_empty() {
            check_resources(granted, &audience)?;
        }
    }
    check_resources(resource, &audience)?;
    if !resource.is_empty() {
        return Ok(resource.to_vec());
    }
    if audience.is_empty() || scope.contains("openid") {
        audience.push(server.issuer().as_str().to_owned());
    }
    Ok(audience)
}

/// Refuses a resource that is not among those that are allowed.
pub(crate) fn check_resources(resource: &[String], allowed: &[String]) -> Result<(), ProtocolError> {
    if resource.iter().all(|one| allowed.contains(one)) {
        return Ok(());
    }
    Err(ProtocolError::new(
        ErrorCode::InvalidTarget,
        "resource is not one that this client may have tokens for; see its audience",
    )
    .parameter("resource")
    .section("RFC 8707 2"))
}

/// `jti` names the grant before a dot, so that a JWT falls with its grant though it is not stored.
fn jti(server: &AuthorizationServer, grant: Option<&Grant>) -> Result<String, Error> {
    let unique = server.random_id()?;
    Ok(match grant {
        Some(grant) => format!("{}.{unique}", grant.id),
        None => unique,
    })
}

/// The grant that a `jti` names.
pub(crate) fn grant_of_jti(jti: &str) -> Option<GrantId> {
    jti.split_once('.').map(|(grant, _)| GrantId(grant.to_owned()))
}
