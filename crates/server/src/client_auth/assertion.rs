//! `private_key_jwt` and `client_secret_jwt`: a JWT signed with the client's key, or authenticated with its secret (RFC 7523
//! 2.2 and 3, as tightened by rfc7523bis: the audience is the issuer alone; OpenID Connect Core 9).

use std::time::Duration;

use authmint_fetch::VerifyError;
use authmint_jose::{Algorithm, CLIENT_ASSERTION_TYPE, Policy, Secret, Timestamp, peek_unverified};
use authmint_oauth2::{ClientAuthMethod, Error as ProtocolError};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::refused;
use crate::audit;
use crate::client_jwt;
use crate::endpoint::paths;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{Client, TokenHash};

/// The longest an assertion may be valid: how long its `jti` has to be remembered.
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How far the client's clock may be off.
const LEEWAY: Duration = Duration::from_secs(30);

/// Algorithms of assertions; also what the metadata says.
pub(crate) const ALGORITHMS: &[Algorithm] = Algorithm::COMMON_SIGNATURES;

/// Algorithms of `client_secret_jwt`.
pub(crate) const SECRET_ALGORITHMS: &[Algorithm] = &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

#[derive(Deserialize)]
struct Claims {
    sub: String,
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
    let by_secret = client.metadata.token_endpoint_auth_method == ClientAuthMethod::ClientSecretJwt;
    let algorithms = match &client.metadata.token_endpoint_auth_signing_alg {
        Some(name) => vec![name.parse().map_err(|_| refused())?],
        None if by_secret => SECRET_ALGORITHMS.to_vec(),
        None => ALGORITHMS.to_vec(),
    };
    let policy = policy(server, client, &algorithms);
    let (header, _) = peek_unverified::<IgnoredAny>(assertion.expose()).map_err(|_| refused())?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    let is_new = text("typ").is_some_and(|typ| typ.eq_ignore_ascii_case(CLIENT_ASSERTION_TYPE));
    // Assertions are older than their type.
    let policy = if is_new { policy } else { policy.typ_or_absent("JWT") };
    let verified = if by_secret {
        let algorithm = text("alg").and_then(|alg| alg.parse().ok()).filter(|alg| algorithms.contains(alg));
        let algorithm = algorithm.filter(|alg: &Algorithm| alg.is_symmetric()).ok_or_else(refused)?;
        let key = client_jwt::secret_key(server, client, algorithm)?;
        key.verify_jwt::<Claims>(assertion.expose(), &policy, server.now()).map_err(VerifyError::from)
    } else {
        server.client_keys().verify_jwt::<Claims>(client, assertion.expose(), &policy).await
    };
    let verified = verified.map_err(|error| {
        tracing::info!(target: audit::TARGET, event = "client_refused", client_id = client.id, %error, "client assertion refused");
        refused()
    })?;
    let Claims { sub, exp, jti } = verified.claims;
    let used = TokenHash::of(&format!("client_assertion\n{sub}\n{jti}"));
    if !server.storage().use_once(used, exp.saturating_add(LEEWAY)).await? {
        tracing::warn!(target: audit::TARGET, event = "assertion_replayed", client_id = client.id, "client assertion was replayed");
        return Err(refused().into());
    }
    Ok(())
}

fn policy(server: &AuthorizationServer, client: &Client, algorithms: &[Algorithm]) -> Policy {
    let issuer = server.issuer().as_str();
    let policy =
        Policy::client_assertion(algorithms, &client.id, issuer).leeway(LEEWAY).max_lifetime(MAX_LIFETIME);
    if !server.config().profile.takes_assertions_for_the_token_endpoint() {
        return policy;
    }
    let audiences = [issuer.to_owned(), server.issuer().endpoint(paths::TOKEN)];
    policy.any_audience().check("aud is the issuer or the token endpoint", move |claims| {
        claims["aud"].as_str().is_some_and(|aud| audiences.iter().any(|known| known == aud))
    })
}
