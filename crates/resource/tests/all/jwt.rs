//! JWT access tokens: rows S12 to S16.

use authmint_jose::{Algorithm, ContentEncryption, EncryptionKey, Key, KeyManagement, KeySet};
use authmint_resource::{Reason, TrustedIssuer};
use http::StatusCode;
use serde_json::{Value, json};

use crate::world::{API, ISSUER, NOW, World, bearer, claims};

#[test]
fn a_token_of_rfc_9068_is_read_whole() {
    let world = World::new();
    let token = claims(&json!({ "auth_time": NOW - 5, "acr": "mfa", "roles": ["admin"] }));
    let token = bearer(&world.api(), &world.token(&token)).unwrap();
    assert_eq!((&*token.issuer, &*token.subject, token.client_id.as_deref()), (ISSUER, "ada", Some("app")));
    assert!(token.scope.contains("orders:read") && token.audience.contains(API));
    assert_eq!(token.issued_at.unwrap().as_secs(), NOW);
    assert_eq!(token.expires_at.unwrap().as_secs(), NOW + 300);
    assert_eq!((token.id.as_deref(), token.acr.as_deref()), (Some("1"), Some("mfa")));
    assert_eq!(token.auth_time.unwrap().as_secs(), NOW - 5);
    assert_eq!(Value::Object(token.claims), json!({ "roles": ["admin"] }));
}

#[test]
fn s12_an_encrypted_token_is_none() {
    let world = World::new();
    let key = EncryptionKey::generate(KeyManagement::EcdhEsA128Kw).unwrap();
    let inner = claims(&json!({})).to_string();
    for payload in [inner.clone(), world.token(&claims(&json!({})))] {
        let token = key.encrypt_jwe(payload.as_bytes(), ContentEncryption::A128Gcm).unwrap();
        for api in [world.api(), world.untyped()] {
            assert!(bearer(&api, &token).is_err());
        }
    }
    let unsigned = format!("{}.{}.", base64(r#"{"alg":"none","typ":"at+jwt"}"#), base64(&inner));
    for api in [world.api(), world.untyped()] {
        assert!(bearer(&api, &unsigned).is_err());
        assert!(bearer(&api, &format!("{unsigned}.x.y")).is_err());
    }
}

fn base64(text: &str) -> String {
    authmint_jose::base64url::encode(text.as_bytes())
}

#[test]
fn s13_times_of_another_type_are_no_times() {
    let world = World::new();
    for (typ, api) in [("at+jwt", world.api()), ("JWT", world.untyped())] {
        let judge = |claims: &Value| bearer(&api, &world.key.sign_jwt(typ, claims).unwrap()).is_ok();
        assert!(judge(&claims(&json!({}))));
        for name in ["exp", "nbf", "iat", "auth_time"] {
            for value in [json!("2000000000"), json!(true), json!([NOW]), json!(-1), json!({}), json!(1e300)]
            {
                assert!(!judge(&claims(&json!({ name: value }))), "{name} {value}");
            }
        }
        for changed in [
            json!({ "exp": null }),
            json!({ "exp": NOW - 30 }),
            json!({ "nbf": NOW + 31 }),
            json!({ "iat": NOW + 1_000 }),
        ] {
            assert!(!judge(&claims(&changed)), "{changed}");
        }
        assert!(
            judge(&claims(&json!({ "exp": NOW - 29, "nbf": NOW + 30 }))),
            "clocks may differ by 30 seconds"
        );
    }
}

#[test]
fn s14_issuer_and_audience_are_compared_exactly() {
    let world = World::new();
    for (typ, api) in [("at+jwt", world.api()), ("JWT", world.untyped())] {
        let judge = |claims: &Value| bearer(&api, &world.key.sign_jwt(typ, claims).unwrap()).is_ok();
        assert!(judge(&claims(&json!({ "aud": ["https://other.example", API] }))));
        for changed in [
            json!({ "iss": "https://op.example/" }),
            json!({ "iss": "https://OP.example" }),
            json!({ "iss": "https://op.example.evil.example" }),
            json!({ "iss": null }),
            json!({ "iss": [ISSUER] }),
            json!({ "aud": "https://api.example/" }),
            json!({ "aud": "https://api" }),
            json!({ "aud": "https://api.example.evil.example" }),
            json!({ "aud": ["https://other.example https://api.example"] }),
            json!({ "aud": [] }),
            json!({ "aud": null }),
        ] {
            assert!(!judge(&claims(&changed)), "{changed}");
        }
    }
}

/// Every other kind of token there is, from the very issuer, for the very audience, with what an access token has besides.
#[test]
fn s15_no_other_kind_of_token_passes_for_an_access_token() {
    let world = World::new();
    let mark = |more: &Value| claims(more);
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let others = [
        ("JWT", mark(&json!({ "nonce": "n" }))),
        ("JWT", mark(&json!({ "at_hash": "x" }))),
        ("JWT", mark(&json!({ "c_hash": "x" }))),
        ("JWT", mark(&json!({ "s_hash": "x" }))),
        ("JWT", mark(&json!({ "events": event }))),
        ("logout+jwt", mark(&json!({ "events": event }))),
        ("client-authentication+jwt", mark(&json!({}))),
        ("dpop+jwt", mark(&json!({ "htm": "GET", "htu": API }))),
        ("JWT", mark(&json!({ "htm": "GET", "htu": API }))),
        ("token-introspection+jwt", mark(&json!({}))),
        ("secevent+jwt", mark(&json!({}))),
        ("JWT", mark(&json!({ "typ": "ID" }))),
        ("JWT", mark(&json!({ "typ": "Refresh" }))),
        ("JWT", mark(&json!({ "token_use": "id" }))),
        // An ID token of the code flow need have neither nonce nor hash: it has no mark of an access token either.
        ("JWT", claims(&json!({ "client_id": null, "scope": null, "name": "Ada", "auth_time": NOW }))),
        ("JWT", claims(&json!({ "client_id": null, "scope": null, "azp": API }))),
        // A client's assertion: it is its own issuer.
        (
            "JWT",
            json!({ "iss": "app", "sub": "app", "aud": API, "jti": "1", "exp": NOW + 60, "client_id": "app" }),
        ),
        // The answer of an authorization endpoint (JARM), and a request object.
        (
            "JWT",
            json!({ "iss": ISSUER, "aud": API, "exp": NOW + 60, "code": "x", "state": "y", "scope": "openid" }),
        ),
        ("oauth-authz-req+jwt", mark(&json!({}))),
    ];
    for (typ, claims) in &others {
        let token = world.key.sign_jwt(typ, claims).unwrap();
        for api in [world.api(), world.untyped()] {
            let rejection = bearer(&api, &token).unwrap_err();
            assert_eq!(rejection.status(), StatusCode::UNAUTHORIZED, "{typ} {claims}");
        }
    }
    // A good one is taken by the API that was told of its kind; one that says what it is, by both.
    let good = claims(&json!({}));
    let (typed, plain) =
        (world.key.sign_jwt("at+jwt", &good).unwrap(), world.key.sign_jwt("JWT", &good).unwrap());
    assert!(bearer(&world.api(), &typed).is_ok() && bearer(&world.untyped(), &plain).is_ok());
    assert!(bearer(&world.api(), &plain).is_err() && bearer(&world.untyped(), &typed).is_ok());
}

#[test]
fn tokens_of_the_large_providers_are_read_where_they_are_asked_for() {
    let world = World::new();
    let base = json!({ "client_id": null, "scope": null, "jti": null });
    let with = |more: Value| {
        let mut claims = claims(&base);
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    for (who, claims, client, scope) in [
        (
            "Keycloak",
            with(json!({ "azp": "app", "scope": "email a", "typ": "Bearer", "sid": "1" })),
            "app",
            "a",
        ),
        ("Auth0", with(json!({ "azp": "app", "scope": "a b", "permissions": ["a"] })), "app", "b"),
        ("Okta", with(json!({ "cid": "app", "scp": ["a", "b"], "uid": "u" })), "app", "b"),
        ("Entra ID, version 2", with(json!({ "azp": "app", "scp": "a b", "ver": "2.0" })), "app", "b"),
        ("Entra ID, version 1", with(json!({ "appid": "app", "scp": "a", "ver": "1.0" })), "app", "a"),
    ] {
        for token in [world.key.sign_jwt("JWT", &claims).unwrap(), without_typ(&world.key, &claims)] {
            let token = bearer(&world.untyped(), &token).unwrap_or_else(|error| panic!("{who}: {error:?}"));
            assert_eq!(token.client_id.as_deref(), Some(client), "{who}");
            assert!(token.scope.contains(scope), "{who}");
        }
    }
}

fn without_typ(key: &Key, claims: &Value) -> String {
    authmint_jose::JwsBuilder::new().sign(key, claims.to_string().as_bytes()).unwrap()
}

#[test]
fn a_token_without_a_subject_is_taken_only_where_that_was_said() {
    let world = World::new();
    let token = world.key.sign_jwt("JWT", &claims(&json!({ "sub": null }))).unwrap();
    assert!(bearer(&world.untyped(), &token).is_err());
    let issuer = world.jwts().accept_tokens_that_are_not_typed_as_access_tokens();
    let issuer = issuer.take_the_client_for_a_missing_subject();
    let api = world.builder().issuer(issuer).build().unwrap();
    assert_eq!(bearer(&api, &token).unwrap().subject, "app");
}

#[test]
fn s16_name_algorithm_and_use_of_the_key_must_all_fit() {
    let world = World::new();
    let other = Key::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let rsa = Key::generate(Algorithm::RS256).unwrap().with_kid("k2");
    let mut for_encryption: Value = serde_json::from_str(&other.public_jwk().unwrap()).unwrap();
    for_encryption["use"] = json!("enc");
    let mut keys = vec![for_encryption];
    for key in [&world.key, &rsa] {
        keys.push(serde_json::from_str(&key.public_jwk().unwrap()).unwrap());
    }
    let keys = KeySet::from_jwks(&json!({ "keys": keys }).to_string()).unwrap();
    let issuer = TrustedIssuer::jwt_with_keys(ISSUER, keys).unwrap().algorithms(&[Algorithm::ES256]);
    let api = world.builder().issuer(issuer).build().unwrap();
    let good = claims(&json!({}));
    assert!(bearer(&api, &world.token(&good)).is_ok());
    for key in [
        other,
        rsa.clone(),
        rsa.with_kid("k1"),
        world.key.clone().with_kid("k2"),
        Key::from_secret(world.key.public_jwk().unwrap().as_bytes(), Algorithm::HS256)
            .unwrap_or_else(|_| Key::generate(Algorithm::HS256).unwrap())
            .with_kid("k1"),
    ] {
        assert!(bearer(&api, &key.sign_jwt("at+jwt", &good).unwrap()).is_err(), "{key:?}");
    }
}

#[test]
fn s38_a_token_that_is_bound_to_a_certificate_is_refused() {
    let world = World::new();
    for (typ, api) in [("at+jwt", world.api()), ("JWT", world.untyped())] {
        let bound = claims(&json!({ "cnf": { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } }));
        assert!(bearer(&api, &world.key.sign_jwt(typ, &bound).unwrap()).is_err());
    }
}

#[test]
fn s20_an_issuer_that_is_down_disturbs_nobody_who_was_known_and_is_a_503_to_others() {
    let world = World::new();
    let (api, token) = (world.api(), world.token(&claims(&json!({ "exp": NOW + 200_000 }))));
    world.down.store(true, std::sync::atomic::Ordering::SeqCst);
    let rejection = bearer(&api, &token).unwrap_err();
    assert!(matches!(rejection.reason(), Reason::NoIssuer(_)));
    let response = rejection.response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!response.headers().contains_key("www-authenticate"), "the token may well be good");
    world.down.store(false, std::sync::atomic::Ordering::SeqCst);
    world.clock.advance(authmint_fetch::COOL_DOWN);
    assert!(bearer(&api, &token).is_ok());
    world.down.store(true, std::sync::atomic::Ordering::SeqCst);
    world.clock.advance(std::time::Duration::from_secs(60 * 60));
    let asked = world.asked();
    for _ in 0..1_000 {
        assert!(bearer(&api, &token).is_ok());
        let unknown = Key::generate(Algorithm::ES256).unwrap().with_kid("unknown");
        assert!(bearer(&api, &unknown.sign_jwt("at+jwt", &claims(&json!({}))).unwrap()).is_err());
    }
    assert!(world.asked() <= asked + 2, "{}", world.asked() - asked);
    world.clock.advance(authmint_fetch::STALE_LIMIT);
    assert!(matches!(bearer(&api, &token).unwrap_err().reason(), Reason::NoIssuer(_)), "a day is enough");
}
