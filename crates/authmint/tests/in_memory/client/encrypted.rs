//! ID tokens and UserInfo that are signed, encrypted, or authenticated with a secret: rows S01, S02, S12 from the client's side.

use authmint::client::{ClientAuth, Error};
use authmint::jose::{Algorithm, EncryptionKey, EncryptionKeySet, KeyManagement};
use serde_json::Value;

use super::log_in;
use crate::world::{World, block_on, settings};

fn keys() -> EncryptionKeySet {
    EncryptionKeySet::new([EncryptionKey::generate(KeyManagement::EcdhEsA256Kw).unwrap().with_kid("enc")])
}

#[test]
fn s12_what_is_encrypted_is_read_and_what_is_not_is_refused() {
    let world = World::new();
    let keys = keys();
    let jwks: Value = serde_json::from_str(&keys.to_public_jwks()).unwrap();
    let (id, secret) = world.register(|new| {
        new.metadata.jwks = Some(jwks);
        new.metadata.id_token_encrypted_response_alg = Some("ECDH-ES+A256KW".into());
        new.metadata.userinfo_signed_response_alg = Some("RS256".into());
        new.metadata.userinfo_encrypted_response_alg = Some("ECDH-ES+A256KW".into());
    });
    let config = || settings(&id, ClientAuth::Secret(secret.as_str().into()));
    let right = world.connect(config().encrypted_id_tokens(keys.clone()).encrypted_user_info(keys.clone()));
    let login = log_in(&world, &right);
    assert_eq!(login.user_info.claims.name.as_deref(), Some("Ada Lovelace"));
    for (wrong, is_told) in [
        (config(), "an encrypted token where a signed one is expected"),
        (config().encrypted_id_tokens(super::encrypted::keys()), "another key"),
    ] {
        let login = log_in(&world, &right);
        let renewed = block_on(world.connect(wrong).refresh(&login.tokens, login.id_token.as_ref()));
        let error = renewed.unwrap_err();
        assert!(matches!(error, Error::IdToken(_)), "{is_told}: {error}");
    }
    // A provider that signs only: the client that was promised encryption takes nothing less.
    let (id, secret) = world.register(|_| {});
    let config = settings(&id, ClientAuth::Secret(secret.as_str().into()));
    let plain = log_in(&world, &world.connect(config.clone()));
    let strict = world.connect(config.clone().encrypted_id_tokens(keys.clone()));
    assert!(block_on(strict.refresh(&plain.tokens, plain.id_token.as_ref())).is_err());
    let plain = log_in(&world, &world.connect(config.clone()));
    for strict in [config.clone().signed_user_info(), config.encrypted_user_info(keys)] {
        let error =
            block_on(world.connect(strict).user_info(&plain.tokens, &plain.user_info.sub)).unwrap_err();
        assert!(matches!(error, Error::IdToken(_)), "{error}");
    }
}

#[test]
fn signed_user_info_is_verified_and_must_be_expected() {
    let world = World::new();
    let (id, secret) = world.register(|new| new.metadata.userinfo_signed_response_alg = Some("ES256".into()));
    let config = settings(&id, ClientAuth::Secret(secret.as_str().into()));
    let login = log_in(&world, &world.connect(config.clone().signed_user_info()));
    assert_eq!(login.user_info.claims.email.as_deref(), Some("ada@example.com"));
    let error = block_on(world.connect(config).user_info(&login.tokens, &login.user_info.sub)).unwrap_err();
    assert!(matches!(error, Error::Configuration(text) if text.contains("signed_user_info")), "{error}");
}

#[test]
fn s02_a_token_with_a_mac_is_taken_only_where_one_was_named() {
    let world = World::new();
    let (id, secret) = world.register(|new| new.metadata.id_token_signed_response_alg = Some("HS256".into()));
    let config = |secret: &str| settings(&id, ClientAuth::Secret(secret.into()));
    let client = world.connect(config(&secret).id_token_algorithms(&[Algorithm::HS256]));
    let login = log_in(&world, &client);
    let (tokens, previous) = (login.tokens, login.id_token);
    let error = block_on(world.connect(config(&secret)).refresh(&tokens, previous.as_ref())).unwrap_err();
    assert!(matches!(error, Error::IdToken(_)), "{error}");
    let without = world.client_with(&id, ClientAuth::None);
    assert!(block_on(without.refresh(&tokens, previous.as_ref())).is_err());
}
