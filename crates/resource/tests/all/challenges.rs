//! What a request is told that is turned away, to the letter (RFC 6750 3, RFC 9449 7.1, RFC 9470 3, RFC 9728 5.1).

use std::time::Duration;

use authmint_resource::{Requirement, ResourceServer};
use http::StatusCode;
use serde_json::{Value, json};

use crate::world::{NOW, World, bearer, challenges, claims, send};

const METADATA: &str = r#"resource_metadata="https://api.example/.well-known/oauth-protected-resource""#;
/// Which algorithms there are is the vocabulary's business; where they stand is tested here.
fn algs() -> String {
    let names: Vec<_> = authmint_oauth2::dpop::ALGORITHMS.iter().map(|algorithm| algorithm.name()).collect();
    format!("algs=\"{}\"", names.join(" "))
}

fn dpop() -> String {
    format!("DPoP {METADATA}, {}", algs())
}

#[test]
fn without_a_token_nothing_is_said_of_errors() {
    let world = World::new();
    for headers in [&[][..], &[("authorization", "Basic YTpi")], &[("authorization", "Negotiate x")]] {
        let rejection = send(&world.api(), headers, &Requirement::any_token()).unwrap_err();
        assert_eq!(rejection.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(challenges(&rejection), [format!("Bearer {METADATA}"), dpop()]);
        assert!(rejection.response().body().is_empty());
        assert_eq!(rejection.response().headers()["cache-control"], "no-store");
    }
    let read = Requirement::scope("orders:read").unwrap();
    let rejection = send(&world.api(), &[], &read).unwrap_err();
    assert_eq!(challenges(&rejection)[0], format!("Bearer scope=\"orders:read\", {METADATA}"));
}

#[test]
fn a_token_that_is_not_valid_is_told_so_under_its_own_scheme() {
    let world = World::new();
    let text = "the access token is expired, or not valid for this API";
    let rejection = bearer(&world.api(), "x").unwrap_err();
    assert_eq!(
        challenges(&rejection),
        [format!(r#"Bearer error="invalid_token", error_description="{text}", {METADATA}"#), dpop()]
    );
    let body: Value = serde_json::from_slice(rejection.response().body()).unwrap();
    assert_eq!(body, json!({ "error": "invalid_token", "error_description": text }));
    let rejection =
        send(&world.api(), &[("authorization", "DPoP x")], &Requirement::any_token()).unwrap_err();
    assert_eq!(
        challenges(&rejection),
        [
            format!("Bearer {METADATA}"),
            format!(r#"DPoP error="invalid_token", error_description="{text}", {METADATA}, {}"#, algs())
        ]
    );
}

#[test]
fn what_can_not_be_read_is_a_bad_request() {
    let world = World::new();
    for headers in [
        &[("authorization", "Bearer")][..],
        &[("authorization", "Bearer a b")],
        &[("authorization", "Bearer a"), ("authorization", "Bearer b")],
    ] {
        let rejection = send(&world.api(), headers, &Requirement::any_token()).unwrap_err();
        assert_eq!(rejection.status(), StatusCode::BAD_REQUEST);
        assert!(challenges(&rejection)[0].starts_with("Bearer error=\"invalid_request\""));
    }
}

#[test]
fn a_scope_that_is_lacking_is_named() {
    let world = World::new();
    let token = world.token(&claims(&json!({})));
    let write = Requirement::scope("orders:read orders:write").unwrap();
    let rejection = send(&world.api(), &[("authorization", &format!("Bearer {token}"))], &write).unwrap_err();
    assert_eq!(rejection.status(), StatusCode::FORBIDDEN);
    let text = "the access token lacks a scope that is needed here";
    let expected = format!(
        r#"Bearer error="insufficient_scope", error_description="{text}", scope="orders:read orders:write", {METADATA}"#
    );
    assert_eq!(challenges(&rejection), [expected, dpop()]);
}

#[test]
fn a_login_that_is_too_weak_or_too_old_is_told_what_would_do() {
    let world = World::new();
    let step_up = Requirement::scope("orders:read").unwrap();
    let step_up = step_up.acr_values(["phr", "mfa"]).max_age(Duration::from_secs(300));
    let ask = |changes: Value| {
        let token = world.token(&claims(&changes));
        send(&world.api(), &[("authorization", &format!("Bearer {token}"))], &step_up)
    };
    assert!(ask(json!({ "acr": "mfa", "auth_time": NOW - 300 })).is_ok());
    for changes in [
        json!({ "acr": "pwd", "auth_time": NOW }),
        json!({ "auth_time": NOW }),
        json!({ "acr": "mfa", "auth_time": NOW - 331 }),
        json!({ "acr": "mfa" }),
    ] {
        let rejection = ask(changes).unwrap_err();
        assert_eq!(rejection.status(), StatusCode::UNAUTHORIZED);
        let challenge = &challenges(&rejection)[0];
        assert!(challenge.starts_with("Bearer error=\"insufficient_user_authentication\""), "{challenge}");
        let what = format!(r#"scope="orders:read", acr_values="phr mfa", max_age="300", {METADATA}"#);
        assert!(challenge.ends_with(&what), "{challenge}");
    }
}

#[test]
fn a_realm_is_said_and_a_mere_name_has_no_metadata_and_no_proofs() {
    let world = World::new();
    let api = ResourceServer::builder("orders").realm("the orders").issuer(world.jwts()).build().unwrap();
    let rejection = send(&api, &[], &Requirement::any_token()).unwrap_err();
    assert_eq!(challenges(&rejection), [r#"Bearer realm="the orders""#]);
}
