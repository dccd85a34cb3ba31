//! The API: what comes in by `Bearer`, and what does not; rows S12 to S16, S37.

use authmint_jose::{Algorithm, Key, SealingKey, Timestamp};
use authmint_oauth2::DpopProof;
use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::browser::{Browser, text};
use super::{Adapter, Setting, World};

fn claims(more: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://one.example", "aud": "https://api.example", "sub": "ada", "client_id": "app", "jti": "1",
        "iat": 1_800_000_000, "exp": 1_800_000_300, "scope": "orders:read",
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

async fn call(browser: &mut Browser<'_>, authorization: &[&str]) -> Response<Bytes> {
    let mut request = Request::get("/v1/orders").header("host", "api.example");
    for value in authorization {
        request = request.header("authorization", *value);
    }
    browser.request(request.body(Bytes::new()).unwrap()).await
}

fn challenge(response: &Response<Bytes>) -> &str {
    response.headers()[WWW_AUTHENTICATE].to_str().unwrap()
}

pub async fn a_token_with_the_scope_comes_in_and_others_are_told_what_is_missing<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    let token = world.api_key.sign_jwt("at+jwt", &claims(&json!({}))).unwrap();
    let answer = call(&mut browser, &[&format!("Bearer {token}")]).await;
    assert_eq!((answer.status(), text(&answer).as_str()), (StatusCode::OK, "orders of ada"));

    let nothing = call(&mut browser, &[]).await;
    assert_eq!(nothing.status(), StatusCode::UNAUTHORIZED);
    assert!(challenge(&nothing).starts_with("Bearer") && !challenge(&nothing).contains("error"));
    let other = world.api_key.sign_jwt("at+jwt", &claims(&json!({ "scope": "orders" }))).unwrap();
    let lacking = call(&mut browser, &[&format!("Bearer {other}")]).await;
    assert_eq!(lacking.status(), StatusCode::FORBIDDEN);
    assert!(challenge(&lacking).contains(r#"error="insufficient_scope""#));
    assert!(challenge(&lacking).contains(r#"scope="orders:read""#), "{}", challenge(&lacking));
    let both = format!("Bearer {token}");
    assert_eq!(call(&mut browser, &[&both, &both]).await.status(), StatusCode::BAD_REQUEST);
}

pub async fn s12_to_s16_what_is_no_access_token_is_refused<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    let key = &world.api_key;
    let signed = |typ: &str, more: Value| key.sign_jwt(typ, &claims(&more)).unwrap();
    let good = signed("at+jwt", json!({}));
    let sealed = SealingKey::generate().unwrap().seal("at+jwt", good.as_bytes()).unwrap();
    let same_name = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let other_family = Key::generate(Algorithm::HS256).unwrap().with_kid("k");
    let refused = [
        ("S12 encrypted", sealed),
        ("S13 exp as text", signed("at+jwt", json!({ "exp": "1800000300" }))),
        ("S13 exp null", signed("at+jwt", json!({ "exp": null }))),
        ("S13 exp true", signed("at+jwt", json!({ "exp": true }))),
        ("S13 nbf as list", signed("at+jwt", json!({ "nbf": [] }))),
        ("S13 expired", signed("at+jwt", json!({ "exp": 1_799_999_000 }))),
        ("S14 issuer with a slash", signed("at+jwt", json!({ "iss": "https://one.example/" }))),
        ("S14 issuer in capitals", signed("at+jwt", json!({ "iss": "https://ONE.example" }))),
        ("S14 audience by prefix", signed("at+jwt", json!({ "aud": "https://api.example/v1" }))),
        ("S14 audience in a longer text", signed("at+jwt", json!({ "aud": ["x https://api.example"] }))),
        ("S15 an ID token", signed("JWT", json!({ "nonce": "n" }))),
        ("S15 a logout token", signed("logout+jwt", json!({ "events": {} }))),
        ("S15 a DPoP proof", signed("dpop+jwt", json!({}))),
        ("S16 another key of that name", same_name.sign_jwt("at+jwt", &claims(&json!({}))).unwrap()),
        ("S16 another family", other_family.sign_jwt("at+jwt", &claims(&json!({}))).unwrap()),
        ("no token at all", "a.b.c".to_owned()),
    ];
    for (what, token) in refused {
        let answer = call(&mut browser, &[&format!("Bearer {token}")]).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{what}");
        assert!(challenge(&answer).contains(r#"error="invalid_token""#), "{what}: {}", challenge(&answer));
        assert!(!text(&answer).contains("ey") && !challenge(&answer).contains("ey"), "{what}");
    }
    assert_eq!(call(&mut browser, &[&format!("Bearer {good}")]).await.status(), StatusCode::OK);
}

/// The proof names the address that the client called, also where a router takes a part of it away.
pub async fn s37_a_bound_token_comes_in_with_its_proof_alone<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    let client = Key::generate(Algorithm::ES256).unwrap();
    let cnf = json!({ "cnf": { "jkt": client.thumbprint() } });
    let bound = world.api_key.sign_jwt("at+jwt", &claims(&cnf)).unwrap();
    let free = world.api_key.sign_jwt("at+jwt", &claims(&json!({}))).unwrap();
    for value in [format!("Bearer {bound}"), format!("DPoP {bound}"), format!("DPoP {free}")] {
        let answer = call(&mut browser, &[&value]).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{}", &value[..6]);
    }
    let now = Timestamp::from_secs(1_800_000_000);
    let orders = "https://api.example/v1/orders";
    for (jti, method, uri, token, key, status) in [
        ("1", Method::GET, "https://api.example/orders", &bound, &client, StatusCode::UNAUTHORIZED),
        ("2", Method::POST, orders, &bound, &client, StatusCode::UNAUTHORIZED),
        ("3", Method::GET, orders, &free, &client, StatusCode::UNAUTHORIZED),
        ("4", Method::GET, orders, &bound, &world.api_key, StatusCode::UNAUTHORIZED),
        ("5", Method::GET, orders, &bound, &client, StatusCode::OK),
        ("5", Method::GET, orders, &bound, &client, StatusCode::UNAUTHORIZED),
    ] {
        let proof = DpopProof::sign(key, &method, uri, Some(token), None, jti, now).unwrap();
        let request = Request::get("/v1/orders").header("authorization", format!("DPoP {bound}"));
        let request = request.header("dpop", proof.expose()).body(Bytes::new()).unwrap();
        assert_eq!(browser.request(request).await.status(), status, "proof {jti}");
    }
}

pub async fn a_scope_that_is_none_opens_nothing<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    let token = world.api_key.sign_jwt("at+jwt", &claims(&json!({}))).unwrap();
    let request = Request::get("/broken").header("authorization", format!("Bearer {token}"));
    let answer = browser.request(request.body(Bytes::new()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

pub async fn an_api_says_whom_it_trusts<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    let answer = browser.get("/.well-known/oauth-protected-resource").await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    let metadata: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(metadata["resource"], "https://api.example");
    assert_eq!(metadata["authorization_servers"], json!(["https://one.example"]));
}
