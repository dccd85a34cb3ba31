//! The secret of a client: made by the server, shown once, kept as a hash; and sealed where it is a key (OpenID Connect Core
//! 10.1, 16.19).

use authmint_jose::{Secret, constant_time_eq};
use authmint_oauth2::{ClientAuthMethod, ClientMetadata, Error as ProtocolError, ErrorCode};

use crate::client_jwt;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{Client, TokenHash};

/// A secret as it is kept.
#[derive(Default)]
pub(super) struct KeptSecret {
    pub(super) hash: Option<TokenHash>,
    pub(super) sealed: Option<String>,
}

impl AuthorizationServer {
    /// The secret of a new client: the operator's own, or one that is made for a client that needs one.
    pub(super) fn new_secret(
        &self,
        client_id: &str,
        metadata: &ClientMetadata,
        own: Option<Secret>,
    ) -> Result<(Option<Secret>, KeptSecret), Error> {
        let secret = match own {
            Some(own) => {
                check_own(&own, metadata)?;
                Some(own)
            }
            None => self.make_secret(metadata)?,
        };
        let Some(secret) = secret else { return Ok((None, KeptSecret::default())) };
        let kept = KeptSecret {
            hash: Some(TokenHash::of(secret.expose())),
            sealed: if shares_a_key(metadata) {
                Some(client_jwt::seal_secret(self, client_id, secret.expose())?)
            } else {
                None
            },
        };
        Ok((Some(secret), kept))
    }

    /// The secret for a client's new metadata: the one it has, as long as that will do.
    pub(super) fn secret_after_change(
        &self,
        client: &Client,
        metadata: &ClientMetadata,
    ) -> Result<(Option<Secret>, KeptSecret), Error> {
        let is_key = shares_a_key(metadata);
        let will_do = client.secret_hash.is_some() && (!is_key || client.sealed_secret.is_some());
        if !will_do || !needs_secret(metadata) {
            return self.new_secret(&client.id, metadata, None);
        }
        let sealed = client.sealed_secret.clone().filter(|_| is_key);
        Ok((None, KeptSecret { hash: client.secret_hash, sealed }))
    }

    /// A secret for a client that needs one: as a password of 256 bits, or as a key that is long enough for its algorithms.
    fn make_secret(&self, metadata: &ClientMetadata) -> Result<Option<Secret>, Error> {
        if !needs_secret(metadata) {
            return Ok(None);
        }
        let secret = self.random_token()?;
        if !shares_a_key(metadata) {
            return Ok(Some(secret));
        }
        // HS512 takes no key under 64 bytes.
        Ok(Some(Secret::new(format!("{}{}", secret.expose(), self.random_token()?.expose()))))
    }
}

/// Judges a secret of the operator's own.
pub(super) fn check_own(secret: &Secret, metadata: &ClientMetadata) -> Result<(), ProtocolError> {
    let refused = |description| {
        Err(ProtocolError::new(ErrorCode::InvalidClientMetadata, description)
            .parameter("client_secret")
            .section("RFC 7591 2"))
    };
    let is_key = shares_a_key(metadata);
    if !needs_secret(metadata) {
        return refused("a client of this token_endpoint_auth_method has no client_secret");
    }
    if !secret.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        return refused("client_secret is made of visible ASCII characters without spaces");
    }
    match secret.expose().len() {
        ..16 => refused("client_secret is too short: 16 characters at least"),
        ..64 if is_key => refused("client_secret is a key of this client too: 64 characters at least"),
        _ => Ok(()),
    }
}

/// Whether a presented secret is the client's.
pub(super) fn is_secret_of(client: &Client, presented: &Secret) -> bool {
    let presented = TokenHash::of(presented.expose());
    client.secret_hash.is_some_and(|hash| constant_time_eq(hash.as_bytes(), presented.as_bytes()))
}

fn needs_secret(metadata: &ClientMetadata) -> bool {
    metadata.token_endpoint_auth_method.uses_secret() || shares_a_key(metadata)
}

/// Whether client and server share the secret as a key.
pub(super) fn shares_a_key(metadata: &ClientMetadata) -> bool {
    let algorithms = [
        &metadata.id_token_signed_response_alg,
        &metadata.userinfo_signed_response_alg,
        &metadata.request_object_signing_alg,
    ];
    metadata.token_endpoint_auth_method == ClientAuthMethod::ClientSecretJwt
        || algorithms.into_iter().flatten().any(|algorithm| algorithm.starts_with("HS"))
}
