//! The JWT bearer grant (RFC 7523 2.1, 3): an issuer that this server trusts vouches for a person.

use std::time::Duration;

use authmint_fetch::VerifyError;
use authmint_jose::{Policy, Secret, Timestamp, peek_unverified};
use authmint_oauth2::{Error as ProtocolError, ErrorCode, Scope, TokenResponse};
use serde::Deserialize;

use crate::audit;
use crate::client_auth::{ASSERTION_ALGORITHMS, VerifiedClient};
use crate::error::Error;
use crate::issue;
use crate::server::AuthorizationServer;
use crate::storage::TokenHash;

/// The longest an assertion may be valid: how long its `jti` has to be remembered.
const MAX_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// How far the issuer's clock may be off.
const LEEWAY: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: Timestamp,
    jti: String,
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

pub(super) async fn exchange(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    assertion: &Secret,
    asked: Option<Scope>,
    resource: Vec<String>,
) -> Result<TokenResponse, Error> {
    let (_, Issuer { iss }) = peek_unverified::<Issuer>(assertion.expose()).map_err(|_| refused())?;
    let keys = server.trusted_issuer(&iss).ok_or_else(|| {
        tracing::info!(
            client_id = client.client().id,
            "an assertion came from an issuer that is not trusted"
        );
        refused()
    })?;
    let policy = Policy::new(ASSERTION_ALGORITHMS)
        .typ_or_absent("JWT")
        .issuer(&iss)
        .audience(server.issuer().as_str())
        .require(&["sub", "jti"])
        // A software statement of an issuer that is trusted for both is no person's.
        .forbid("software_id")
        .leeway(LEEWAY)
        .max_lifetime(MAX_LIFETIME);
    let verified = keys.verify_jwt::<Claims>(assertion.expose(), &policy).await.map_err(|error| {
        tracing::info!(client_id = client.client().id, %iss, %error, "assertion refused");
        match error {
            VerifyError::Keys(_) => Error::Protocol(ProtocolError::new(
                ErrorCode::TemporarilyUnavailable,
                "the keys of the assertion's issuer can't be fetched; try again",
            )),
            _ => refused().into(),
        }
    })?;
    let Claims { sub, exp, jti } = verified.claims;
    let scope = client.registered_scope(asked)?;
    let used = TokenHash::of(&format!("jwt_bearer\n{iss}\n{jti}"));
    if !server.storage().use_once(used, exp.saturating_add(LEEWAY)).await? {
        tracing::warn!(target: audit::TARGET, event = "assertion_replayed", client_id = client.client().id, %iss, "an assertion was replayed");
        return Err(refused().into());
    }
    issue::for_subject(server, client, sub, scope, resource).await
}

fn refused() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidGrant,
        "the assertion is not one of a trusted issuer for this server, or it expired, or was used before",
    )
    .parameter("assertion")
    .section("RFC 7523 3.1")
}
