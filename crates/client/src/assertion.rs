//! The client's own authentication, where the provider has a way of its own; the ways of the specifications are
//! [`ClientAuth`]'s.

use std::time::Duration;

use authmint_jose::{Secret, Timestamp};
use authmint_oauth2::{ClientAuth, ClientAuthMethod, ClientCredentials};
use serde::Serialize;

use crate::client::Client;
use crate::error::Error;

/// A secret that is signed anew for each request need not last.
const SIGNED_SECRET_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// What the next request presents.
pub(crate) fn credentials(client: &Client) -> Result<ClientCredentials, Error> {
    let config = client.config();
    if let (Some(iss), ClientAuth::PrivateKey(key)) = (&config.quirks.signed_secret, &config.auth) {
        let client_secret = signed_secret(client, iss, key)?;
        return Ok(ClientCredentials::Post { client_id: config.client_id.clone(), client_secret });
    }
    let presented =
        config.auth.credentials(&config.issuer, &config.client_id, client.now(), client.entropy())?;
    Ok(match presented {
        ClientCredentials::Basic { client_id, client_secret } if knows_post_only(client) => {
            ClientCredentials::Post { client_id, client_secret }
        }
        presented => presented,
    })
}

/// Whether the provider says that it takes a secret in the form, and does not say that it takes one in the header.
fn knows_post_only(client: &Client) -> bool {
    let methods = &client.metadata().server.token_endpoint_auth_methods_supported;
    let knows = |method: ClientAuthMethod| methods.iter().any(|name| name == method.as_str());
    knows(ClientAuthMethod::ClientSecretPost) && !knows(ClientAuthMethod::ClientSecretBasic)
}

/// Apple's client secret: a JWT of the team's for the issuer, by a key that Apple knows.
fn signed_secret(client: &Client, iss: &str, key: &authmint_jose::Key) -> Result<Secret, Error> {
    #[derive(Serialize)]
    struct Claims<'a> {
        iss: &'a str,
        sub: &'a str,
        aud: &'a str,
        iat: Timestamp,
        exp: Timestamp,
    }
    let now = client.now();
    let claims = Claims {
        iss,
        sub: &client.config().client_id,
        aud: client.config().issuer.as_str(),
        iat: now,
        exp: now.saturating_add(SIGNED_SECRET_LIFETIME),
    };
    Ok(Secret::new(key.sign_jwt("JWT", &claims)?))
}
