//! What a presented access token is worth now: one place for UserInfo, introspection and revocation (RFC 9068 4).

use authmint_jose::{Algorithm, Audience, Policy, Timestamp};
use authmint_oauth2::Scope;
use serde::Deserialize;

use crate::error::Error;
use crate::issue::{ACCESS_TOKEN_TYP, grant_of_jti};
use crate::server::AuthorizationServer;
use crate::storage::{GrantId, TokenHash};

/// Every algorithm a server of this crate may ever have signed with; the key ring decides which keys count.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::ES512,
    Algorithm::EdDSA,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
];

/// The policy for a JWT that this server signed.
pub(crate) fn own_tokens(server: &AuthorizationServer) -> Policy {
    Policy::new(ALGORITHMS).issuer(server.issuer().as_str())
}

/// An access token that is valid now.
#[derive(Debug)]
pub(crate) struct ActiveToken {
    pub(crate) client_id: String,
    pub(crate) subject: String,
    pub(crate) scope: Scope,
    pub(crate) audience: Audience,
    pub(crate) grant: Option<GrantId>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// The identifier of a JWT; opaque tokens have none.
    pub(crate) jti: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    client_id: String,
    #[serde(default)]
    scope: Scope,
    iat: Timestamp,
    exp: Timestamp,
    jti: String,
}

/// Looks a token up; `None` for one that is unknown, expired, revoked or not ours.
pub(crate) async fn find(server: &AuthorizationServer, token: &str) -> Result<Option<ActiveToken>, Error> {
    if token.contains('.') { find_jwt(server, token).await } else { find_opaque(server, token).await }
}

async fn find_opaque(server: &AuthorizationServer, token: &str) -> Result<Option<ActiveToken>, Error> {
    let record = server.storage().access_token(TokenHash::of(token)).await?;
    Ok(record.filter(|record| server.now() < record.expires_at).map(|record| ActiveToken {
        client_id: record.client_id,
        subject: record.subject,
        scope: record.scope,
        audience: Audience::from(record.audience),
        grant: record.grant,
        issued_at: record.issued_at,
        expires_at: record.expires_at,
        jti: None,
    }))
}

async fn find_jwt(server: &AuthorizationServer, token: &str) -> Result<Option<ActiveToken>, Error> {
    let policy =
        own_tokens(server).typ(ACCESS_TOKEN_TYP).any_audience().require(&["jti", "client_id", "iat"]);
    let keys = server.keys().published().await?;
    let Ok(jwt) = keys.verify_jwt::<Claims>(token, &policy, server.now()) else { return Ok(None) };
    let claims = jwt.claims;
    let grant = grant_of_jti(&claims.jti);
    if server.storage().is_revoked(&claims.jti, grant.as_ref()).await? {
        return Ok(None);
    }
    Ok(Some(ActiveToken {
        client_id: claims.client_id,
        subject: claims.sub,
        scope: claims.scope,
        audience: claims.aud,
        grant,
        issued_at: claims.iat,
        expires_at: claims.exp,
        jti: Some(claims.jti),
    }))
}
