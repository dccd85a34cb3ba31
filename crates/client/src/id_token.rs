//! Verifying an ID token (OpenID Connect Core 3.1.3.7, 3.1.3.8, 3.3.2.12, 3.3.3.7).

use std::time::Duration;

use authmint_fetch::VerifyError;
use authmint_jose::{Algorithm, Header, Jwt, Key, Policy, Secret, constant_time_eq, peek_unverified};
use authmint_oauth2::{AuthorizationSuccess, ClientAuth};
use authmint_oidc::IdTokenClaims;
use authmint_oidc::id_token::{fits_half_hash, half_hash};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::config::Decryption;
use crate::error::Error;
use crate::lenient::Lenient;
use crate::pending::PendingLogin;
use crate::token::Tokens;

/// Verifies the ID token of a token response.
pub(crate) async fn verify(client: &Client, tokens: &Tokens) -> Result<IdTokenClaims, Error> {
    let token = tokens.id_token.as_ref();
    let token = token.ok_or_else(|| invalid("the token response has none; is openid in the scope?"))?;
    let jwt = checked(client, token.expose()).await?;
    check_hash(&jwt.header, "at_hash", jwt.claims.at_hash.as_deref(), Some(tokens.access_token.expose()))?;
    Ok(jwt.claims)
}

/// Verifies the ID token of a token response, for the login it belongs to.
pub(crate) async fn of_login(
    client: &Client,
    tokens: &Tokens,
    pending: &PendingLogin,
) -> Result<IdTokenClaims, Error> {
    let claims = verify(client, tokens).await?;
    check_login(client, &claims, pending)?;
    Ok(claims)
}

/// Verifies the ID token that came beside a code, before the code is redeemed. Its hashes are not optional here.
pub(crate) async fn from_front_channel(
    client: &Client,
    token: &Secret,
    success: &AuthorizationSuccess,
    pending: &PendingLogin,
) -> Result<IdTokenClaims, Error> {
    let jwt = checked(client, token.expose()).await?;
    let is_hashed = jwt.claims.c_hash.is_some() && half_hash(jwt.header.algorithm(), "").is_some();
    if success.code.is_some() && !is_hashed {
        return Err(invalid("it came beside a code and has no c_hash that can be compared"));
    }
    check_hash(
        &jwt.header,
        "c_hash",
        jwt.claims.c_hash.as_deref(),
        success.code.as_ref().map(Secret::expose),
    )?;
    check_login(client, &jwt.claims, pending)?;
    Ok(jwt.claims)
}

/// What holds for every ID token: decryption, signature, issuer, audience, time, `azp`.
async fn checked(client: &Client, token: &str) -> Result<Jwt<IdTokenClaims>, Error> {
    let config = client.config();
    let decrypted = decrypt(token, config.id_token_decryption.as_ref()).map_err(|error| refused(&error))?;
    let token = decrypted.as_deref().unwrap_or(token);
    let issuer = expected_issuer(client, token)?;
    let policy =
        Policy::id_token(&config.id_token_algorithms, &issuer, &config.client_id).leeway(config.leeway);
    let jwt = verify_jwt::<Lenient<IdTokenClaims>>(client, token, &policy).await?;
    let Jwt { header, claims: Lenient(claims) } = jwt;
    if claims.aud.iter().count() > 1 && claims.azp.is_none() {
        return Err(invalid("it has several audiences and no azp"));
    }
    if claims.azp.as_deref().is_some_and(|azp| azp != config.client_id) {
        return Err(invalid("its azp is another client"));
    }
    Ok(Jwt { header, claims })
}

/// Verifies a JWT of the provider: by its published keys, or by the client's secret where the configuration names a MAC.
pub(crate) async fn verify_jwt<T: DeserializeOwned>(
    client: &Client,
    token: &str,
    policy: &Policy,
) -> Result<Jwt<T>, Error> {
    let algorithms = &client.config().id_token_algorithms;
    if let Some(algorithm) = algorithms.iter().copied().find(|algorithm| algorithm.is_symmetric()) {
        let key = secret_key(client, algorithm)?;
        return key.verify_jwt(token, policy, client.now()).map_err(|error| refused(&error));
    }
    client.keys()?.verify_jwt(token, policy).await.map_err(|error| match error {
        VerifyError::Keys(error) => Error::Fetch(error),
        token => refused(&token),
    })
}

/// Core 10.1: the bytes of the secret are the key.
fn secret_key(client: &Client, algorithm: Algorithm) -> Result<Key, Error> {
    match &client.config().auth {
        ClientAuth::Secret(secret) | ClientAuth::SecretPost(secret) | ClientAuth::SecretJwt(secret) => {
            Ok(Key::from_secret(secret.expose().as_bytes(), algorithm)?)
        }
        _ => Err(Error::Configuration("ID tokens with HS256, HS384 or HS512 need a client secret")),
    }
}

/// The signed token inside an encrypted one; `None` where nothing is to be decrypted.
pub(crate) fn decrypt(
    token: &str,
    decryption: Option<&Decryption>,
) -> Result<Option<String>, authmint_jose::Error> {
    let Some(Decryption { keys, policy }) = decryption else { return Ok(None) };
    keys.decrypt_to_signed_jwt(token, policy).map(Some)
}

/// The issuer that the token must name. Where there is one for each tenant, the token says which tenant, and the pattern says
/// all else.
fn expected_issuer(client: &Client, token: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Tenant {
        tid: Option<String>,
    }
    let Some(pattern) = &client.config().quirks.tenant_issuer else {
        return Ok(client.config().issuer.to_string());
    };
    let (_, Tenant { tid }) = peek_unverified(token).map_err(|error| refused(&error))?;
    let tid = tid.filter(|tid| is_uuid(tid)).ok_or_else(|| invalid("its tid is no tenant"))?;
    Ok(pattern.replace("{tid}", &tid))
}

fn is_uuid(text: &str) -> bool {
    let mut parts = text.split('-');
    let right = [8, 4, 4, 4, 12].into_iter().all(|length| {
        parts.next().is_some_and(|part| {
            part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
        })
    });
    right && parts.next().is_none()
}

fn check_hash(
    header: &Header,
    name: &'static str,
    hash: Option<&str>,
    value: Option<&str>,
) -> Result<(), Error> {
    if let (Some(hash), Some(value)) = (hash, value)
        && !fits_half_hash(header.algorithm(), hash, value)
    {
        return Err(Error::IdToken(format!("its {name} belongs to another value")));
    }
    Ok(())
}

/// What ties the token to the request: `nonce`, the person where one was named, `auth_time` and `acr` where they were asked for.
fn check_login(client: &Client, claims: &IdTokenClaims, pending: &PendingLogin) -> Result<(), Error> {
    let same = |nonce: &str| constant_time_eq(nonce.as_bytes(), pending.nonce.as_bytes());
    match claims.nonce.as_deref() {
        None if client.config().quirks.no_nonce => {}
        nonce if nonce.is_some_and(same) => {}
        _ => return Err(invalid("its nonce is not the one of this login")),
    }
    if pending.subject.as_ref().is_some_and(|subject| *subject != claims.sub) {
        return Err(another_person());
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
    let reached = |wanted: &Vec<String>| claims.acr.as_ref().is_some_and(|acr| wanted.contains(acr));
    if !pending.required_acr.is_empty() && !reached(&pending.required_acr) {
        return Err(invalid("its acr is none of those that were asked for"));
    }
    Ok(())
}

fn refused(error: &dyn std::fmt::Display) -> Error {
    Error::IdToken(error.to_string())
}

pub(crate) fn another_person() -> Error {
    invalid("another person is logged in than the one that was asked for")
}

pub(crate) fn invalid(problem: &str) -> Error {
    Error::IdToken(problem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s14_a_tenant_is_a_uuid_and_nothing_else() {
        assert!(is_uuid("9188040d-6c67-4c5b-b112-36a304b66dad"));
        for text in [
            "",
            "common",
            "9188040d-6c67-4c5b-b112-36a304b66dad/x",
            "9188040D-6c67-4c5b-b112-36a304b66dad",
            "../x",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
