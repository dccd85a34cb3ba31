//! Tokens that are bound to the client's key (RFC 9449): row S37 from the client's side.

use authmint::client::{ClientAuth, Error, TokenSource};
use authmint::jose::{Algorithm, Key};
use authmint::oauth2::TokenType;
use bytes::Bytes;
use http::{Request, StatusCode};

use super::log_in;
use crate::world::{ISSUER, World, block_on, settings};

fn key() -> Key {
    Key::generate(Algorithm::ES256).unwrap()
}

#[test]
fn s37_a_login_is_bound_from_its_request_to_its_refresh() {
    for nonces in [false, true] {
        let world = World::with(|config| config.server.require_dpop_nonce = nonces);
        let (id, secret) = world.register(|new| new.metadata.dpop_bound_access_tokens = true);
        let key = key();
        let config = || settings(&id, ClientAuth::Secret(secret.as_str().into()));
        for client in [
            world.connect(config().dpop(key.clone())),
            world.connect(config().dpop(key.clone()).push_requests()),
        ] {
            let login = log_in(&world, &client);
            assert_eq!(login.tokens.token_type, TokenType::Dpop);
            assert_eq!(login.user_info.claims.email.as_deref(), Some("ada@example.com"));
            let renewed = block_on(client.refresh(&login.tokens, login.id_token.as_ref())).unwrap();
            assert!(block_on(client.user_info(&renewed, &login.user_info.sub)).is_ok());
            let kept = serde_json::to_string(&renewed).unwrap();
            assert_eq!(serde_json::from_str::<authmint::client::Tokens>(&kept).unwrap(), renewed);
        }
    }
}

#[test]
fn s37_without_the_key_a_bound_token_is_not_sent() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let config = || settings(&id, ClientAuth::Secret(secret.as_str().into()));
    let login = log_in(&world, &world.connect(config().dpop(key())));
    let without = world.connect(config());
    let error = block_on(without.user_info(&login.tokens, &login.user_info.sub)).unwrap_err();
    assert!(matches!(error, Error::Configuration(_)), "{error}");
    let other = world.connect(config().dpop(key()));
    assert!(block_on(other.user_info(&login.tokens, &login.user_info.sub)).is_err());
    let source = TokenSource::of_login(other, login.tokens, None);
    let request = Request::get(format!("{ISSUER}/userinfo")).body(Bytes::new()).unwrap();
    // A confidential client may renew with another key; the API then takes the new token.
    assert_eq!(block_on(source.send(request)).unwrap().status(), StatusCode::OK);
}

#[test]
fn s37_a_server_that_binds_nothing_is_noticed() {
    use std::sync::Arc;

    use authmint::client::{Client, ClientConfig, InMemory};
    use authmint::oidc::ProviderMetadata;

    let mut metadata = ProviderMetadata::new(ISSUER.parse().unwrap());
    metadata.server.token_endpoint = Some(format!("{ISSUER}/token"));
    let transport = InMemory::new(|_| async {
        http::Response::new(Bytes::from_static(br#"{"access_token":"a","token_type":"Bearer"}"#))
    });
    let config = ClientConfig::new(ISSUER.parse().unwrap(), "app", ClientAuth::Secret("s".into()));
    let client = |config: ClientConfig| {
        Client::with_metadata(config, metadata.clone(), Arc::new(transport.clone())).unwrap()
    };
    assert!(block_on(client(config.clone()).client_credentials(None)).is_ok());
    let error = block_on(client(config.dpop(key())).client_credentials(None)).unwrap_err();
    assert!(matches!(error, Error::Response { .. }), "{error}");
}
