//! How a request travels, and how the answer comes back: rows S28, S29, S31, S32 from the client's side.

use authmint::client::{ClientAuth, Error, LoginOptions, Prompt};
use authmint::jose::{Algorithm, Key};
use authmint::oauth2::{ClientAuthMethod, GrantType, Params};
use authmint::oidc::ClaimsRequest;
use authmint::server::Profile;
use serde_json::Value;

use super::log_in;
use crate::world::{Browser, ISSUER, World, block_on, query, settings};

fn jwks(key: &Key) -> Value {
    serde_json::from_str(&format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap())).unwrap()
}

#[test]
fn s31_a_pushed_request_says_nothing_in_the_browser() {
    let world = World::new();
    let (id, secret) = world.register(|new| new.metadata.require_pushed_authorization_requests = true);
    let client = world.connect(settings(&id, ClientAuth::Secret(secret.as_str().into())).push_requests());
    let (address, _) = block_on(client.start(&LoginOptions::new().login_hint("ada"))).unwrap();
    let names: Vec<_> = query(&address).iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    assert!(log_in(&world, &client).id_token.is_some());
    // Not pushed, the provider does not take it from this client.
    let plain = world.client(&id, &secret);
    let (address, _) = block_on(plain.start(&LoginOptions::new())).unwrap();
    assert!(!Browser::default().open(&world, &address).status().is_success());
    let refused = world.connect(settings(&id, ClientAuth::Secret("wrong".into())).push_requests());
    let error = block_on(refused.start(&LoginOptions::new())).unwrap_err();
    assert!(matches!(error, Error::Endpoint { status: 401, .. }), "{error}");
}

#[test]
fn s33_a_signed_request_logs_in_pushed_or_not_and_only_by_its_key() {
    let world = World::new();
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let (id, secret) = world.register(|new| {
        new.metadata.jwks = Some(jwks(&key));
        new.metadata.require_signed_request_object = true;
    });
    let config = || settings(&id, ClientAuth::Secret(secret.as_str().into()));
    for client in [
        world.connect(config().sign_requests(key.clone())),
        world.connect(config().sign_requests(key.clone()).push_requests()),
    ] {
        let login = log_in(&world, &client);
        assert_eq!(login.user_info.claims.name.as_deref(), Some("Ada Lovelace"));
    }
    let other = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    for refused in [config(), config().sign_requests(other)] {
        let (address, _) = block_on(world.connect(refused).start(&LoginOptions::new())).unwrap();
        let answer = Browser::default().open(&world, &address);
        assert!(
            answer.headers().get("location").is_none_or(|to| !to.to_str().unwrap().contains("interaction"))
        );
    }
}

#[test]
fn every_method_of_authentication_gets_tokens() {
    let world = World::new();
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    for (method, jwks) in [
        (ClientAuthMethod::ClientSecretBasic, None),
        (ClientAuthMethod::ClientSecretPost, None),
        (ClientAuthMethod::ClientSecretJwt, None),
        (ClientAuthMethod::PrivateKeyJwt, Some(jwks(&key))),
        (ClientAuthMethod::None, None),
    ] {
        let (id, secret) = world.register(|new| {
            new.metadata.token_endpoint_auth_method = method.clone();
            new.metadata.jwks = jwks.clone();
        });
        let auth = match method {
            ClientAuthMethod::ClientSecretBasic => ClientAuth::Secret(secret.into()),
            ClientAuthMethod::ClientSecretPost => ClientAuth::SecretPost(secret.into()),
            ClientAuthMethod::ClientSecretJwt => ClientAuth::SecretJwt(secret.into()),
            ClientAuthMethod::PrivateKeyJwt => ClientAuth::PrivateKey(key.clone()),
            _ => ClientAuth::None,
        };
        assert!(log_in(&world, &world.client_with(&id, auth)).id_token.is_some(), "{method:?}");
    }
}

#[test]
fn an_answer_by_form_and_the_hybrid_flow() {
    let world = World::with(|config| config.server.profile = Profile::Legacy);
    let (id, secret) = world.register(|new| {
        new.metadata.response_types = vec!["code".parse().unwrap(), "code id_token".parse().unwrap()];
        new.metadata.grant_types = vec![GrantType::AuthorizationCode, GrantType::Implicit];
    });
    let config = || settings(&id, ClientAuth::Secret(secret.as_str().into()));
    for client in [world.connect(config().form_post()), world.connect(config().hybrid())] {
        let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
        let form = Browser::default().authorize_by_form(&world, &address);
        assert!(block_on(client.callback(&pending, &form)).unwrap().id_token.is_some());
    }
    // The token beside the code must be of this login, and of this code.
    let client = world.connect(config().hybrid());
    let answer = || {
        let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
        (Params::parse(Browser::default().authorize_by_form(&world, &address).as_bytes()).unwrap(), pending)
    };
    let ((one, pending), (other, _)) = (answer(), answer());
    for name in ["id_token", "code"] {
        let mut mixed = one.clone();
        mixed.set(name, other.get(name).unwrap());
        let error = block_on(client.callback(&pending, &mixed.to_query())).unwrap_err();
        assert!(matches!(error, Error::IdToken(_)), "{name}: {error}");
    }
    assert!(block_on(client.callback(&pending, &one.to_query())).is_ok(), "nothing was used up by that");
}

#[test]
fn s28_an_id_token_that_was_asked_for_beside_the_code_must_come() {
    let world = World::with(|config| config.server.profile = Profile::Legacy);
    let (id, secret) = world.register(|new| {
        new.metadata.response_types = vec!["code id_token".parse().unwrap()];
        new.metadata.grant_types = vec![GrantType::AuthorizationCode, GrantType::Implicit];
    });
    let client = world.connect(settings(&id, ClientAuth::Secret(secret.into())).hybrid());
    let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
    let form = Browser::default().authorize_by_form(&world, &address);
    // Whoever sent the browser on to another provider asked there for a code alone.
    let without: Params = query(&format!("?{form}")).iter().filter(|(name, _)| *name != "id_token").collect();
    for error in [
        block_on(client.callback(&pending, &without.to_query())).map(drop).unwrap_err(),
        block_on(client.callback_for_tokens(&pending, &without.to_query())).map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, Error::IdToken(_)), "{error}");
    }
    assert!(block_on(client.callback(&pending, &form)).is_ok(), "the code was sent nowhere");
}

#[test]
fn s28_an_id_token_that_was_not_verified_stands_in_for_no_issuer() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
    let right = Browser::default().authorize(&world, &address);
    let mut forged = query(&right);
    forged.set("iss", "");
    forged.set("id_token", "e30.e30.e30");
    for error in [
        block_on(client.callback(&pending, &forged.to_query())).map(drop).unwrap_err(),
        block_on(client.callback_for_tokens(&pending, &forged.to_query())).map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, Error::IdToken(_)), "{error}");
    }
    assert!(block_on(client.callback(&pending, right.split_once('?').unwrap().1)).is_ok());
}

#[test]
fn s28_a_login_that_was_begun_elsewhere_does_not_end_here() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
    let callback = Browser::default().authorize(&world, &address);
    let mut elsewhere: Value = serde_json::to_value(&pending).unwrap();
    elsewhere["issuer"] = "https://other.example".into();
    let elsewhere = serde_json::from_value(elsewhere).unwrap();
    let answer = callback.split_once('?').unwrap().1;
    let error = block_on(client.callback(&elsewhere, answer)).unwrap_err();
    assert!(matches!(error, Error::ForeignCallback(_)), "{error}");
    assert!(block_on(client.callback(&pending, answer)).is_ok());
}

#[test]
fn single_claims_and_parameters_of_the_providers_own() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let claims = ClaimsRequest::parse(r#"{"id_token":{"email":null}}"#).unwrap();
    let config = settings(&id, ClientAuth::Secret(secret.into()))
        .scope("openid".parse().unwrap())
        .claims(claims)
        .parameter("access_type", "offline")
        .parameter("client_id", "another")
        .parameter("state", "fixed");
    let client = world.connect(config);
    let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
    let asked = query(&address);
    assert_eq!(asked.get("access_type"), Some("offline"));
    assert_eq!((asked.get("client_id"), asked.get("state")), (Some(&*id), Some(pending.state())));
    let login = log_in(&world, &client);
    assert_eq!(login.id_token.unwrap().person.email.as_deref(), Some("ada@example.com"));
}

#[test]
fn s32_another_person_or_a_weaker_login_than_asked_for_is_refused() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let mut browser = Browser::default();
    let mut again = |options: &LoginOptions, change: fn(&mut Value)| {
        let (address, pending) = block_on(client.start(options)).unwrap();
        let callback = browser.authorize(&world, &address);
        let mut pending = serde_json::to_value(&pending).unwrap();
        change(&mut pending);
        let pending = serde_json::from_value(pending).unwrap();
        block_on(client.callback(&pending, callback.split_once('?').unwrap().1))
    };
    let first = again(&LoginOptions::new(), |_| {}).unwrap();
    let same = LoginOptions::new().same_person(&first).prompt(&[Prompt::None]);
    assert!(again(&same, |_| {}).is_ok());
    let error = again(&same, |pending| pending["subject"] = "somebody-else".into()).unwrap_err();
    assert!(matches!(&error, Error::IdToken(text) if text.contains("another person")), "{error}");
    let error = again(&LoginOptions::new(), |pending| pending["required_acr"] = ["high"].into()).unwrap_err();
    assert!(matches!(&error, Error::IdToken(text) if text.contains("acr")), "{error}");
}

#[test]
fn tokens_for_an_api_need_no_login() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let config = settings(&id, ClientAuth::Secret(secret.into())).scope("email".parse().unwrap());
    let client = world.connect(config);
    let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
    assert_eq!(query(&address).get("nonce"), None);
    let callback = Browser::default().authorize(&world, &address);
    let answer = callback.split_once('?').unwrap().1;
    let tokens = block_on(client.callback_for_tokens(&pending, answer)).unwrap();
    assert_eq!((tokens.id_token, tokens.scope.unwrap().as_str()), (None, "email"));
    assert!(address.starts_with(ISSUER));
}
