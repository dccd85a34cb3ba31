//! A remote key set, kept and renewed (RFC 7517 5; OpenID Connect Core 10.1.1 on rotation).
//!
//! An unknown `kid` is the sign of a rotation and also the cheapest way to make a server fetch for an attacker. So the
//! set is fetched again at most once in [`COOL_DOWN`], by one caller while the others wait for it, and a fetch that fails
//! leaves the old keys in use. One fetch may hurry: whoever rotates its keys just after they were read need not wait.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_lock::{Mutex, MutexGuard};
use authmint_jose::{Clock, Error as JoseError, Jwt, KeySet, Policy, Timestamp};
use serde::de::DeserializeOwned;

use crate::transport::{FetchError, MAX_RESPONSE_BYTES, Transport, get_json};

/// The least time between two fetches.
pub const COOL_DOWN: Duration = Duration::from_secs(10);
/// How long a set is used before it is fetched again.
pub const TIME_TO_LIVE: Duration = Duration::from_secs(5 * 60);

/// The keys of another server. Cheap to clone; all clones share one cache.
///
/// It is used between `await` points only, never across the fetch: readers of a fresh set don't wait for each other.
#[derive(Clone)]
pub struct RemoteKeySet {
    shared: Arc<Shared>,
}

struct Shared {
    url: String,
    max_bytes: usize,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    current: std::sync::RwLock<Option<Fetched>>,
    fetching: Mutex<Attempt>,
}

#[derive(Clone)]
struct Fetched {
    keys: KeySet,
    text: Arc<str>,
    at: Timestamp,
}

/// The last attempt, successful or not.
#[derive(Default)]
struct Attempt {
    at: Option<Timestamp>,
    failure: Option<FetchError>,
    /// Whether it was within the cool-down of the one before.
    hurried: bool,
}

/// Why a token was not verified.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is not valid.
    #[error(transparent)]
    Token(#[from] JoseError),
    /// There are no keys to verify it with: the other server's fault, or the network's.
    #[error(transparent)]
    Keys(#[from] FetchError),
}

impl RemoteKeySet {
    /// The key set at `url`; nothing is fetched yet.
    pub fn new(url: impl Into<String>, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self::bounded(url, MAX_RESPONSE_BYTES, transport, clock)
    }

    /// The key set at `url`, of which no more than `max_bytes` are taken: for whoever keeps the sets of many strangers.
    pub fn bounded(
        url: impl Into<String>,
        max_bytes: usize,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let shared = Shared {
            url: url.into(),
            max_bytes,
            transport,
            clock,
            current: std::sync::RwLock::new(None),
            fetching: Mutex::new(Attempt::default()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The keys, fetched if there are none yet or they are older than [`TIME_TO_LIVE`].
    ///
    /// # Errors
    /// When there are none and they can't be fetched.
    pub async fn keys(&self) -> Result<KeySet, FetchError> {
        match self.current() {
            Some(fetched) if self.shared.clock.now() < fetched.at.saturating_add(TIME_TO_LIVE) => {
                Ok(fetched.keys)
            }
            Some(stale) => match self.shared.fetching.try_lock() {
                Some(attempt) => self.renew(attempt, Some(stale.at)).await,
                // Somebody is at it; nobody else has to wait for that.
                None => Ok(stale.keys),
            },
            None => self.renew(self.shared.fetching.lock().await, None).await,
        }
    }

    /// The key set as it was fetched, keys for encryption and all; as old as [`keys`](Self::keys).
    ///
    /// # Errors
    /// As [`keys`](Self::keys).
    pub async fn jwks(&self) -> Result<String, FetchError> {
        self.keys().await?;
        Ok(self.current().map(|fetched| fetched.text.to_string()).unwrap_or_default())
    }

    /// Verifies a JWT; an unknown key causes at most one fetch per [`COOL_DOWN`], whoever asks.
    ///
    /// # Errors
    /// [`VerifyError::Token`] when the token is at fault, [`VerifyError::Keys`] when there are no keys.
    pub async fn verify_jwt<T: DeserializeOwned>(
        &self,
        token: &str,
        policy: &Policy,
    ) -> Result<Jwt<T>, VerifyError> {
        let keys = self.keys().await?;
        match keys.verify_jwt(token, policy, self.shared.clock.now()) {
            Err(JoseError::UnknownKey) => {
                let seen = self.current().map(|fetched| fetched.at);
                let keys = self.renew(self.shared.fetching.lock().await, seen).await?;
                Ok(keys.verify_jwt(token, policy, self.shared.clock.now())?)
            }
            verified => Ok(verified?),
        }
    }

    fn current(&self) -> Option<Fetched> {
        self.shared.current.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Fetches the set unless another caller did so after `seen`, or somebody tried within the cool-down and hurried, or failed.
    async fn renew(
        &self,
        mut attempt: MutexGuard<'_, Attempt>,
        seen: Option<Timestamp>,
    ) -> Result<KeySet, FetchError> {
        let now = self.shared.clock.now();
        let current = self.current();
        let recent = attempt.at.is_some_and(|at| now < at.saturating_add(COOL_DOWN));
        let hurries = recent && current.is_some() && attempt.failure.is_none() && !attempt.hurried;
        let cooling = recent && !hurries;
        match (&current, &attempt.failure) {
            (Some(fetched), _) if cooling || seen.is_none_or(|seen| seen < fetched.at) => {
                return Ok(fetched.keys.clone());
            }
            (None, Some(failure)) if cooling => return Err(failure.clone()),
            _ => {}
        }
        // Counted from its start, in case it is given up half-way, and again from its end, in case it took long.
        attempt.at = Some(now);
        attempt.hurried = hurries;
        let fetched = self.fetch().await;
        attempt.at = Some(self.shared.clock.now());
        attempt.failure = fetched.as_ref().err().cloned();
        match fetched {
            Ok((keys, text)) => {
                let fetched = Fetched { keys: keys.clone(), text: text.into(), at: now };
                *self.shared.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) =
                    Some(fetched);
                Ok(keys)
            }
            Err(error) => match current {
                Some(fetched) => {
                    tracing::warn!(%error, "key set could not be renewed; the old one stays in use");
                    Ok(fetched.keys)
                }
                None => Err(error),
            },
        }
    }

    async fn fetch(&self) -> Result<(KeySet, String), FetchError> {
        let body = get_json(self.shared.transport.as_ref(), &self.shared.url).await?;
        let broken = |problem| FetchError::Content { host: self.shared.url.clone(), problem };
        if body.len() > self.shared.max_bytes {
            return Err(broken("a key set that is too long"));
        }
        let text = std::str::from_utf8(&body).map_err(|_| broken("a key set that is not UTF-8"))?;
        let keys = KeySet::from_jwks(text).map_err(|_| broken("a key set that can't be read"))?;
        Ok((keys, text.to_owned()))
    }
}

impl fmt::Debug for RemoteKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeySet").field("url", &self.shared.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

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
}
