//! Making tokens: access tokens (RFC 9068, or random), refresh tokens, ID tokens (OpenID Connect Core 2).
//!
//! Everything here only makes values. What must be kept is handed back as [`IssuedTokens`], so that the caller stores it
//! in the transaction that consumes the code or the refresh token.

use authmint_jose::{Audience, Secret, Timestamp};
use authmint_oauth2::{GrantType, Scope, TokenResponse};
use authmint_oidc::{IdTokenClaims, StandardClaims, id_token::half_hash};
use serde::Serialize;

use crate::client_auth::VerifiedClient;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{
    AccessTokenFormat, AccessTokenRecord, Grant, GrantId, IssuedTokens, RefreshTokenRecord, TokenHash,
};

/// The `typ` of JWT access tokens (RFC 9068 2.1).
pub(crate) const ACCESS_TOKEN_TYP: &str = "at+jwt";
/// The `typ` of ID tokens.
pub(crate) const ID_TOKEN_TYP: &str = "JWT";

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
}

/// A response and what must be kept for it.
pub(crate) struct Issued {
    pub(crate) response: TokenResponse,
    pub(crate) tokens: IssuedTokens,
}

/// Tokens for a client that acts for itself.
pub(crate) async fn for_client(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    scope: Scope,
) -> Result<Issued, Error> {
    let expires_at = server.now().saturating_add(server.config().access_token_lifetime);
    access_token(server, client, None, &client.client().id, scope, expires_at).await
}

/// Tokens for what a person granted: an access token, a refresh token if the client may refresh, an ID token if
/// `openid` is in `scope`.
pub(crate) async fn for_grant(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    grant: &Grant,
    scope: Scope,
    nonce: Option<String>,
) -> Result<Issued, Error> {
    let now = server.now();
    let expires_at = now.saturating_add(server.config().access_token_lifetime).min(grant.expires_at);
    let openid = scope.contains("openid");
    let mut issued = access_token(server, client, Some(grant), &grant.subject, scope, expires_at).await?;
    if openid {
        let token = id_token(server, grant, issued.response.access_token.expose(), nonce).await?;
        issued.response.id_token = Some(Secret::new(token));
    }
    if client.client().metadata.grant_types.contains(&GrantType::RefreshToken) {
        let token = server.timed_token()?;
        let expires_at = now.saturating_add(server.config().refresh_token_lifetime).min(grant.expires_at);
        let record = RefreshTokenRecord { grant: grant.clone(), issued_at: now, expires_at };
        issued.tokens.refresh_token = Some((TokenHash::of(token.expose()), record));
        issued.response.refresh_token = Some(token);
    }
    Ok(issued)
}

async fn access_token(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    grant: Option<&Grant>,
    subject: &str,
    scope: Scope,
    expires_at: Timestamp,
) -> Result<Issued, Error> {
    let now = server.now();
    let registered = client.client();
    let mut audience = registered.audience.clone();
    if audience.is_empty() || scope.contains("openid") {
        audience.push(server.issuer().as_str().to_owned());
    }
    let mut tokens = IssuedTokens::default();
    let token = match registered.access_token_format {
        AccessTokenFormat::Jwt => {
            let claims = AccessTokenClaims {
                iss: server.issuer().as_str(),
                sub: subject,
                aud: &Audience::from(audience),
                client_id: &registered.id,
                scope: &scope,
                iat: now,
                exp: expires_at,
                jti: &jti(server, grant)?,
                auth_time: grant.map(|grant| grant.auth_time),
            };
            let key = server.keys().signing_key(server.config().access_token_algorithm).await?;
            Secret::new(key.sign_jwt(ACCESS_TOKEN_TYP, &claims)?)
        }
        AccessTokenFormat::Opaque => {
            let token = server.timed_token()?;
            let record = AccessTokenRecord {
                grant: grant.map(|grant| grant.id.clone()),
                client_id: registered.id.clone(),
                subject: subject.to_owned(),
                scope: scope.clone(),
                audience,
                issued_at: now,
                expires_at,
            };
            tokens.access_token = Some((TokenHash::of(token.expose()), record));
            token
        }
    };
    let response = TokenResponse {
        access_token: token,
        token_type: "Bearer".to_owned(),
        expires_in: Some(expires_at.since(now).as_secs()),
        refresh_token: None,
        scope: Some(scope),
        id_token: None,
    };
    Ok(Issued { response, tokens })
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

async fn id_token(
    server: &AuthorizationServer,
    grant: &Grant,
    access_token: &str,
    nonce: Option<String>,
) -> Result<String, Error> {
    let now = server.now();
    let algorithm = server.config().id_token_algorithm;
    let claims = IdTokenClaims {
        iss: server.issuer().as_str().to_owned(),
        sub: grant.subject.clone(),
        aud: Audience::from(grant.client_id.as_str()),
        exp: now.saturating_add(server.config().id_token_lifetime),
        iat: now,
        auth_time: Some(grant.auth_time),
        nonce,
        acr: None,
        amr: grant.amr.clone(),
        azp: None,
        at_hash: half_hash(algorithm, access_token),
        sid: Some(grant.session_id.clone()),
        // Core 5.4: with an access token, claims that scopes ask for come from UserInfo.
        person: StandardClaims::default(),
    };
    let key = server.keys().signing_key(algorithm).await?;
    Ok(key.sign_jwt(ID_TOKEN_TYP, &claims)?)
}
