//! Opaque tokens: introspection and what is kept of it; row S40.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use authmint_jose::{Algorithm, Key, KeySet, Policy, Secret};
use authmint_oauth2::{ClientCredentials, Params};
use authmint_resource::{ClientAuth, Reason, TrustedIssuer};
use http::StatusCode;
use serde_json::{Value, json};

use crate::world::{API, ISSUER, NOW, World, bearer, claims};

fn active(changes: &Value) -> Value {
    let mut answer = claims(&json!({ "active": true, "token_type": "Bearer" }));
    for (name, value) in changes.as_object().unwrap() {
        answer[name] = value.clone();
    }
    answer.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    answer
}

fn answers(world: &World, answer: Value) {
    *world.answer.lock().unwrap() = answer;
}

#[test]
fn an_answer_is_read_like_a_jwt() {
    let world = World::new();
    answers(&world, active(&json!({ "username": "ada@example.com", "acr": "mfa", "auth_time": NOW })));
    let token = bearer(&world.opaque(), "opaque").unwrap();
    assert_eq!((&*token.issuer, &*token.subject, token.client_id.as_deref()), (ISSUER, "ada", Some("app")));
    assert_eq!((token.acr.as_deref(), token.auth_time.unwrap().as_secs()), (Some("mfa"), NOW));
    assert_eq!(Value::Object(token.claims), json!({ "username": "ada@example.com" }));
    answers(
        &world,
        active(&json!({ "iss": null, "exp": null, "iat": null, "jti": null, "token_type": null })),
    );
    let token = bearer(&world.opaque(), "opaque").unwrap();
    assert_eq!((&*token.issuer, token.expires_at), (ISSUER, None));
}

#[test]
fn s40_an_active_token_of_somewhere_else_of_another_time_or_kind_is_refused() {
    let world = World::new();
    for (changes, good) in [
        (json!({}), true),
        (json!({ "aud": ["https://other.example", API] }), true),
        (json!({ "token_type": "bearer" }), true),
        (json!({ "active": false }), false),
        (json!({ "aud": "https://other.example" }), false),
        (json!({ "aud": "https://api.example/" }), false),
        (json!({ "aud": null }), false),
        (json!({ "iss": "https://other.example" }), false),
        (json!({ "token_type": "refresh_token" }), false),
        (json!({ "token_type": "N_A" }), false),
        (json!({ "token_type": 7 }), false),
        (json!({ "token_use": "refresh_token" }), false),
        (json!({ "exp": NOW - 30 }), false),
        (json!({ "exp": "2000000000" }), false),
        (json!({ "nbf": NOW + 31 }), false),
        (json!({ "nonce": "n" }), false),
        (json!({ "events": {} }), false),
        (json!({ "typ": "ID" }), false),
        (json!({ "sub": null }), false),
        (json!({ "token_type": "DPoP" }), false),
        (json!({ "cnf": { "x5t#S256": "x" } }), false),
        (json!({ "cnf": { "jkt": "x" } }), false),
    ] {
        answers(&world, active(&changes));
        let judged = bearer(&world.opaque(), "opaque");
        assert_eq!(judged.is_ok(), good, "{changes}");
        if let Err(rejection) = judged {
            assert_eq!(rejection.status(), StatusCode::UNAUTHORIZED, "{changes}");
        }
    }
}

#[test]
fn s40_an_audience_may_be_absent_only_where_that_was_said() {
    let world = World::new();
    let issuer = || world.introspection().accept_tokens_without_an_audience();
    let api = || world.builder().issuer(issuer()).build().unwrap();
    answers(&world, active(&json!({ "aud": null })));
    assert!(bearer(&api(), "opaque").is_ok());
    answers(&world, active(&json!({ "aud": "https://other.example" })));
    assert!(bearer(&api(), "opaque").is_err());
}

/// What can't be read is nobody's fault who presents a token, and is asked again at once.
#[test]
fn s43_an_answer_that_is_none_is_a_503_and_is_not_kept() {
    let world = World::new();
    let api = world.opaque();
    for broken in [json!({}), json!({ "active": "true" }), json!([]), json!(null), json!({ "active": 1 })] {
        answers(&world, broken.clone());
        let rejection = bearer(&api, "opaque").unwrap_err();
        assert!(matches!(rejection.reason(), Reason::NoIssuer(_)), "{broken}");
        assert_eq!(rejection.response().status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    answers(&world, active(&json!({ "padding": "x".repeat(64 * 1024) })));
    assert_eq!(bearer(&api, "opaque").unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
    answers(&world, active(&json!({})));
    world.down.store(true, Ordering::SeqCst);
    assert_eq!(bearer(&api, "opaque").unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
    world.down.store(false, Ordering::SeqCst);
    assert!(bearer(&api, "opaque").is_ok());
}

#[test]
fn s40_an_answer_is_kept_for_its_time_and_never_beyond_the_tokens_end() {
    let world = World::new();
    let api = world.opaque();
    answers(&world, active(&json!({})));
    for _ in 0..100 {
        assert!(bearer(&api, "opaque").is_ok());
    }
    assert_eq!(world.asked(), 1);
    answers(&world, json!({ "active": false }));
    world.clock.advance(Duration::from_secs(29));
    assert!(bearer(&api, "opaque").is_ok());
    world.clock.advance(Duration::from_secs(1));
    assert!(bearer(&api, "opaque").is_err(), "revoked, and seen after half a minute");
    answers(&world, active(&json!({})));
    world.clock.advance(Duration::from_secs(4));
    assert!(bearer(&api, "opaque").is_err());
    world.clock.advance(Duration::from_secs(1));
    assert!(bearer(&api, "opaque").is_ok());
    // One that ends sooner than the answer would.
    let asked = world.asked();
    let now = authmint_jose::Clock::now(&world.clock).as_secs();
    answers(&world, active(&json!({ "exp": now + 3 })));
    assert!(bearer(&api, "short").is_ok());
    answers(&world, json!({ "active": false }));
    world.clock.advance(Duration::from_secs(3));
    assert!(bearer(&api, "short").is_err());
    assert_eq!(world.asked(), asked + 2);
}

#[test]
fn a_token_that_is_told_apart_by_one_letter_is_another_token() {
    let world = World::new();
    let api = world.opaque();
    answers(&world, active(&json!({})));
    assert!(bearer(&api, "opaque").is_ok());
    answers(&world, json!({ "active": false }));
    assert!(bearer(&api, "opaquE").is_err());
    assert!(bearer(&api, "opaque").is_ok());
}

#[test]
fn s40_a_flood_of_random_tokens_leaves_the_good_ones_known() {
    let world = World::new();
    let api = world.opaque();
    answers(&world, active(&json!({})));
    assert!(bearer(&api, "good").is_ok());
    answers(&world, json!({ "active": false }));
    for n in 0..40_000 {
        assert!(bearer(&api, &format!("random{n}")).is_err());
    }
    let asked = world.asked();
    assert!(bearer(&api, "good").is_ok());
    assert_eq!(world.asked(), asked);
}

#[test]
fn every_way_of_authenticating_reaches_the_issuer_and_the_token_stays_out_of_the_address() {
    let world = World::new();
    answers(&world, active(&json!({})));
    let long = "0123456789abcdef0123456789abcdef";
    let key = Key::generate(Algorithm::ES256).unwrap();
    for auth in [
        ClientAuth::Secret("s3cret".into()),
        ClientAuth::SecretPost("s3cret".into()),
        ClientAuth::SecretJwt(long.into()),
        ClientAuth::PrivateKey(key.clone()),
    ] {
        let at = "https://op.example/introspect";
        let issuer =
            TrustedIssuer::introspection(ISSUER, at, "orders-api", auth.clone(), world.transport()).unwrap();
        let api = world.builder().issuer(issuer).build().unwrap();
        assert!(bearer(&api, "opaque").is_ok());
        let request = world.requests.lock().unwrap().pop().unwrap();
        assert_eq!((request.method().as_str(), request.uri().to_string()), ("POST", at.to_owned()));
        let params = Params::parse(request.body()).unwrap();
        assert_eq!(
            (params.get("token"), params.get("token_type_hint")),
            (Some("opaque"), Some("access_token"))
        );
        let presented = ClientCredentials::from_request(request.headers(), &params).unwrap();
        let secret = || Secret::new("s3cret");
        match (auth, presented) {
            (ClientAuth::Secret(_), ClientCredentials::Basic { client_id, client_secret })
            | (ClientAuth::SecretPost(_), ClientCredentials::Post { client_id, client_secret }) => {
                assert_eq!((&*client_id, client_secret), ("orders-api", secret()));
            }
            (auth, ClientCredentials::Assertion { assertion, .. }) => {
                let (algorithm, key) = match auth {
                    ClientAuth::PrivateKey(key) => (Algorithm::ES256, key),
                    _ => (Algorithm::HS256, Key::from_secret(long.as_bytes(), Algorithm::HS256).unwrap()),
                };
                let policy = Policy::client_assertion(&[algorithm], "orders-api", ISSUER);
                let now = authmint_jose::Timestamp::from_secs(NOW);
                assert!(KeySet::from(key).verify_jwt::<Value>(assertion.expose(), &policy, now).is_ok());
            }
            (auth, presented) => panic!("{auth:?} {presented:?}"),
        }
    }
}

#[test]
fn many_requests_with_one_token_cause_one_question() {
    let world = World::new();
    answers(&world, active(&json!({})));
    let api = Arc::new(world.opaque());
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..32).map(|_| scope.spawn(|| bearer(&api, "opaque").is_ok())).collect();
        assert!(all.into_iter().all(|one| one.join().unwrap()));
    });
    assert_eq!(world.asked(), 1);
}

#[test]
fn s18_nothing_that_is_printed_holds_a_token_or_a_secret() {
    let world = World::new();
    answers(&world, json!({}));
    let api = world.opaque();
    let rejection = bearer(&api, "opaque-token").unwrap_err();
    let response = rejection.response();
    let shown = format!("{api:?} {rejection:?} {rejection} {response:?} {:?}", world.introspection());
    assert!(!shown.contains("opaque-token") && !shown.contains("s3cret"), "{shown}");
}
