//! What a client has to show who it is, and what it presents with the next request (RFC 6749 2.3.1, RFC 7523 2.2).

use std::fmt;
use std::time::Duration;

use authmint_jose::{Algorithm, CLIENT_ASSERTION_TYPE, Entropy, Key, Secret, Timestamp, random_token};
use serde::Serialize;

use super::ClientCredentials;
use crate::issuer::Issuer;

/// An assertion is used at once; this covers a slow network and two clocks.
const LIFETIME: Duration = Duration::from_secs(60);

/// How a client authenticates at an authorization server.
///
/// ```
/// use authmint_jose::{SystemEntropy, Timestamp};
/// use authmint_oauth2::{ClientAuth, ClientCredentials};
///
/// let issuer = "https://login.example".parse()?;
/// let auth = ClientAuth::Secret("s3cret".into());
/// let presented = auth.credentials(&issuer, "my-api", Timestamp::from_secs(1_000), &SystemEntropy)?;
/// assert!(matches!(presented, ClientCredentials::Basic { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum ClientAuth {
    /// A public client: an app on a device, a page.
    None,
    /// A secret in HTTP Basic (`client_secret_basic`).
    Secret(Secret),
    /// A secret in the form (`client_secret_post`), for providers that know no other way.
    SecretPost(Secret),
    /// A secret that stays here: it authenticates an assertion by HS256 (`client_secret_jwt`). 32 bytes at least.
    SecretJwt(Secret),
    /// A private key that never leaves the application (`private_key_jwt`).
    PrivateKey(Key),
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: Timestamp,
    exp: Timestamp,
}

impl ClientAuth {
    /// What the next request to the server `issuer` presents. An assertion is made anew for each (RFC 7523 3); its audience is
    /// the issuer alone (draft-ietf-oauth-rfc7523bis 4).
    ///
    /// # Errors
    /// When the key can't sign, the secret is too short for HS256, or the source of randomness fails.
    pub fn credentials(
        &self,
        issuer: &Issuer,
        client_id: &str,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<ClientCredentials, authmint_jose::Error> {
        let client_id = client_id.to_owned();
        let assertion = |key: &Key| -> Result<ClientCredentials, authmint_jose::Error> {
            let jti = random_token(entropy)?;
            let claims = Claims {
                iss: &client_id,
                sub: &client_id,
                aud: issuer.as_str(),
                jti: jti.expose(),
                iat: now,
                exp: now.saturating_add(LIFETIME),
            };
            let assertion = Secret::new(key.sign_jwt(CLIENT_ASSERTION_TYPE, &claims)?);
            Ok(ClientCredentials::Assertion { client_id: Some(client_id.clone()), assertion })
        };
        match self {
            Self::PrivateKey(key) => assertion(key),
            Self::SecretJwt(secret) => {
                assertion(&Key::from_secret(secret.expose().as_bytes(), Algorithm::HS256)?)
            }
            Self::None => Ok(ClientCredentials::None { client_id }),
            Self::Secret(secret) => Ok(ClientCredentials::Basic { client_id, client_secret: secret.clone() }),
            Self::SecretPost(secret) => {
                Ok(ClientCredentials::Post { client_id, client_secret: secret.clone() })
            }
        }
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Secret(_) => "Secret",
            Self::SecretPost(_) => "SecretPost",
            Self::SecretJwt(_) => "SecretJwt",
            Self::PrivateKey(_) => "PrivateKey",
        })
    }
}

#[cfg(test)]
mod tests {
    use authmint_jose::{Policy, SystemEntropy};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn present(auth: &ClientAuth) -> Result<ClientCredentials, authmint_jose::Error> {
        auth.credentials(&"https://op.example".parse().unwrap(), "app", NOW, &SystemEntropy)
    }

    #[test]
    fn assertions_are_made_for_the_issuer_and_never_twice_the_same() {
        let secret = "0123456789abcdef0123456789abcdef";
        let key = Key::generate(Algorithm::ES256).unwrap();
        for (auth, key, algorithm) in [
            (ClientAuth::PrivateKey(key.clone()), key, Algorithm::ES256),
            (
                ClientAuth::SecretJwt(secret.into()),
                Key::from_secret(secret.as_bytes(), Algorithm::HS256).unwrap(),
                Algorithm::HS256,
            ),
        ] {
            let policy = Policy::client_assertion(&[algorithm], "app", "https://op.example");
            let mut seen = Vec::new();
            for _ in 0..2 {
                let Ok(ClientCredentials::Assertion { client_id, assertion }) = present(&auth) else {
                    panic!("{auth:?}")
                };
                assert_eq!(client_id.as_deref(), Some("app"));
                let jwt = key.verify_jwt::<serde_json::Value>(assertion.expose(), &policy, NOW).unwrap();
                assert!(!seen.contains(&jwt.claims["jti"]));
                seen.push(jwt.claims["jti"].clone());
            }
        }
    }

    #[test]
    fn s11_a_secret_that_is_too_short_makes_no_assertion() {
        assert!(present(&ClientAuth::SecretJwt("short".into())).is_err());
    }

    #[test]
    fn s18_what_proves_a_client_is_not_printed() {
        for auth in [ClientAuth::Secret("hunter2".into()), ClientAuth::SecretJwt("hunter2".into())] {
            assert!(!format!("{auth:?}").contains("hunter2"));
        }
    }
}
