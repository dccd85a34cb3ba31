//! What a presented token is worth now: one place for UserInfo, introspection and revocation (RFC 9068 4).

use std::sync::Arc;

use authmint_jose::{Algorithm, Audience, Policy, Timestamp};
use authmint_oauth2::Scope;
use authmint_oauth2::dpop::Confirmation;
use authmint_oidc::PersonClaims;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Error;
use crate::issue::{ACCESS_TOKEN_TYP, grant_of_jti};
use crate::server::AuthorizationServer;
use crate::storage::{Client, GrantId, TokenHash};

/// The policy for a JWT that this server signed, with whatever it may ever have signed with: the key ring decides which keys
/// count.
pub(crate) fn own_tokens(server: &AuthorizationServer) -> Policy {
    let algorithms: Vec<_> =
        Algorithm::ALL.iter().copied().filter(|algorithm| !algorithm.is_symmetric()).collect();
    Policy::new(&algorithms).issuer(server.issuer().as_str())
}

/// An access token that was issued here, and has neither expired nor been revoked.
#[derive(Debug)]
pub(crate) struct IssuedToken {
    pub(crate) client_id: String,
    /// The client itself, or the person: in a JWT as the client knows them, behind an opaque token as this server does.
    subject: String,
    pub(crate) scope: Scope,
    pub(crate) audience: Audience,
    pub(crate) grant: Option<GrantId>,
    /// The thumbprint of the key it is bound to.
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) auth_time: Option<Timestamp>,
    pub(crate) acr: Option<String>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// The identifier of a JWT; opaque tokens have none.
    pub(crate) jti: Option<String>,
}

/// An issued token whose client and person are still there.
#[derive(Debug)]
pub(crate) struct ActiveToken {
    pub(crate) issued: IssuedToken,
    pub(crate) client: Arc<Client>,
    /// Whom it speaks for, as the client knows them.
    pub(crate) sub: String,
    pub(crate) bearer: Bearer,
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
    #[serde(default)]
    auth_time: Option<Timestamp>,
    #[serde(default)]
    acr: Option<String>,
    #[serde(default)]
    cnf: Confirmation,
}

/// Who a token that is active now speaks for.
#[derive(Debug)]
pub(crate) enum Bearer {
    /// The client itself.
    Client,
    /// A person, of whom this is known.
    Person(Box<PersonClaims>),
}

/// Looks a token up that is active now: [`issued`], and whom it was issued to is still there.
pub(crate) async fn find(server: &AuthorizationServer, token: &str) -> Result<Option<ActiveToken>, Error> {
    let Some(issued) = issued(server, token).await? else { return Ok(None) };
    let Some(client) = server.storage().client(&issued.client_id).await? else { return Ok(None) };
    if !is_of(&client, issued.issued_at) {
        return Ok(None);
    }
    let Some(grant) = &issued.grant else {
        let sub = issued.subject.clone();
        return Ok(Some(ActiveToken { issued, client, sub, bearer: Bearer::Client }));
    };
    let subjects = server.subjects(&client);
    let (subject, sub) = if issued.jti.is_none() {
        (issued.subject.clone(), subjects.name(&issued.subject).into_owned())
    } else if subjects.is_pairwise() {
        // A name that is the client's alone can't be turned back; the grant knows whose it is.
        let Some(grant) = server.storage().grant(grant).await? else { return Ok(None) };
        (grant.subject, issued.subject.clone())
    } else {
        (issued.subject.clone(), issued.subject.clone())
    };
    let claims = server.claims().claims(&subject).await?;
    Ok(claims.map(|claims| ActiveToken { issued, client, sub, bearer: Bearer::Person(Box::new(claims)) }))
}

/// Whether what was issued then was issued to this client: one that came under the identifier of a removed one inherits
/// nothing.
pub(crate) fn is_of(client: &Client, issued_at: Timestamp) -> bool {
    issued_at >= client.created_at
}

/// Looks a token up; `None` for one that is unknown, expired, revoked or not ours.
pub(crate) async fn issued(server: &AuthorizationServer, token: &str) -> Result<Option<IssuedToken>, Error> {
    if token.contains('.') { find_jwt(server, token).await } else { find_opaque(server, token).await }
}

/// Whether a token was ever issued here, as far as it is still known.
pub(crate) async fn was_issued(server: &AuthorizationServer, token: &str) -> Result<bool, Error> {
    if !token.contains('.') {
        return Ok(server.storage().access_token(TokenHash::of(token)).await?.is_some());
    }
    let policy = own_tokens(server).typ(ACCESS_TOKEN_TYP).any_audience().accept_expired();
    let keys = server.keys().published().await?;
    Ok(keys.verify_jwt::<IgnoredAny>(token, &policy, server.now()).is_ok())
}

async fn find_opaque(server: &AuthorizationServer, token: &str) -> Result<Option<IssuedToken>, Error> {
    let record = server.storage().access_token(TokenHash::of(token)).await?;
    let Some(record) = record.filter(|record| server.now() < record.expires_at) else { return Ok(None) };
    Ok(Some(IssuedToken {
        client_id: record.client_id,
        subject: record.subject,
        dpop_jkt: record.dpop_jkt,
        scope: record.scope,
        audience: Audience::from(record.audience),
        grant: record.grant,
        auth_time: record.auth_time,
        acr: record.acr,
        issued_at: record.issued_at,
        expires_at: record.expires_at,
        jti: None,
    }))
}

async fn find_jwt(server: &AuthorizationServer, token: &str) -> Result<Option<IssuedToken>, Error> {
    let policy =
        own_tokens(server).typ(ACCESS_TOKEN_TYP).any_audience().require(&["jti", "client_id", "iat"]);
    let keys = server.keys().published().await?;
    let Ok(jwt) = keys.verify_jwt::<Claims>(token, &policy, server.now()) else { return Ok(None) };
    let claims = jwt.claims;
    let grant = grant_of_jti(&claims.jti);
    if server.storage().is_revoked(&claims.jti, grant.as_ref()).await? {
        return Ok(None);
    }
    Ok(Some(IssuedToken {
        client_id: claims.client_id,
        subject: claims.sub,
        dpop_jkt: claims.cnf.jkt,
        scope: claims.scope,
        audience: claims.aud,
        grant,
        auth_time: claims.auth_time,
        acr: claims.acr,
        issued_at: claims.iat,
        expires_at: claims.exp,
        jti: Some(claims.jti),
    }))
}
