//! The main job, and the client's defences.

use authmint::client::{ClientAuth, Error, LoginOptions};
use authmint::jose::{Algorithm, Key};
use authmint::oauth2::ClientAuthMethod;

use crate::world::{Browser, World, block_on, query};

#[test]
fn a_login_from_start_to_logout() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let mut browser = Browser::default();
    let (address, pending) = client.start(&LoginOptions::default()).unwrap();
    let pending = serde_json::from_str(&serde_json::to_string(&pending).unwrap()).unwrap();
    let callback = browser.authorize(&world, &address);
    let login = block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).unwrap();
    assert_eq!(login.user_info.claims.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(login.id_token.amr, ["pwd"]);

    let renewed = block_on(client.refresh(&login.tokens, &login.id_token)).unwrap();
    assert_ne!(renewed.refresh_token, login.tokens.refresh_token);
    assert!(block_on(client.user_info(&renewed, &login.id_token.sub)).is_ok());
    assert!(block_on(client.introspect(&renewed.access_token, None)).unwrap().active);
    block_on(client.revoke(&renewed.access_token, None)).unwrap();
    assert!(!block_on(client.introspect(&renewed.access_token, None)).unwrap().active);

    let bye = browser.open(&world, &client.logout_url(&renewed, Some("s1")).unwrap());
    assert_eq!(browser.follow(&world, bye).unwrap_err(), "https://app.example/bye?state=s1");
    assert!(browser.session().is_none());
}

#[test]
fn private_key_jwt_logs_in_too() {
    let world = World::new();
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let jwks = format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap());
    let (id, _) = world.register(|new| {
        new.metadata.token_endpoint_auth_method = ClientAuthMethod::PrivateKeyJwt;
        new.metadata.jwks = Some(serde_json::from_str(&jwks).unwrap());
    });
    let client = world.client_with(&id, ClientAuth::PrivateKey(key));
    let (address, pending) = client.start(&LoginOptions::default()).unwrap();
    let callback = Browser::default().authorize(&world, &address);
    assert!(block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).is_ok());
}

#[test]
fn s28_the_client_refuses_a_wrong_or_missing_issuer() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let (address, pending) = client.start(&LoginOptions::default()).unwrap();
    let callback = query(&Browser::default().authorize(&world, &address));
    for iss in [None, Some("https://evil.example"), Some("https://op.example/")] {
        let mut forged = callback.clone();
        forged.set("iss", iss.unwrap_or_default());
        let error = block_on(client.callback(&pending, &forged.to_query())).unwrap_err();
        assert!(matches!(error, Error::WrongIssuer { .. }), "{error}");
    }
    assert!(block_on(client.callback(&pending, &callback.to_query())).is_ok());
}

#[test]
fn s29_the_client_refuses_a_callback_of_another_login() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let (address, _) = client.start(&LoginOptions::default()).unwrap();
    let (_, another) = client.start(&LoginOptions::default()).unwrap();
    let callback = query(&Browser::default().authorize(&world, &address));
    for state in [callback.get("state"), None, Some("")] {
        let mut forged = callback.clone();
        forged.set("state", state.unwrap_or_default());
        let error = block_on(client.callback(&another, &forged.to_query())).unwrap_err();
        assert!(matches!(error, Error::ForeignCallback(_)), "{error}");
    }
}

#[test]
fn the_client_refuses_an_id_token_with_another_nonce() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let (address, pending) = client.start(&LoginOptions::default()).unwrap();
    let callback = Browser::default().authorize(&world, &address);
    let mut changed = serde_json::to_value(&pending).unwrap();
    changed["nonce"] = "another".into();
    let changed = serde_json::from_value(changed).unwrap();
    let error = block_on(client.callback(&changed, callback.split_once('?').unwrap().1)).unwrap_err();
    assert!(matches!(&error, Error::IdToken(text) if text.contains("nonce")), "{error}");
}
