//! Verifying an ID token (OpenID Connect Core 3.1.3.7, 3.1.3.8).

use std::time::Duration;

use authmint_fetch::VerifyError;
use authmint_jose::{Policy, constant_time_eq};
use authmint_oidc::IdTokenClaims;
use authmint_oidc::id_token::half_hash;

use crate::client::Client;
use crate::error::Error;
use crate::pending::PendingLogin;
use crate::token::Tokens;

/// Verifies the ID token of a token response, for the login it belongs to.
pub(crate) async fn verify(
    client: &Client,
    tokens: &Tokens,
    pending: Option<&PendingLogin>,
) -> Result<IdTokenClaims, Error> {
    let config = client.config();
    let token = tokens
        .id_token
        .as_ref()
        .ok_or_else(|| invalid("the token response has none; is openid in the scope?"))?;
    let policy = Policy::id_token(&config.id_token_algorithms, config.issuer.as_str(), &config.client_id)
        .leeway(config.leeway);
    let jwt =
        client.keys()?.verify_jwt::<IdTokenClaims>(token.expose(), &policy).await.map_err(
            |error| match error {
                VerifyError::Keys(error) => Error::Fetch(error),
                token => Error::IdToken(token.to_string()),
            },
        )?;
    let claims = jwt.claims;
    if claims.aud.iter().count() > 1 && claims.azp.is_none() {
        return Err(invalid("it has several audiences and no azp"));
    }
    if claims.azp.as_deref().is_some_and(|azp| azp != config.client_id) {
        return Err(invalid("its azp is another client"));
    }
    let expected = half_hash(jwt.header.algorithm(), tokens.access_token.expose());
    if let (Some(expected), Some(at_hash)) = (expected, &claims.at_hash)
        && !constant_time_eq(expected.as_bytes(), at_hash.as_bytes())
    {
        return Err(invalid("its at_hash belongs to another access token"));
    }
    if let Some(pending) = pending {
        check_login(client, &claims, pending)?;
    }
    Ok(claims)
}

/// What ties the token to the request: `nonce`, and `auth_time` if `max_age` was asked for.
fn check_login(client: &Client, claims: &IdTokenClaims, pending: &PendingLogin) -> Result<(), Error> {
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    if !constant_time_eq(nonce.as_bytes(), pending.nonce.as_bytes()) {
        return Err(invalid("its nonce is not the one of this login"));
    }
    if let Some(max_age) = pending.max_age {
        let auth_time =
            claims.auth_time.ok_or_else(|| invalid("it has no auth_time though max_age was asked for"))?;
        let latest =
            auth_time.saturating_add(Duration::from_secs(max_age)).saturating_add(client.config().leeway);
        if latest < client.now() {
            return Err(invalid("the person logged in longer ago than max_age allows"));
        }
    }
    Ok(())
}

fn invalid(problem: &str) -> Error {
    Error::IdToken(problem.to_owned())
}
