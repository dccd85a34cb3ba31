//! What floods, failures and rotations do to a key set; row S20.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use authmint_jose::{Algorithm, Key, ManualClock};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::InMemory;

struct Issuer {
    key: Key,
    jwks: Arc<std::sync::Mutex<String>>,
    clock: ManualClock,
    fetches: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
    keys: RemoteKeySet,
}

fn issuer() -> Issuer {
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let (fetches, broken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let jwks = Arc::new(std::sync::Mutex::new(KeySet::new([key.clone()]).to_public_jwks()));
    let served = Arc::clone(&jwks);
    let (counted, fails) = (Arc::clone(&fetches), Arc::clone(&broken));
    let transport = InMemory::new(move |_: Request<Bytes>| {
        counted.fetch_add(1, Ordering::SeqCst);
        let mut response = Response::new(Bytes::from(served.lock().unwrap().clone()));
        response.headers_mut().insert("content-type", "application/jwk-set+json".parse().unwrap());
        if fails.load(Ordering::SeqCst) {
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
        async move { response }
    });
    let clock = ManualClock::new(Timestamp::from_secs(1_000));
    let keys = RemoteKeySet::new("https://op.example/jwks", Arc::new(transport), Arc::new(clock.clone()));
    Issuer { key, jwks, clock, fetches, broken, keys }
}

impl Issuer {
    fn verify(&self, key: &Key) -> Result<(), VerifyError> {
        let token = key.sign_jwt("JWT", &json!({ "exp": 100_000 })).unwrap();
        let policy = Policy::new(&[Algorithm::ES256]).typ("JWT").any_issuer().any_audience();
        pollster::block_on(self.keys.verify_jwt::<Value>(&token, &policy)).map(drop)
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[test]
fn s20_a_thousand_unknown_kids_cause_a_few_fetches() {
    let issuer = issuer();
    for n in 0..1000 {
        let unknown = Key::generate(Algorithm::ES256).unwrap().with_kid(format!("unknown{n}"));
        assert!(issuer.verify(&unknown).is_err());
    }
    assert!(issuer.fetches() <= 2, "{} fetches", issuer.fetches());
    assert!(issuer.verify(&issuer.key).is_ok());
}

#[test]
fn s20_keys_that_change_just_after_they_were_read_are_found_at_once_and_only_once() {
    let issuer = issuer();
    assert!(issuer.verify(&issuer.key).is_ok());
    for (number, is_found) in [(2, true), (3, false)] {
        let next = Key::generate(Algorithm::ES256).unwrap().with_kid(format!("k{number}"));
        *issuer.jwks.lock().unwrap() = KeySet::new([next.clone()]).to_public_jwks();
        assert_eq!(issuer.verify(&next).is_ok(), is_found, "{number}");
        issuer.clock.advance(COOL_DOWN / 2);
        assert_eq!(issuer.fetches(), 2);
    }
    issuer.clock.advance(COOL_DOWN / 2);
    for fetches in [3, 4, 4] {
        assert!(issuer.verify(&issuer.key).is_err());
        assert_eq!(issuer.fetches(), fetches, "after the cool-down, and one that hurries");
    }
}

#[test]
fn s20_a_failing_fetch_leaves_the_keys_in_use_and_is_not_repeated_at_once() {
    let issuer = issuer();
    assert!(issuer.verify(&issuer.key).is_ok());
    issuer.broken.store(true, Ordering::SeqCst);
    issuer.clock.advance(TIME_TO_LIVE);
    for _ in 0..100 {
        assert!(issuer.verify(&issuer.key).is_ok());
    }
    assert_eq!(issuer.fetches(), 2);
    issuer.clock.advance(COOL_DOWN);
    assert!(issuer.verify(&issuer.key).is_ok());
    assert_eq!(issuer.fetches(), 3);
}

#[test]
fn s20_without_keys_a_failure_is_told_and_not_repeated_at_once() {
    let issuer = issuer();
    issuer.broken.store(true, Ordering::SeqCst);
    for _ in 0..100 {
        assert!(matches!(issuer.verify(&issuer.key), Err(VerifyError::Keys(_))));
    }
    assert_eq!(issuer.fetches(), 1);
    issuer.broken.store(false, Ordering::SeqCst);
    issuer.clock.advance(COOL_DOWN);
    assert!(issuer.verify(&issuer.key).is_ok());
}

/// Every attempt takes the transport's ten seconds, which is the cool-down too.
#[test]
fn s20_those_who_wait_for_a_hanging_key_server_do_not_each_try_again() {
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let clock = ManualClock::new(Timestamp::from_secs(1_000));
    let (fetches, hangs) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let jwks = KeySet::new([key.clone()]).to_public_jwks();
    let (counted, hanging, time) = (Arc::clone(&fetches), Arc::clone(&hangs), clock.clone());
    let transport = InMemory::new(move |_: Request<Bytes>| {
        counted.fetch_add(1, Ordering::SeqCst);
        let mut response = Response::new(Bytes::from(jwks.clone()));
        response.headers_mut().insert("content-type", "application/jwk-set+json".parse().unwrap());
        if hanging.load(Ordering::SeqCst) {
            // As long as all others need to come and wait; by the clock, the ten seconds of a timeout.
            std::thread::sleep(std::time::Duration::from_millis(300));
            time.advance(std::time::Duration::from_secs(10));
            *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
        }
        async move { response }
    });
    let keys = RemoteKeySet::new("https://op.example/jwks", Arc::new(transport), Arc::new(clock.clone()));
    let token = key.sign_jwt("JWT", &json!({ "exp": 100_000 })).unwrap();
    let policy = Policy::new(&[Algorithm::ES256]).typ("JWT").any_issuer().any_audience();
    let verify = || pollster::block_on(keys.verify_jwt::<Value>(&token, &policy)).is_ok();
    assert!(verify());
    hangs.store(true, Ordering::SeqCst);
    clock.advance(TIME_TO_LIVE);
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(verify)).collect();
        assert!(all.into_iter().all(|one| one.join().unwrap()));
    });
    assert_eq!(fetches.load(Ordering::SeqCst), 2);
}

#[test]
fn s20_old_keys_are_used_for_a_day_and_no_longer_while_there_are_no_new_ones() {
    let issuer = issuer();
    assert!(issuer.verify(&issuer.key).is_ok());
    issuer.broken.store(true, Ordering::SeqCst);
    issuer.clock.advance(STALE_LIMIT.saturating_sub(Duration::from_secs(1)));
    assert!(issuer.verify(&issuer.key).is_ok());
    issuer.clock.advance(Duration::from_secs(1));
    let fetches = issuer.fetches();
    for _ in 0..100 {
        assert!(matches!(issuer.verify(&issuer.key), Err(VerifyError::Keys(_))));
    }
    assert!(issuer.fetches() <= fetches + 1, "a failure is not repeated at once");
    issuer.broken.store(false, Ordering::SeqCst);
    issuer.clock.advance(COOL_DOWN);
    assert!(issuer.verify(&issuer.key).is_ok());
}

#[test]
fn s20_times_can_be_chosen() {
    let issuer = issuer();
    let freshness = Freshness { stale_limit: Duration::from_secs(600), ..Freshness::default() };
    let issuer = Issuer { keys: issuer.keys.clone().with_freshness(freshness), ..issuer };
    assert!(issuer.verify(&issuer.key).is_ok());
    issuer.broken.store(true, Ordering::SeqCst);
    issuer.clock.advance(Duration::from_secs(600));
    assert!(issuer.verify(&issuer.key).is_err());
}

/// A new key under the old one's name, and keys without names: nothing but the signature tells of the rotation.
#[test]
fn a_rotation_that_only_the_signature_tells_of_is_found_after_the_cool_down() {
    for kid in [Some("k1"), None] {
        let named = |key: Key| match kid {
            Some(kid) => key.with_kid(kid),
            None => key,
        };
        let issuer = issuer();
        let old = named(Key::generate(Algorithm::ES256).unwrap());
        let beside = Key::generate(Algorithm::ES256).unwrap();
        *issuer.jwks.lock().unwrap() = KeySet::new([old.clone(), beside.clone()]).to_public_jwks();
        assert!(issuer.verify(&old).is_ok());
        let new = named(Key::generate(Algorithm::ES256).unwrap());
        *issuer.jwks.lock().unwrap() = KeySet::new([new.clone(), beside]).to_public_jwks();
        for _ in 0..100 {
            assert!(issuer.verify(&new).is_err(), "a wrong signature does not hurry");
        }
        assert_eq!(issuer.fetches(), 1);
        issuer.clock.advance(COOL_DOWN);
        assert!(issuer.verify(&new).is_ok(), "{kid:?}");
        for _ in 0..100 {
            assert!(issuer.verify(&old).is_err());
        }
        assert_eq!(issuer.fetches(), 2);
    }
}
