//! Tokens that are bound to a key (RFC 9449); row S37.

use authmint::jose::{Algorithm, Clock, Key};
use authmint::oauth2::{DpopProof, GrantType, Params};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use crate::world::{Browser, ISSUER, World, claims, code_of, json, redeem, request};

struct Prover<'w> {
    world: &'w World,
    key: Key,
    made: std::cell::Cell<u32>,
}

impl<'w> Prover<'w> {
    fn new(world: &'w World) -> Self {
        Self { world, key: Key::generate(Algorithm::ES256).unwrap(), made: std::cell::Cell::new(0) }
    }

    fn proof(&self, method: &Method, path: &str, token: Option<&str>, nonce: Option<&str>) -> String {
        self.made.set(self.made.get() + 1);
        let (uri, jti) = (format!("{ISSUER}{path}"), format!("jti-{}", self.made.get()));
        let now = self.world.clock.now();
        let proof = DpopProof::sign(&self.key, method, &uri, token, nonce, &jti, now);
        proof.unwrap().expose().to_owned()
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Response<Bytes> {
        post(self.world, path, form, &[&self.proof(&Method::POST, path, None, None)])
    }

    fn user_info(&self, token: &str) -> Response<Bytes> {
        user_info(self.world, "DPoP", token, Some(&self.proof(&Method::GET, "/userinfo", Some(token), None)))
    }
}

fn post(world: &World, path: &str, form: &[(&str, &str)], proofs: &[&str]) -> Response<Bytes> {
    let body = form.iter().copied().collect::<Params>().to_query();
    let mut request = Request::post(format!("{ISSUER}{path}"))
        .header("host", "op.example")
        .header("content-type", "application/x-www-form-urlencoded");
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    world.send(request.body(Bytes::from(body)).unwrap())
}

fn user_info(world: &World, scheme: &str, token: &str, proof: Option<&str>) -> Response<Bytes> {
    let mut request = Request::get(format!("{ISSUER}/userinfo"))
        .header("host", "op.example")
        .header("authorization", format!("{scheme} {token}"));
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    world.send(request.body(Bytes::new()).unwrap())
}

/// The token request of a public client, with its name.
fn redeem_as<'a>(id: &'a str, code: &'a str) -> Vec<(&'a str, &'a str)> {
    [&redeem(code)[..], &[("client_id", id)]].concat()
}

#[test]
fn s37_a_bound_token_is_worth_nothing_without_its_key() {
    let world = World::new();
    for opaque in [false, true] {
        let id = world
            .register(|new| {
                new.metadata.token_endpoint_auth_method = authmint::oauth2::ClientAuthMethod::None;
                if opaque {
                    new.access_token_format = authmint::server::storage::AccessTokenFormat::Opaque;
                }
            })
            .0;
        let prover = Prover::new(&world);
        let code = code_of(&Browser::default().authorize(&world, &request(&id, "openid", &[])));
        let tokens = json(&prover.post("/token", &redeem_as(&id, &code)));
        assert_eq!(tokens["token_type"], "DPoP");
        let token = tokens["access_token"].as_str().unwrap();
        if !opaque {
            assert_eq!(claims(token)["cnf"]["jkt"], prover.key.thumbprint().as_str());
        }
        assert_eq!(prover.user_info(token).status(), StatusCode::OK);
        let other = Prover::new(&world);
        let fit = prover.proof(&Method::GET, "/userinfo", Some(token), None);
        assert_eq!(user_info(&world, "DPoP", token, Some(&fit)).status(), StatusCode::OK);
        for (scheme, proof) in [
            ("Bearer", Some(prover.proof(&Method::GET, "/userinfo", Some(token), None))),
            ("Bearer", None),
            ("DPoP", None),
            ("DPoP", Some(fit)),
            ("DPoP", Some(prover.proof(&Method::GET, "/userinfo", None, None))),
            ("DPoP", Some(prover.proof(&Method::GET, "/userinfo", Some("other"), None))),
            ("DPoP", Some(prover.proof(&Method::POST, "/userinfo", Some(token), None))),
            ("DPoP", Some(prover.proof(&Method::GET, "/token", Some(token), None))),
            ("DPoP", Some(other.proof(&Method::GET, "/userinfo", Some(token), None))),
        ] {
            let refused = user_info(&world, scheme, token, proof.as_deref());
            assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{scheme} {proof:?}");
            let challenge = refused.headers()["www-authenticate"].to_str().unwrap();
            assert!(challenge.starts_with(scheme), "{challenge}");
        }
    }
}

#[test]
fn s37_a_proof_is_used_once_also_by_many_at_once() {
    let world = World::new();
    let (id, secret) = world.register(|new| {
        new.metadata.grant_types = vec![GrantType::ClientCredentials];
        new.metadata.redirect_uris.clear();
        new.metadata.token_endpoint_auth_method = authmint::oauth2::ClientAuthMethod::ClientSecretPost;
    });
    let form = [("grant_type", "client_credentials"), ("client_id", &*id), ("client_secret", &*secret)];
    let proof = Prover::new(&world).proof(&Method::POST, "/token", None, None);
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let racers: Vec<_> =
            (0..64).map(|_| scope.spawn(|| post(&world, "/token", &form, &[&proof]).status())).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::OK).count(), 1);
    let twice = post(&world, "/token", &form, &[&proof, &proof]);
    assert_eq!(json(&twice)["error"], "invalid_dpop_proof");
    assert_eq!(json(&post(&world, "/token", &form, &["x"]))["error"], "invalid_dpop_proof");
}

#[test]
fn s37_codes_and_refresh_tokens_of_public_clients_stay_with_their_key() {
    let world = World::new();
    let id = world.public();
    let (prover, other) = (Prover::new(&world), Prover::new(&world));
    let jkt = prover.key.thumbprint();
    let bound = request(&id, "openid offline_access", &[("dpop_jkt", &jkt)]);
    let code = code_of(&Browser::default().authorize(&world, &bound));
    assert_eq!(json(&other.post("/token", &redeem_as(&id, &code)))["error"], "invalid_grant");
    assert_eq!(json(&world.post("/token", &redeem_as(&id, &code)))["error"], "invalid_grant");
    let tokens = json(&prover.post("/token", &redeem_as(&id, &code)));
    let refresh = |token: &str| {
        [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", &*id)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = refresh(token);
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(json(&other.post("/token", &form))["error"], "invalid_grant");
    assert_eq!(json(&world.post("/token", &form))["error"], "invalid_grant");
    let next = json(&prover.post("/token", &form));
    assert_eq!(next["token_type"], "DPoP", "nobody else used it up: {next}");
}

#[test]
fn a_client_that_authenticates_may_change_its_key_and_one_that_registered_it_must_have_one() {
    let world = World::new();
    let (id, secret) = world.register(|new| {
        new.metadata.token_endpoint_auth_method = authmint::oauth2::ClientAuthMethod::ClientSecretPost;
        new.metadata.dpop_bound_access_tokens = true;
    });
    let own = [("client_id", &*id), ("client_secret", &*secret)];
    let code = code_of(&Browser::default().authorize(&world, &request(&id, "openid offline_access", &[])));
    let form = [&redeem(&code)[..], &own].concat();
    assert_eq!(json(&world.post("/token", &form))["error"], "invalid_dpop_proof");
    let tokens = json(&Prover::new(&world).post("/token", &form));
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [&[("grant_type", "refresh_token"), ("refresh_token", token)][..], &own].concat();
    let another = Prover::new(&world);
    let next = json(&another.post("/token", &form));
    assert_eq!(
        claims(next["access_token"].as_str().unwrap())["cnf"]["jkt"],
        another.key.thumbprint().as_str()
    );
}

#[test]
fn s37_a_server_may_ask_for_its_own_nonce_everywhere() {
    let world = World::with(|config| config.server.require_dpop_nonce = true);
    let id = world.public();
    let prover = Prover::new(&world);
    let params = crate::world::query(&request(&id, "openid", &[]));
    let pushed: Vec<_> = params.iter().collect();
    let nonce = {
        let asked = prover.post("/par", &pushed);
        assert_eq!(
            (asked.status(), &json(&asked)["error"]),
            (StatusCode::BAD_REQUEST, &"use_dpop_nonce".into())
        );
        asked.headers()["dpop-nonce"].to_str().unwrap().to_owned()
    };
    let proof = prover.proof(&Method::POST, "/par", None, Some(&nonce));
    let answer = post(&world, "/par", &pushed, &[&proof]);
    assert_eq!(answer.status(), StatusCode::CREATED);
    let name = json(&answer)["request_uri"].as_str().unwrap().to_owned();
    let address = format!("{ISSUER}/authorize?client_id={id}&request_uri={name}");
    let code = code_of(&Browser::default().authorize(&world, &address));
    let other = Prover::new(&world);
    let foreign = other.proof(&Method::POST, "/token", None, Some(&nonce));
    let refused = post(&world, "/token", &redeem_as(&id, &code), &[&foreign]);
    assert_eq!(
        json(&refused)["error"],
        "invalid_grant",
        "the proof beside the pushed request bound the code"
    );
    let forged = prover.proof(&Method::POST, "/token", None, Some("forged"));
    assert_eq!(json(&post(&world, "/token", &redeem_as(&id, &code), &[&forged]))["error"], "use_dpop_nonce");
    let proof = prover.proof(&Method::POST, "/token", None, Some(&nonce));
    let tokens = post(&world, "/token", &redeem_as(&id, &code), &[&proof]);
    assert!(tokens.headers().contains_key("dpop-nonce"), "the next one comes along");
    let token = json(&tokens)["access_token"].as_str().unwrap().to_owned();
    let asked = prover.user_info(&token);
    assert_eq!(
        (asked.status(), asked.headers().contains_key("dpop-nonce")),
        (StatusCode::UNAUTHORIZED, true)
    );
    let challenge = asked.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("DPoP error=\"use_dpop_nonce\""), "{challenge}");
    let proof = prover.proof(&Method::GET, "/userinfo", Some(&token), Some(&nonce));
    assert_eq!(user_info(&world, "DPoP", &token, Some(&proof)).status(), StatusCode::OK);
    world.pass(10 * 60);
    let old = prover.proof(&Method::GET, "/userinfo", Some(&token), Some(&nonce));
    assert_eq!(user_info(&world, "DPoP", &token, Some(&old)).status(), StatusCode::UNAUTHORIZED);
}
