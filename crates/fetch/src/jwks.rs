//! A remote key set, kept and renewed (RFC 7517 5; OpenID Connect Core 10.1.1 on rotation).
//!
//! An unknown `kid` is the sign of a rotation and also the cheapest way to make a server fetch for an attacker. So the
//! set is fetched again at most once in [`COOL_DOWN`], by one caller while the others wait for it, and a fetch that fails
//! leaves the old keys in use, for a day. One fetch may hurry: whoever rotates its keys just after they were read need not
//! wait. A signature that no key fits is the sign of a rotation too, where keys have no names or a new one has an old one's;
//! it is looked into once the set is older than the cool-down, without hurry.

mod freshness;

use std::fmt;
use std::sync::Arc;

use async_lock::{Mutex, MutexGuard};
use authmint_jose::{Clock, Error as JoseError, Jwt, KeySet, Policy, Timestamp};
use serde::de::DeserializeOwned;

pub use self::freshness::{COOL_DOWN, Freshness, STALE_LIMIT, TIME_TO_LIVE};
use crate::transport::{FetchError, MAX_RESPONSE_BYTES, Transport, get_json};

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
    freshness: Freshness,
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
            freshness: Freshness::default(),
            transport,
            clock,
            current: std::sync::RwLock::new(None),
            fetching: Mutex::new(Attempt::default()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The same key set with other times. What was fetched is left behind, so say it before the first use.
    #[must_use]
    pub fn with_freshness(self, freshness: Freshness) -> Self {
        let shared = Shared {
            url: self.shared.url.clone(),
            max_bytes: self.shared.max_bytes,
            freshness,
            transport: Arc::clone(&self.shared.transport),
            clock: Arc::clone(&self.shared.clock),
            current: std::sync::RwLock::new(None),
            fetching: Mutex::new(Attempt::default()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The keys, fetched if there are none yet or they have lived their time.
    ///
    /// # Errors
    /// When there are none that may still be used, and they can't be fetched.
    pub async fn keys(&self) -> Result<KeySet, FetchError> {
        self.fetched().await.map(|fetched| fetched.keys)
    }

    /// The key set as it was fetched, keys for encryption and all; as old as [`keys`](Self::keys).
    ///
    /// # Errors
    /// As [`keys`](Self::keys).
    pub async fn jwks(&self) -> Result<String, FetchError> {
        self.fetched().await.map(|fetched| fetched.text.to_string())
    }

    async fn fetched(&self) -> Result<Fetched, FetchError> {
        let (now, times) = (self.shared.clock.now(), self.shared.freshness);
        match self.usable(now) {
            Some(fetched) if now < fetched.at.saturating_add(times.time_to_live) => Ok(fetched),
            Some(stale) => match self.shared.fetching.try_lock() {
                Some(attempt) => self.renew(attempt, Some(stale.at)).await,
                // Somebody is at it; nobody else has to wait for that.
                None => Ok(stale),
            },
            None => {
                let seen = self.current().map(|fetched| fetched.at);
                self.renew(self.shared.fetching.lock().await, seen).await
            }
        }
    }

    /// Verifies a JWT; unknown keys and signatures that fit none cause at most one fetch in the cool-down, whoever asks.
    ///
    /// # Errors
    /// [`VerifyError::Token`] when the token is at fault, [`VerifyError::Keys`] when there are no keys.
    pub async fn verify_jwt<T: DeserializeOwned>(
        &self,
        token: &str,
        policy: &Policy,
    ) -> Result<Jwt<T>, VerifyError> {
        let used = self.fetched().await?;
        let refused = match used.keys.verify_jwt(token, policy, self.shared.clock.now()) {
            Ok(verified) => return Ok(verified),
            Err(refused) => refused,
        };
        let rotated = match &refused {
            JoseError::UnknownKey => true,
            // Anyone can write a token whose signature is wrong, so it is no reason to hurry.
            JoseError::BadSignature | JoseError::KeyMismatch => {
                self.shared.clock.now() >= used.at.saturating_add(self.shared.freshness.cool_down)
            }
            _ => false,
        };
        if !rotated {
            return Err(refused.into());
        }
        let renewed = self.renew(self.shared.fetching.lock().await, Some(used.at)).await?;
        Ok(renewed.keys.verify_jwt(token, policy, self.shared.clock.now())?)
    }

    fn current(&self) -> Option<Fetched> {
        self.shared.current.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// What was fetched, unless that is too long ago.
    fn usable(&self, now: Timestamp) -> Option<Fetched> {
        let limit = self.shared.freshness.stale_limit;
        self.current().filter(|fetched| now < fetched.at.saturating_add(limit))
    }

    /// Fetches the set unless another caller did so after `seen`, or somebody tried within the cool-down and hurried, or failed.
    async fn renew(
        &self,
        mut attempt: MutexGuard<'_, Attempt>,
        seen: Option<Timestamp>,
    ) -> Result<Fetched, FetchError> {
        let now = self.shared.clock.now();
        let usable = self.usable(now);
        let recent = attempt.at.is_some_and(|at| now < at.saturating_add(self.shared.freshness.cool_down));
        let hurries = recent && usable.is_some() && attempt.failure.is_none() && !attempt.hurried;
        let cooling = recent && !hurries;
        match (&usable, &attempt.failure) {
            (Some(fetched), _) if cooling || seen.is_none_or(|seen| seen < fetched.at) => {
                return Ok(fetched.clone());
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
                let fetched = Fetched { keys, text: text.into(), at: now };
                *self.shared.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) =
                    Some(fetched.clone());
                Ok(fetched)
            }
            Err(error) => match usable {
                Some(fetched) => {
                    tracing::warn!(%error, "key set could not be renewed; the old one stays in use");
                    Ok(fetched)
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
mod tests;
