//! JWTs that are made for one client: signed by the algorithm it registered, and encrypted if it registered that too
//! (OpenID Connect Core 10.1, 10.2, 16.14; Registration 2).

use authmint_jose::{Algorithm, ContentEncryption, EncryptionKeySet, Key, KeyManagement, Secret};
use authmint_oauth2::{Error as ProtocolError, ErrorCode};
use serde::Serialize;

use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::Client;

/// How the keys of encrypted tokens may be managed: by the client's public key.
pub(crate) const KEY_MANAGEMENT: &[KeyManagement] = &[
    KeyManagement::RsaOaep256,
    KeyManagement::RsaOaep,
    KeyManagement::EcdhEs,
    KeyManagement::EcdhEsA128Kw,
    KeyManagement::EcdhEsA192Kw,
    KeyManagement::EcdhEsA256Kw,
];

/// What the content of tokens may be encrypted with.
pub(crate) const CONTENT_ENCRYPTION: &[ContentEncryption] = &[
    ContentEncryption::A128CbcHs256,
    ContentEncryption::A192CbcHs384,
    ContentEncryption::A256CbcHs512,
    ContentEncryption::A128Gcm,
    ContentEncryption::A192Gcm,
    ContentEncryption::A256Gcm,
];

/// The purpose of a sealed client secret.
const SECRET_CONTEXT: &str = "authmint-client-secret";

/// Signs claims with `algorithm`: with the server's key, or with the client's secret where both sides share one.
pub(crate) async fn sign<T: Serialize>(
    server: &AuthorizationServer,
    client: &Client,
    algorithm: Algorithm,
    typ: &str,
    claims: &T,
) -> Result<String, Error> {
    let key = if algorithm.is_symmetric() {
        secret_key(server, client, algorithm)?
    } else {
        server.keys().signing_key(algorithm).await?
    };
    Ok(key.sign_jwt(typ, claims)?)
}

/// Encrypts a signed token if the client registered that.
pub(crate) async fn encrypt(
    server: &AuthorizationServer,
    client: &Client,
    signed: String,
    algorithm: Option<&str>,
    encryption: Option<&str>,
) -> Result<String, Error> {
    let Some(algorithm) = algorithm else { return Ok(signed) };
    let unusable = || {
        Error::from(
            ProtocolError::new(
                ErrorCode::InvalidClientMetadata,
                "the client asks for encryption, and its keys hold none for the algorithm it registered",
            )
            .section("OpenID Connect Core 10.2"),
        )
    };
    let algorithm: KeyManagement = algorithm.parse().map_err(|_| unusable())?;
    let encryption = match encryption {
        Some(name) => name.parse().map_err(|_| unusable())?,
        None => ContentEncryption::A128CbcHs256,
    };
    let jwks = server.client_keys().jwks(client).await.map_err(|error| {
        tracing::warn!(client_id = client.id, %error, "the client's keys can't be had");
        unusable()
    })?;
    let keys = EncryptionKeySet::from_jwks(&jwks)?;
    let fitting = keys.iter().find_map(|key| match key.algorithm() {
        Some(known) => (known == algorithm).then(|| key.clone()),
        None => key.clone().with_algorithm(algorithm).ok(),
    });
    Ok(fitting.ok_or_else(unusable)?.encrypt_jwt(&signed, encryption)?)
}

/// A client's secret as a key (Core 10.1: the bytes of its UTF-8).
pub(crate) fn secret_key(
    server: &AuthorizationServer,
    client: &Client,
    algorithm: Algorithm,
) -> Result<Key, Error> {
    let sealed = client.sealed_secret.as_ref().ok_or_else(|| {
        Error::Configuration(format!("client {} has no secret that could be a key", client.id))
    })?;
    let secret = server.secrets_key().open(&context(&client.id), sealed)?;
    Ok(Key::from_secret(&secret, algorithm)?)
}

/// Seals a client's secret, bound to the client.
pub(crate) fn seal_secret(
    server: &AuthorizationServer,
    client_id: &str,
    secret: &str,
) -> Result<String, Error> {
    Ok(server.secrets_key().seal(&context(client_id), secret.as_bytes())?)
}

/// A client's secret, where it is kept sealed.
pub(crate) fn open_secret(server: &AuthorizationServer, client: &Client) -> Result<Option<Secret>, Error> {
    let Some(sealed) = &client.sealed_secret else { return Ok(None) };
    let secret = server.secrets_key().open(&context(&client.id), sealed)?;
    // What was sealed was a text.
    Ok(std::str::from_utf8(&secret).ok().map(Secret::new))
}

fn context(client_id: &str) -> String {
    format!("{SECRET_CONTEXT}\n{client_id}")
}
