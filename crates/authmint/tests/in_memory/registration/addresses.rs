//! Addresses that a client registers and the server fetches: `jwks_uri`, `sector_identifier_uri`, `request_uris`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use authmint::client::{ClientAuth, InMemory, LoginOptions};
use authmint::jose::{Algorithm, Key, KeySet};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::json;

use super::{error, open, register, registered, text};
use crate::world::{Browser, CALLBACK, World, block_on, claims, code_of, redeem, request};

/// The documents of the web outside, and how often something was fetched.
#[derive(Clone, Default)]
struct Web {
    documents: Arc<Mutex<HashMap<String, String>>>,
    fetched: Arc<Mutex<Vec<String>>>,
}

impl Web {
    fn put(&self, address: &str, document: impl Into<String>) {
        self.documents.lock().unwrap().insert(address.to_owned(), document.into());
    }

    fn fetched(&self, address: &str) -> usize {
        self.fetched.lock().unwrap().iter().filter(|fetched| *fetched == address).count()
    }

    fn world(&self) -> World {
        let web = self.clone();
        World::with(move |config| {
            open(config);
            config.transport = Some(Arc::new(InMemory::new(move |request: Request<Bytes>| {
                let address = request.uri().to_string();
                let found = web.documents.lock().unwrap().get(&address).cloned();
                web.fetched.lock().unwrap().push(address);
                let mut response = Response::new(Bytes::from(found.clone().unwrap_or_default()));
                response.headers_mut().insert("content-type", "application/json".parse().unwrap());
                if found.is_none() {
                    *response.status_mut() = StatusCode::NOT_FOUND;
                }
                async move { response }
            })));
        })
    }
}

const KEYS: &str = "https://app.example/jwks";
const SECTOR: &str = "https://sector.example/uris.json";

fn log_in(world: &World, id: &str, key: Key) -> bool {
    let client = world.client_with(id, ClientAuth::PrivateKey(key));
    let (address, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
    let callback = Browser::default().authorize(world, &address);
    block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).is_ok()
}

#[test]
fn a_client_rotates_its_keys_where_it_said_they_are() {
    let web = Web::default();
    let world = web.world();
    let key = |kid: &str| Key::generate(Algorithm::ES256).unwrap().with_kid(kid);
    let (old, new) = (key("old"), key("new"));
    web.put(KEYS, KeySet::new([old.clone()]).to_public_jwks());
    let client = registered(
        &world,
        &json!({
            "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": KEYS,
            "grant_types": ["authorization_code", "refresh_token"],
        }),
    );
    assert!(client.get("client_secret").is_none());
    let id = text(&client, "client_id");
    assert!(log_in(&world, &id, old.clone()) && log_in(&world, &id, old.clone()));
    assert_eq!(web.fetched(KEYS), 1, "kept");
    web.put(KEYS, KeySet::new([new.clone()]).to_public_jwks());
    world.pass(60);
    assert!(log_in(&world, &id, new), "an unknown kid is looked for");
    assert_eq!(web.fetched(KEYS), 2);
    assert!(!log_in(&world, &id, old), "what was withdrawn is good no longer");
    for number in 0..20 {
        assert!(!log_in(&world, &id, key(&format!("unknown{number}"))));
    }
    assert!(web.fetched(KEYS) <= 3, "s20: not once for every unknown kid");
}

#[test]
fn clients_of_one_sector_know_a_person_by_one_name() {
    let web = Web::default();
    let world = web.world();
    let other = "https://other.example/callback";
    web.put(SECTOR, json!([CALLBACK, other, "https://third.example/"]).to_string());
    let sub = |more: serde_json::Value| {
        let mut metadata = json!({ "redirect_uris": [CALLBACK], "subject_type": "pairwise" });
        metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let client = registered(&world, &metadata);
        let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
        let callback = Browser::default().authorize(&world, &request(&id, "openid", &[]));
        let tokens = world.post_as("/token", Some((&id, &secret)), &redeem(&code_of(&callback)));
        text(&claims(&text(&super::body(&tokens), "id_token")), "sub")
    };
    let one = sub(json!({ "sector_identifier_uri": SECTOR, "redirect_uris": [CALLBACK, other] }));
    assert_eq!(one, sub(json!({ "sector_identifier_uri": SECTOR })));
    assert_ne!(one, sub(json!({})), "without it, the sector is the redirect URI's host");
    assert_ne!(one, sub(json!({ "subject_type": "public" })));
    let two_hosts = json!({ "redirect_uris": [CALLBACK, other], "subject_type": "pairwise" });
    assert_eq!(error(&register(&world, &two_hosts)), "invalid_client_metadata");
}

#[test]
fn s21_a_sector_must_list_every_redirect_uri_and_tells_nothing_of_what_was_fetched() {
    let web = Web::default();
    let world = web.world();
    let metadata =
        json!({ "redirect_uris": [CALLBACK, "https://other.example/"], "sector_identifier_uri": SECTOR });
    let missing = register(&world, &metadata);
    assert_eq!(error(&missing), "invalid_client_metadata");
    for document in [
        json!([CALLBACK]).to_string(),
        json!({ "redirect_uris": [CALLBACK, "https://other.example/"] }).to_string(),
        json!([CALLBACK, 5]).to_string(),
        json!([CALLBACK, "https://other.example"]).to_string(),
        "secret of an inner server".to_owned(),
    ] {
        web.put(SECTOR, &document);
        let refused = register(&world, &metadata);
        assert_eq!(refused.body(), missing.body(), "{document}");
    }
    web.put(SECTOR, json!([CALLBACK, "https://other.example/"]).to_string());
    registered(&world, &metadata);
    let plain = json!({ "redirect_uris": [CALLBACK], "sector_identifier_uri": "http://sector.example/" });
    assert_eq!(error(&register(&world, &plain)), "invalid_client_metadata");
}

#[test]
fn a_server_that_fetches_nothing_registers_nothing_that_must_be_fetched() {
    let world = World::with(open);
    for (name, value) in [
        ("jwks_uri", json!(KEYS)),
        ("sector_identifier_uri", json!(SECTOR)),
        ("request_uris", json!(["https://app.example/request.jwt"])),
    ] {
        let response = register(&world, &json!({ "redirect_uris": [CALLBACK], name: value }));
        assert_eq!(error(&response), "invalid_client_metadata", "{name}");
    }
}

#[test]
fn a_request_object_is_fetched_from_where_it_was_registered() {
    let web = Web::default();
    let world = web.world();
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let address = "https://app.example/request.jwt";
    web.put(KEYS, KeySet::new([key.clone()]).to_public_jwks());
    let client = registered(
        &world,
        &json!({ "redirect_uris": [CALLBACK], "jwks_uri": KEYS, "request_uris": [format!("{address}#v1")] }),
    );
    let id = text(&client, "client_id");
    let object = json!({
        "iss": id, "aud": crate::world::ISSUER, "exp": 1_800_000_300_u64, "client_id": id, "response_type": "code",
        "redirect_uri": CALLBACK, "scope": "openid", "state": "signed", "code_challenge_method": "S256",
        "code_challenge": crate::world::CHALLENGE,
    });
    web.put(address, key.sign_jwt("oauth-authz-req+jwt", &object).unwrap());
    let callback = Browser::default().authorize(&world, &request(&id, "openid", &[("request_uri", address)]));
    assert!(callback.contains("state=signed"), "{callback}");
}
