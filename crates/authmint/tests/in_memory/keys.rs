//! Signing keys: made once, sealed, rotated with an overlap.

use std::sync::Arc;

use authmint::client::LoginOptions;
use authmint::jose::{KeySet, ManualClock, SealingKey, SystemEntropy, Timestamp};
use authmint::provider::{Provider, ProviderConfig};
use authmint::server::storage::KeyStore;
use authmint::store::MemoryStore;
use http::StatusCode;

use crate::world::{Browser, ISSUER, World, block_on, json, text};

fn kids(world: &World) -> Vec<String> {
    let jwks = json(&world.get(&format!("{ISSUER}/jwks")));
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid_of(token: &str) -> String {
    let (header, _) = authmint::jose::peek_unverified::<serde_json::Value>(token).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// The key of a new access token, and the token.
fn sign(world: &World) -> (String, String, String, String) {
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let (address, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
    let callback = Browser::default().authorize(world, &address);
    let login = block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).unwrap();
    let token = login.tokens.access_token.expose().to_owned();
    (kid_of(&token), token, id, secret)
}

#[test]
fn a_new_key_is_published_before_it_signs_and_an_old_one_after() {
    let world = World::new();
    let before = kids(&world);
    assert_eq!(before.len(), 3, "for ID tokens, for access tokens, for request objects");
    let (old, token, id, secret) = sign(&world);
    assert!(before.contains(&old));
    let fresh = block_on(world.provider.server().keys().rotate(false)).unwrap();
    assert_eq!(kids(&world).len(), 6);
    assert_eq!(sign(&world).0, old, "the new one is not known everywhere yet");
    world.pass(10 * 60);
    let (new, ..) = sign(&world);
    assert!(fresh.contains(&new));
    assert!(kids(&world).contains(&old), "what the old one signed a moment ago is still good");
    let introspect =
        |token: &str| json(&world.post_as("/introspect", Some((&id, &secret)), &[("token", token)]));
    assert_eq!(introspect(&token)["active"], false, "it has expired by now, whatever its key");
    world.pass(12 * 60);
    let mut after = kids(&world);
    let mut expected = fresh;
    after.sort();
    expected.sort();
    assert_eq!(after, expected);
}

#[test]
fn a_leaked_key_is_withdrawn_at_once_with_all_it_signed() {
    let world = World::new();
    let (old, token, id, secret) = sign(&world);
    let introspect =
        |token: &str| json(&world.post_as("/introspect", Some((&id, &secret)), &[("token", token)]));
    assert_eq!(introspect(&token)["active"], true);
    block_on(world.provider.server().keys().rotate(true)).unwrap();
    assert_eq!(introspect(&token)["active"], false);
    assert!(!kids(&world).contains(&old));
    assert_ne!(sign(&world).0, old);
}

#[test]
fn s18_published_keys_are_public_and_stored_ones_are_sealed() {
    let world = World::new();
    let response = world.get(&format!("{ISSUER}/jwks"));
    assert_eq!(
        (response.status(), &response.headers()["access-control-allow-origin"]),
        (StatusCode::OK, &"*".parse().unwrap())
    );
    assert!(KeySet::from_jwks(&text(&response)).unwrap().iter().all(|key| !key.can_sign()));
    assert!(!text(&response).contains("\"d\""));
    let (_, stored) = block_on(world.provider.server().storage().keys()).unwrap();
    for key in stored {
        assert_eq!(key.sealed.split('.').count(), 5, "a JWE");
        assert!(!format!("{key:?}").contains("\"d\""));
    }
}

/// Two nodes on one store, the second with a sealing key of its own.
struct Nodes {
    store: Arc<MemoryStore>,
    clock: ManualClock,
    right: Provider,
    wrong: Provider,
}

impl Nodes {
    fn new() -> Self {
        let (store, clock) =
            (Arc::new(MemoryStore::new()), ManualClock::new(Timestamp::from_secs(1_800_000_000)));
        let node = || {
            let key = SealingKey::generate().unwrap();
            let config = ProviderConfig::new(ISSUER.parse().unwrap());
            Provider::with(config, store.clone(), &key, Arc::new(clock.clone()), Arc::new(SystemEntropy))
                .unwrap()
        };
        let (right, wrong) = (node(), node());
        assert_eq!(block_on(right.server().keys().published()).unwrap().iter().count(), 2);
        Self { store, clock, right, wrong }
    }
}

#[test]
fn a_rotation_with_another_sealing_key_is_refused_and_changes_nothing() {
    let nodes = Nodes::new();
    let before = block_on(nodes.store.keys()).unwrap();
    let error = block_on(nodes.wrong.server().keys().rotate(false)).unwrap_err();
    assert!(error.to_string().contains("sealed with another secret"), "{error}");
    assert_eq!(block_on(nodes.store.keys()).unwrap(), before);
    assert!(block_on(nodes.wrong.server().keys().published()).is_err(), "it can sign nothing and says so");
    block_on(nodes.right.server().keys().rotate(false)).unwrap();
}

#[test]
fn a_lost_sealing_key_is_replaced_by_a_rotation_at_once() {
    let nodes = Nodes::new();
    block_on(nodes.wrong.server().keys().rotate(true)).unwrap();
    assert_eq!(block_on(nodes.wrong.server().keys().published()).unwrap().iter().count(), 2);
    let error = block_on(nodes.right.server().keys().rotate(false)).unwrap_err();
    assert!(error.to_string().contains("sealed with another secret"), "{error}");
}

#[test]
fn a_key_that_does_not_open_and_does_not_sign_yet_is_left_out() {
    let nodes = Nodes::new();
    let other = Nodes { clock: nodes.clock.clone(), ..Nodes::new() };
    block_on(other.right.server().keys().rotate(false)).unwrap();
    let (_, foreign) = block_on(other.store.keys()).unwrap();
    let (version, mut keys) = block_on(nodes.store.keys()).unwrap();
    keys.extend(foreign.into_iter().filter(|key| key.published_until.is_none()));
    assert_eq!(keys.len(), 6);
    assert!(block_on(nodes.store.replace_keys(version, keys)).unwrap());
    nodes.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(block_on(nodes.right.server().keys().published()).unwrap().iter().count(), 2);
    nodes.clock.advance(std::time::Duration::from_secs(10 * 60));
    assert!(block_on(nodes.right.server().keys().published()).is_err(), "now it ought to sign");
}
