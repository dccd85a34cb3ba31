//! An API behind a real provider, without a socket: rows S15, S20, S36, S37, S40 from the API's side.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use authmint::client::{ClientAuth, InMemory};
use authmint::jose::{Algorithm, Clock, Key};
use authmint::oauth2::{ClientAuthMethod, ClientCredentials, DpopProof, GrantType, Params};
use authmint::resource::{AccessToken, Builder, Rejection, Requirement, ResourceServer, TrustedIssuer};
use authmint::server::NewClient;
use authmint::server::storage::AccessTokenFormat;
use http::{Method, Request, StatusCode};
use serde_json::Value;

use crate::world::{Browser, ISSUER, World, block_on, code_of, json, redeem, request};

const API: &str = "https://api.example";

/// A way from the API to the provider, which counts and can be cut.
struct Wire {
    transport: Arc<InMemory>,
    used: Arc<AtomicUsize>,
    cut: Arc<AtomicBool>,
}

impl Wire {
    fn to(world: &World) -> Self {
        let (used, cut) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (provider, counted, down) = (world.provider.clone(), Arc::clone(&used), Arc::clone(&cut));
        let transport = Arc::new(InMemory::new(move |request| {
            counted.fetch_add(1, Ordering::SeqCst);
            let (provider, down) = (provider.clone(), down.load(Ordering::SeqCst));
            async move {
                let mut response = provider.handle(request).await;
                if down {
                    *response.status_mut() = StatusCode::BAD_GATEWAY;
                }
                response
            }
        }));
        Self { transport, used, cut }
    }
}

fn builder(world: &World) -> Builder {
    ResourceServer::builder(API).clock(Arc::new(world.clock.clone()))
}

/// An API that finds its issuer by its metadata.
fn by_keys(world: &World, wire: &Wire) -> ResourceServer {
    let issuer = block_on(TrustedIssuer::discover(ISSUER, wire.transport.clone())).unwrap();
    builder(world).issuer(issuer).build().unwrap()
}

/// An API that asks its issuer; at this one, an API's client has the API's name.
fn by_asking(world: &World, wire: &Wire, auth: ClientAuth) -> ResourceServer {
    let issuer = TrustedIssuer::discover_introspection(ISSUER, API, auth, wire.transport.clone());
    builder(world).issuer(block_on(issuer).unwrap()).build().unwrap()
}

/// The API as a client of the provider, with a secret.
fn register_api(world: &World) -> ClientAuth {
    ClientAuth::Secret(world.register(|new| machine(new, API)).1.into())
}

fn machine(new: &mut NewClient, id: &str) {
    new.id = Some(id.into());
    new.metadata.redirect_uris.clear();
    new.metadata.grant_types = vec![GrantType::ClientCredentials];
    new.metadata.scope = "orders:read".parse().unwrap();
}

/// A token of a job.
fn job(world: &World, id: &str, change: impl FnOnce(&mut NewClient)) -> (String, (String, String)) {
    let client = world.register(|new| {
        machine(new, id);
        new.audience = vec![API.into()];
        change(new);
    });
    let issued = ask_for_token(world, &client, None);
    (issued["access_token"].as_str().unwrap_or_else(|| panic!("{issued}")).to_owned(), client)
}

/// The token response for a job, whose name may hold what a name in HTTP Basic must not.
fn ask_for_token(world: &World, (id, secret): &(String, String), proof: Option<&str>) -> Value {
    let mut request = Request::post(format!("{ISSUER}/token"))
        .header("host", "op.example")
        .header("content-type", "application/x-www-form-urlencoded");
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    let mut params = Params::from_iter([("grant_type", "client_credentials")]);
    let credentials =
        ClientCredentials::Basic { client_id: id.clone(), client_secret: secret.as_str().into() };
    credentials.apply(request.headers_mut().unwrap(), &mut params);
    json(&world.send(request.body(params.to_query().into()).unwrap()))
}

fn opaque(new: &mut NewClient) {
    new.access_token_format = AccessTokenFormat::Opaque;
}

fn present(
    api: &ResourceServer,
    headers: &[(&str, &str)],
    demand: &Requirement,
) -> Result<AccessToken, Rejection> {
    let mut request = Request::get("/orders");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    block_on(api.authorize(&request.body(()).unwrap(), demand))
}

fn bearer(api: &ResourceServer, token: &str) -> Result<AccessToken, Rejection> {
    let demand = Requirement::scope("orders:read").unwrap();
    present(api, &[("authorization", &format!("Bearer {token}"))], &demand)
}

#[test]
fn a_job_is_let_in_by_either_kind_of_token() {
    let world = World::new();
    let wire = Wire::to(&world);
    let (jwt, _) = job(&world, "job", |_| {});
    let token = bearer(&by_keys(&world, &wire), &jwt).unwrap();
    assert_eq!((&*token.subject, &*token.issuer, token.client_id.as_deref()), ("job", ISSUER, Some("job")));
    let (secret, _) = job(&world, "opaque-job", opaque);
    let asking = by_asking(&world, &wire, register_api(&world));
    let token = bearer(&asking, &secret).unwrap();
    assert_eq!((&*token.subject, &*token.issuer), ("opaque-job", ISSUER));
    assert!(token.expires_at.is_some() && token.audience.contains(API));
    assert!(bearer(&asking, &jwt).is_ok(), "the issuer knows its own JWTs too");
    assert!(bearer(&by_keys(&world, &wire), &secret).is_err());
}

#[test]
fn an_api_asks_by_whatever_it_registered() {
    let world = World::new();
    let wire = Wire::to(&world);
    let (token, _) = job(&world, "job", opaque);
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let jwks: Value =
        serde_json::from_str(&format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap())).unwrap();
    for method in [
        ClientAuthMethod::ClientSecretBasic,
        ClientAuthMethod::ClientSecretPost,
        ClientAuthMethod::ClientSecretJwt,
        ClientAuthMethod::PrivateKeyJwt,
    ] {
        let (_, secret) = world.register(|new| {
            machine(new, API);
            new.metadata.token_endpoint_auth_method = method.clone();
            if method == ClientAuthMethod::PrivateKeyJwt {
                new.metadata.jwks = Some(serde_json::from_value(jwks.clone()).unwrap());
            }
        });
        let right = match method {
            ClientAuthMethod::ClientSecretBasic => ClientAuth::Secret(secret.into()),
            ClientAuthMethod::ClientSecretPost => ClientAuth::SecretPost(secret.into()),
            ClientAuthMethod::ClientSecretJwt => ClientAuth::SecretJwt(secret.into()),
            _ => ClientAuth::PrivateKey(key.clone()),
        };
        assert!(bearer(&by_asking(&world, &wire, right), &token).is_ok(), "{method:?}");
        let wrong = by_asking(&world, &wire, ClientAuth::Secret("not the secret at all".into()));
        let refused = bearer(&wrong, &token).unwrap_err();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "the API's own fault, {method:?}");
        assert!(block_on(world.provider.storage().remove_client(API)).unwrap());
    }
}

#[test]
fn s40_a_token_for_another_api_is_not_let_in_nor_one_that_the_api_got_itself() {
    let world = World::new();
    let wire = Wire::to(&world);
    let elsewhere = |new: &mut NewClient| new.audience = vec!["https://other.example".into()];
    let (jwt, _) = job(&world, "job", elsewhere);
    assert!(bearer(&by_keys(&world, &wire), &jwt).is_err());
    let (secret, _) = job(&world, "opaque-job", |new| {
        elsewhere(new);
        opaque(new);
    });
    let (own, (_, api_secret)) = job(&world, API, |new| {
        elsewhere(new);
        opaque(new);
    });
    let asking = by_asking(&world, &wire, ClientAuth::Secret(api_secret.into()));
    assert!(bearer(&asking, &secret).is_err());
    assert!(bearer(&asking, &own).is_err(), "active for who asks, and not for its API");
}

#[test]
fn s36_a_revoked_opaque_token_is_good_for_half_a_minute_at_most() {
    let world = World::new();
    let asking = by_asking(&world, &Wire::to(&world), register_api(&world));
    let (token, (id, secret)) = job(&world, "job", opaque);
    assert!(bearer(&asking, &token).is_ok());
    let revoked = world.post_as("/revoke", Some((&id, &secret)), &[("token", &token)]);
    assert_eq!(revoked.status(), StatusCode::OK);
    world.pass(30);
    assert!(bearer(&asking, &token).is_err());
}

/// Whatever the provider hands out, at an API that was misconfigured to be the client itself and to take JWTs without a type.
#[test]
fn s15_neither_an_id_token_nor_a_refresh_token_opens_an_api() {
    let world = World::new();
    let wire = Wire::to(&world);
    let (id, secret) = world.register(|_| {});
    let callback =
        Browser::default().authorize(&world, &request(&id, "openid offline_access", &[("nonce", "n")]));
    let tokens = json(&world.post_as("/token", Some((&id, &secret)), &redeem(&code_of(&callback))));
    let plain = TrustedIssuer::jwt(ISSUER, &format!("{ISSUER}/jwks"), wire.transport.clone()).unwrap();
    let plain = plain.accept_tokens_that_are_not_typed_as_access_tokens().audience(&id);
    let asked = TrustedIssuer::discover_introspection(
        ISSUER,
        &id,
        ClientAuth::Secret(secret.into()),
        wire.transport.clone(),
    );
    let asked = block_on(asked).unwrap().audience(ISSUER);
    let api = builder(&world).issuer(plain).build().unwrap();
    let asking = builder(&world).issuer(asked).build().unwrap();
    let judge = |api: &ResourceServer, token: &str| {
        let token = format!("Bearer {}", tokens[token].as_str().unwrap());
        present(api, &[("authorization", &token)], &Requirement::any_token()).is_ok()
    };
    assert!(judge(&asking, "access_token"), "all else would do");
    for token in ["id_token", "refresh_token"] {
        assert!(!judge(&api, token), "{token}");
        assert!(!judge(&asking, token), "{token}");
    }
}

#[test]
fn s37_a_token_that_the_provider_bound_to_a_key_is_good_with_the_key_alone() {
    let world = World::new();
    let wire = Wire::to(&world);
    let asking = by_asking(&world, &wire, register_api(&world));
    for (id, api) in [("jwt-job", by_keys(&world, &wire)), ("opaque-job", asking)] {
        let (_, client) = job(&world, id, |new| {
            if id == "opaque-job" {
                opaque(new);
            }
        });
        let key = Key::generate(Algorithm::ES256).unwrap();
        let prove = |key: &Key, method: &Method, uri: &str, token: Option<&str>, jti: &str| {
            let proof = DpopProof::sign(key, method, uri, token, None, jti, world.clock.now());
            proof.unwrap().expose().to_owned()
        };
        let proof = prove(&key, &Method::POST, &format!("{ISSUER}/token"), None, "1");
        let issued = ask_for_token(&world, &client, Some(&proof));
        assert_eq!(issued["token_type"], "DPoP");
        let token = issued["access_token"].as_str().unwrap();
        let uri = format!("{API}/orders");
        let proof = prove(&key, &Method::GET, &uri, Some(token), "2");
        let bound = format!("DPoP {token}");
        let any = Requirement::any_token();
        assert!(present(&api, &[("authorization", &bound), ("dpop", &proof)], &any).is_ok(), "{id}");
        assert!(present(&api, &[("authorization", &bound), ("dpop", &proof)], &any).is_err(), "replayed");
        assert!(bearer(&api, token).is_err());
        let thief = Key::generate(Algorithm::ES256).unwrap();
        let proof = prove(&thief, &Method::GET, &uri, Some(token), "3");
        assert!(present(&api, &[("authorization", &bound), ("dpop", &proof)], &any).is_err());
    }
}

#[test]
fn s20_a_provider_that_rotates_its_keys_or_goes_down_disturbs_no_request() {
    let world = World::new();
    let wire = Wire::to(&world);
    let api = by_keys(&world, &wire);
    let (before, client) = job(&world, "job", |_| {});
    assert!(bearer(&api, &before).is_ok());
    for _ in 0..3 {
        block_on(world.provider.server().keys().rotate(true)).unwrap();
        let issued = ask_for_token(&world, &client, None);
        assert!(bearer(&api, issued["access_token"].as_str().unwrap()).is_ok());
        world.pass(11);
    }
    wire.cut.store(true, Ordering::SeqCst);
    let issued = ask_for_token(&world, &client, None);
    let used = wire.used.load(Ordering::SeqCst);
    world.pass(5 * 60);
    for _ in 0..100 {
        assert!(bearer(&api, issued["access_token"].as_str().unwrap()).is_ok());
    }
    assert!(wire.used.load(Ordering::SeqCst) <= used + 1);
}

#[test]
fn a_person_whose_login_is_too_old_or_too_weak_comes_back_with_a_better_one() {
    for format in [AccessTokenFormat::Jwt, AccessTokenFormat::Opaque] {
        comes_back_with_a_better_login(format);
    }
}

fn comes_back_with_a_better_login(format: AccessTokenFormat) {
    let world = World::with(|config| config.server.acr_values = vec!["urn:example:silver".into()]);
    let wire = Wire::to(&world);
    let api = match format {
        AccessTokenFormat::Jwt => by_keys(&world, &wire),
        AccessTokenFormat::Opaque => by_asking(&world, &wire, register_api(&world)),
    };
    let (id, secret) = world.register(|new| {
        new.audience = vec![API.into()];
        new.access_token_format = format;
    });
    let mut browser = Browser::default();
    let mut log_in = |more: &[(&str, &str)]| {
        let callback = browser.authorize(&world, &request(&id, "openid", more));
        let tokens = json(&world.post_as("/token", Some((&id, &secret)), &redeem(&code_of(&callback))));
        format!("Bearer {}", tokens["access_token"].as_str().unwrap())
    };
    let fresh = Requirement::any_token().max_age(Duration::from_secs(60)).acr_values(["urn:example:silver"]);
    let first = log_in(&[]);
    assert!(present(&api, &[("authorization", &first)], &fresh).is_ok());
    world.pass(120);
    let refused = present(&api, &[("authorization", &log_in(&[]))], &fresh).unwrap_err();
    let response = refused.response();
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
    assert!(challenge.contains("acr_values=\"urn:example:silver\", max_age=\"60\""), "{challenge}");
    assert!(present(&api, &[("authorization", &log_in(&[("max_age", "60")]))], &fresh).is_ok());
    let golden = Requirement::any_token().acr_values(["urn:example:gold"]);
    assert!(present(&api, &[("authorization", &log_in(&[]))], &golden).is_err());
}
