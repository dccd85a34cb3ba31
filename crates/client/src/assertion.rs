//! The client's own authentication: its secret, or a signed assertion made anew for each request (RFC 7523 2.2).

use std::time::Duration;

use authmint_jose::{CLIENT_ASSERTION_TYPE, Secret, Timestamp, random_token};
use authmint_oauth2::ClientCredentials;
use serde::Serialize;

use crate::client::Client;
use crate::config::ClientAuth;
use crate::error::Error;

/// An assertion is used at once; this covers a slow network and two clocks.
const LIFETIME: Duration = Duration::from_secs(60);

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: Timestamp,
    exp: Timestamp,
}

/// What the next request presents.
pub(crate) fn credentials(client: &Client) -> Result<ClientCredentials, Error> {
    let config = client.config();
    let client_id = config.client_id.clone();
    Ok(match &config.auth {
        ClientAuth::None => ClientCredentials::None { client_id },
        ClientAuth::Secret(secret) => ClientCredentials::Basic { client_id, client_secret: secret.clone() },
        ClientAuth::SecretPost(secret) => {
            ClientCredentials::Post { client_id, client_secret: secret.clone() }
        }
        ClientAuth::PrivateKey(key) => {
            let now = client.now();
            let jti = random_token(client.entropy())?;
            let claims = Claims {
                iss: &client_id,
                sub: &client_id,
                aud: config.issuer.as_str(),
                jti: jti.expose(),
                iat: now,
                exp: now.saturating_add(LIFETIME),
            };
            let assertion = Secret::new(key.sign_jwt(CLIENT_ASSERTION_TYPE, &claims)?);
            ClientCredentials::Assertion { client_id: Some(client_id), assertion }
        }
    })
}
