//! `id_token_hint` (RP-Initiated Logout 2, 4; OpenID Connect Core 3.1.2.1): an ID token that this server once issued. It may have
//! expired, and it may be encrypted to this server.

use authmint_jose::{Algorithm, Audience, Policy, Secret, peek_unverified};
use authmint_oauth2::Error as ProtocolError;
use authmint_oidc::IdTokenClaims;
use serde::Deserialize;
use serde_json::Value;

use crate::active_token::own_tokens;
use crate::client_jwt;
use crate::error::Error;
use crate::id_token::ID_TOKEN_TYP;
use crate::server::AuthorizationServer;

/// The longest hint that is looked at, in bytes.
const MAX_BYTES: usize = 32 * 1024;

/// For whom the token says it is: which client's secret may have signed it.
#[derive(Deserialize)]
struct For {
    aud: Audience,
    azp: Option<String>,
}

impl AuthorizationServer {
    /// Reads an ID token that this server once issued; it may have expired.
    pub(crate) async fn verify_id_token_hint(&self, hint: &Secret) -> Result<IdTokenClaims, Error> {
        let hint = hint.expose();
        if hint.len() > MAX_BYTES {
            return Err(refused().into());
        }
        let decrypted = match hint.split('.').count() {
            5 => match self.keys().decrypt(hint).await {
                Ok(signed) => Some(signed),
                // Encrypted to the client, as it was issued: Core 3.1.2.1 has the client decrypt it first.
                Err(Error::Protocol(_)) => return Err(refused().into()),
                Err(internal) => return Err(internal),
            },
            _ => None,
        };
        let token = decrypted.as_deref().unwrap_or(hint);
        let (header, named) = peek_unverified::<For>(token).map_err(|_| refused())?;
        let algorithm: Option<Algorithm> =
            header.get("alg").and_then(Value::as_str).and_then(|name| name.parse().ok());
        let verified = match algorithm {
            Some(algorithm) if algorithm.is_symmetric() => {
                self.verify_shared_hint(token, algorithm, &named).await?
            }
            _ => {
                let policy = hints(own_tokens(self)).any_audience();
                let keys = self.keys().published().await?;
                keys.verify_jwt::<IdTokenClaims>(token, &policy, self.now()).map(|jwt| jwt.claims)
            }
        };
        Ok(verified.map_err(|error| {
            tracing::debug!(%error, "id_token_hint refused");
            refused()
        })?)
    }

    /// Verifies a token that was signed with a client's secret. The client named in it is believed only as far as its secret
    /// proves it, and only the algorithm that it registered counts.
    async fn verify_shared_hint(
        &self,
        token: &str,
        algorithm: Algorithm,
        named: &For,
    ) -> Result<Result<IdTokenClaims, authmint_jose::Error>, Error> {
        let client_id = named.azp.as_deref().or_else(|| named.aud.iter().next()).unwrap_or_default();
        let client = self.storage().client(client_id).await?.ok_or_else(refused)?;
        let registered = client.metadata.id_token_signed_response_alg.as_deref();
        if registered != Some(algorithm.name()) || client.sealed_secret.is_none() {
            return Err(refused().into());
        }
        let policy =
            hints(Policy::new(&[algorithm]).issuer(self.issuer().as_str())).audience(client.id.as_str());
        let key = client_jwt::secret_key(self, &client, algorithm)?;
        Ok(key.verify_jwt::<IdTokenClaims>(token, &policy, self.now()).map(|jwt| jwt.claims))
    }
}

fn hints(policy: Policy) -> Policy {
    policy.typ(ID_TOKEN_TYP).require(&["sub", "aud"]).accept_expired()
}

fn refused() -> ProtocolError {
    ProtocolError::malformed("id_token_hint", "an ID token that this server issued and still has the key of")
        .section("OpenID Connect Core 3.1.2.1")
}
