//! `private_key_jwt`: a JWT signed with the client's key (RFC 7523 2.2 and 3, as tightened by rfc7523bis: the audience is
//! the issuer alone; OpenID Connect Core 9).

use std::time::Duration;

use authmint_jose::{Algorithm, KeySet, Policy, Secret, Timestamp, peek_unverified};
use authmint_oauth2::Error as ProtocolError;
use serde::Deserialize;

use super::refused;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{Client, TokenHash};

/// The longest an assertion may be valid: how long its `jti` has to be remembered.
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How far the client's clock may be off.
const LEEWAY: Duration = Duration::from_secs(30);
/// The `typ` of rfc7523bis; older clients send `JWT` or nothing.
const TYP: &str = "client-authentication+jwt";

/// Algorithms of assertions; also what the metadata says.
pub(crate) const ALGORITHMS: &[Algorithm] = &[
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

#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// The policy takes an array of one, too; rfc7523bis 4 asks for a string.
    aud: String,
    exp: Timestamp,
    jti: String,
}

/// The client that an assertion claims to be from: only to find its keys.
pub(super) fn claimed_client(client_id: Option<&str>, assertion: &Secret) -> Result<String, ProtocolError> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }
    let (_, claims) = peek_unverified::<Subject>(assertion.expose()).map_err(|_| refused())?;
    if client_id.is_some_and(|named| named != claims.sub) {
        return Err(refused());
    }
    Ok(claims.sub)
}

/// Verifies the assertion and uses up its `jti`.
pub(super) async fn verify(
    server: &AuthorizationServer,
    client: &Client,
    assertion: &Secret,
) -> Result<(), Error> {
    let now = server.now();
    let jwks = client.metadata.jwks.as_ref().ok_or_else(refused)?;
    let keys = KeySet::from_jwks(&jwks.to_string()).map_err(|_| refused())?;
    let policy = Policy::new(ALGORITHMS)
        .issuer(&client.id)
        .subject(&client.id)
        .sole_audience(server.issuer().as_str())
        .require(&["jti"])
        .leeway(LEEWAY)
        .max_lifetime(MAX_LIFETIME);
    let (header, _) = peek_unverified::<serde::de::IgnoredAny>(assertion.expose()).map_err(|_| refused())?;
    let is_new =
        header.get("typ").and_then(|typ| typ.as_str()).is_some_and(|typ| typ.eq_ignore_ascii_case(TYP));
    let policy = if is_new { policy.typ(TYP) } else { policy.typ_or_absent("JWT") };
    let verified = keys.verify_jwt::<Claims>(assertion.expose(), &policy, now).map_err(|error| {
        tracing::debug!(client_id = client.id, %error, "client assertion refused");
        refused()
    })?;
    let Claims { sub, aud, exp, jti } = verified.claims;
    if aud != server.issuer().as_str() {
        return Err(refused().into());
    }
    let used = TokenHash::of(&format!("client_assertion\n{sub}\n{jti}"));
    if !server.storage().use_once(used, exp.saturating_add(LEEWAY)).await? {
        tracing::warn!(client_id = client.id, "client assertion was replayed");
        return Err(refused().into());
    }
    Ok(())
}
