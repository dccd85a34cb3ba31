//! Tokens that are bound to a key: rows S37 and S45.

use std::sync::Arc;
use std::time::Duration;

use authmint_jose::{Algorithm, Clock, Key, SealingKey};
use authmint_resource::{
    AccessToken, DpopProof, MemoryReplays, Reason, Rejection, ReplayError, ReplayStore, Requirement,
    ResourceServer, Timestamp, Used,
};
use http::{Method, StatusCode};
use serde_json::json;

use crate::world::{API, World, bearer, challenges, claims, send};

struct Prover<'w> {
    world: &'w World,
    key: Key,
}

impl<'w> Prover<'w> {
    fn new(world: &'w World) -> Self {
        Self { world, key: Key::generate(Algorithm::ES256).unwrap() }
    }

    /// A token that is bound to its key.
    fn token(&self) -> String {
        self.world.token(&claims(&json!({ "cnf": { "jkt": self.key.thumbprint() } })))
    }

    fn proof(&self, uri: &str, token: &str, jti: &str, nonce: Option<&str>) -> String {
        let now = self.world.clock.now();
        let proof = DpopProof::sign(&self.key, &Method::GET, uri, Some(token), nonce, jti, now);
        proof.unwrap().expose().to_owned()
    }

    fn fitting(&self, token: &str, jti: &str) -> String {
        self.proof(&format!("{API}/orders"), token, jti, None)
    }
}

fn present(api: &ResourceServer, scheme: &str, token: &str, proof: &str) -> Result<AccessToken, Rejection> {
    let headers = [("authorization", &*format!("{scheme} {token}")), ("dpop", proof)];
    send(api, &headers, &Requirement::any_token())
}

#[test]
fn s37_a_bound_token_is_good_with_its_proof_and_worth_nothing_without() {
    let world = World::new();
    let opaque = world.opaque();
    let prover = Prover::new(&world);
    let jkt = prover.key.thumbprint();
    *world.answer.lock().unwrap() =
        claims(&json!({ "active": true, "token_type": "DPoP", "cnf": { "jkt": jkt } }));
    let other = Prover::new(&world);
    for (api, token) in [(world.api(), prover.token()), (opaque, "opaque".to_owned())] {
        let good = present(&api, "DPoP", &token, &prover.fitting(&token, "good")).unwrap();
        assert_eq!(good.cnf.jkt.as_ref(), Some(&jkt));
        for (scheme, proof) in [
            ("Bearer", prover.fitting(&token, "1")),
            ("DPoP", prover.fitting(&token, "good")),
            ("DPoP", prover.fitting("another token", "2")),
            ("DPoP", prover.proof("https://api.example/others", &token, "3", None)),
            ("DPoP", prover.proof("https://evil.example/orders", &token, "4", None)),
            ("DPoP", prover.proof("http://api.example/orders", &token, "5", None)),
            ("DPoP", other.fitting(&token, "6")),
            ("DPoP", "x".to_owned()),
            ("DPoP", token.clone()),
        ] {
            let rejection = present(&api, scheme, &token, &proof).unwrap_err();
            assert_eq!(rejection.status(), StatusCode::UNAUTHORIZED, "{scheme} {proof}");
        }
        assert!(bearer(&api, &token).is_err());
        let without = [("authorization", &*format!("DPoP {token}"))];
        assert!(send(&api, &without, &Requirement::any_token()).is_err());
        let twice =
            [without[0], ("dpop", &*prover.fitting(&token, "7")), ("dpop", &*prover.fitting(&token, "8"))];
        assert!(send(&api, &twice, &Requirement::any_token()).is_err());
        let posted = DpopProof::sign(
            &prover.key,
            &Method::POST,
            "https://api.example/orders",
            Some(&token),
            None,
            "9",
            world.clock.now(),
        );
        assert!(present(&api, "DPoP", &token, posted.unwrap().expose()).is_err());
    }
}

#[test]
fn s37_an_unbound_token_does_not_come_under_the_scheme_of_bound_ones() {
    let world = World::new();
    let (api, prover) = (world.api(), Prover::new(&world));
    let token = world.token(&claims(&json!({})));
    assert!(present(&api, "DPoP", &token, &prover.fitting(&token, "1")).is_err());
    assert!(bearer(&api, &token).is_ok());
}

#[test]
fn s37_bound_tokens_can_be_demanded_of_all_or_of_one_operation() {
    let world = World::new();
    let prover = Prover::new(&world);
    let (bound, plain) = (prover.token(), world.token(&claims(&json!({}))));
    let strict = world.builder().issuer(world.jwts()).requires_bound_tokens().build().unwrap();
    let refused = bearer(&strict, &plain).unwrap_err();
    assert!(
        challenges(&refused).iter().all(|challenge| challenge.starts_with("DPoP error=\"invalid_token\""))
    );
    assert!(present(&strict, "DPoP", &bound, &prover.fitting(&bound, "1")).is_ok());
    assert!(strict.metadata().dpop_bound_access_tokens_required);
    let (api, demand) = (world.api(), Requirement::any_token().bound_token());
    let headers = [("authorization", &*format!("Bearer {plain}"))];
    let refused = send(&api, &headers, &demand).unwrap_err();
    assert_eq!(challenges(&refused).len(), 1);
    let proof = prover.fitting(&bound, "2");
    let headers = [("authorization", &*format!("DPoP {bound}")), ("dpop", &*proof)];
    assert!(send(&api, &headers, &demand).is_ok());
    assert!(bearer(&api, &plain).is_ok());
}

#[test]
fn s37_of_many_requests_with_one_proof_one_is_let_in() {
    let world = World::new();
    let (api, prover) = (world.api(), Prover::new(&world));
    let token = prover.token();
    let proof = prover.fitting(&token, "1");
    let won = std::thread::scope(|scope| {
        let racers: Vec<_> =
            (0..32).map(|_| scope.spawn(|| present(&api, "DPoP", &token, &proof).is_ok())).collect();
        racers.into_iter().map(|racer| usize::from(racer.join().unwrap())).sum::<usize>()
    });
    assert_eq!(won, 1);
    world.clock.advance(Duration::from_secs(71));
    assert!(present(&api, "DPoP", &token, &proof).is_err(), "too old by then");
}

#[test]
fn s37_proofs_beside_tokens_that_are_not_good_fill_nothing() {
    let world = World::new();
    let replays = Arc::new(MemoryReplays::new(8));
    let api = world.builder().issuer(world.jwts()).replay_store(replays).build().unwrap();
    let prover = Prover::new(&world);
    let forged = Key::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let jkt = prover.key.thumbprint();
    let bad = forged.sign_jwt("at+jwt", &claims(&json!({ "cnf": { "jkt": jkt } }))).unwrap();
    for n in 0..100 {
        assert!(present(&api, "DPoP", &bad, &prover.fitting(&bad, &n.to_string())).is_err());
    }
    // One key has a quarter of the room; another is not shut out by it.
    let token = prover.token();
    let outcomes: Vec<_> =
        (0..3).map(|n| present(&api, "DPoP", &token, &prover.fitting(&token, &n.to_string()))).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2);
    let refused = outcomes.into_iter().find_map(Result::err).unwrap();
    assert!(matches!(refused.reason(), Reason::NoReplayStore(ReplayError::Full)));
    assert_eq!(refused.response().status(), StatusCode::SERVICE_UNAVAILABLE);
    let other = Prover::new(&world);
    let token = other.token();
    assert!(present(&api, "DPoP", &token, &other.fitting(&token, "1")).is_ok());
}

#[derive(Debug)]
struct Broken;

impl ReplayStore for Broken {
    fn use_once<'a>(&'a self, _: &'a DpopProof, _: Timestamp) -> Used<'a> {
        Box::pin(std::future::ready(Err(ReplayError::Store("gone".into()))))
    }
}

#[test]
fn s43_a_store_that_fails_lets_nobody_in() {
    let world = World::new();
    let api = world.builder().issuer(world.jwts()).replay_store(Arc::new(Broken)).build().unwrap();
    let prover = Prover::new(&world);
    let token = prover.token();
    let rejection = present(&api, "DPoP", &token, &prover.fitting(&token, "1")).unwrap_err();
    assert_eq!(rejection.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn s37_an_api_may_ask_for_nonces_of_its_own() {
    let world = World::new();
    let nonces = SealingKey::generate().unwrap();
    let api = world.builder().issuer(world.jwts()).requires_nonces(nonces).build().unwrap();
    let prover = Prover::new(&world);
    let (token, uri) = (prover.token(), format!("{API}/orders"));
    let asked = present(&api, "DPoP", &token, &prover.fitting(&token, "1")).unwrap_err().response();
    assert_eq!(asked.status(), StatusCode::UNAUTHORIZED);
    let challenges: Vec<_> = asked.headers().get_all("www-authenticate").iter().collect();
    assert!(
        challenges
            .iter()
            .any(|challenge| { challenge.to_str().unwrap().starts_with("DPoP error=\"use_dpop_nonce\"") })
    );
    let nonce = asked.headers()["dpop-nonce"].to_str().unwrap().to_owned();
    assert_eq!(api.next_nonce().as_ref(), Some(&nonce));
    assert!(present(&api, "DPoP", &token, &prover.proof(&uri, &token, "2", Some("forged"))).is_err());
    // The proof that had no nonce was not used up, nor did it count for anything.
    assert!(present(&api, "DPoP", &token, &prover.proof(&uri, &token, "1", Some(&nonce))).is_ok());
    world.clock.advance(Duration::from_secs(600));
    let token = world.token(&claims(&json!({
        "cnf": { "jkt": prover.key.thumbprint() }, "exp": world.clock.now().as_secs() + 60,
    })));
    assert!(
        present(&api, "DPoP", &token, &prover.proof(&uri, &token, "3", Some(&nonce))).is_err(),
        "too old"
    );
    assert_eq!(world.api().next_nonce(), None);
}

#[test]
fn s45_the_address_of_a_proof_is_the_apis_whatever_the_request_says() {
    let world = World::new();
    let prover = Prover::new(&world);
    let token = prover.token();
    let evil = prover.proof("https://evil.example/orders", &token, "1", None);
    let authorization = format!("DPoP {token}");
    for spoofed in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
    ] {
        let headers = [("authorization", &*authorization), ("dpop", &*evil), spoofed];
        assert!(send(&world.api(), &headers, &Requirement::any_token()).is_err());
    }
    let request = http::Request::get("https://evil.example/orders")
        .header("authorization", &authorization)
        .header("dpop", &evil)
        .body(())
        .unwrap();
    assert!(pollster::block_on(world.api().authorize(&request, &Requirement::any_token())).is_err());
}

#[test]
fn behind_a_proxy_that_shortens_paths_the_external_address_counts() {
    let world = World::new();
    let prover = Prover::new(&world);
    let token = prover.token();
    let outside = "https://www.example/api/v1";
    let builder = world.builder().issuer(world.jwts());
    let api = builder.external_address(format!("{outside}/")).build().unwrap();
    let proof = prover.proof(&format!("{outside}/orders"), &token, "1", None);
    assert!(present(&api, "DPoP", &token, &proof).is_ok());
    assert!(present(&api, "DPoP", &token, &prover.fitting(&token, "2")).is_err());
}

#[test]
fn s37_an_api_without_an_address_takes_no_bound_token() {
    let world = World::new();
    let issuer = world.jwts();
    let builder = ResourceServer::builder("orders").clock(Arc::new(world.clock.clone()));
    let api = builder.issuer(issuer).build().unwrap();
    let prover = Prover::new(&world);
    let jkt = prover.key.thumbprint();
    let token = world.token(&claims(&json!({ "aud": "orders", "cnf": { "jkt": jkt } })));
    let refused = present(&api, "DPoP", &token, &prover.fitting(&token, "1")).unwrap_err();
    assert_eq!(challenges(&refused).len(), 1);
    assert!(challenges(&refused)[0].starts_with("Bearer"));
    assert!(bearer(&api, &token).is_err());
    assert!(bearer(&api, &world.token(&claims(&json!({ "aud": "orders" })))).is_ok());
}
