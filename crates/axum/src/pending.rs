//! Logins that were begun: sealed into a cookie, good for half an hour, and for one callback.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use authmint_client::{Error, PendingLogin};
use authmint_jose::{Clock, SealingKey, SystemClock, Timestamp, sha256};
use serde::{Deserialize, Serialize};

/// How long a person may take at the provider.
pub(crate) const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// The purpose that pending logins are sealed for.
const PURPOSE: &str = "authmint-pending-login";
/// How many finished logins are remembered; of more, those that expire first are forgotten.
const MOST: usize = 100_000;

/// What waits in the cookie.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) login: PendingLogin,
    pub(crate) return_to: String,
    /// The browser is asked to forget the cookie by then; whoever kept it gets nothing for it.
    expires_at: Timestamp,
}

impl Pending {
    pub(crate) fn new(login: PendingLogin, return_to: &str) -> Self {
        Self {
            login,
            return_to: return_to.to_owned(),
            expires_at: SystemClock.now().saturating_add(LIFETIME),
        }
    }

    pub(crate) fn seal(&self, key: &SealingKey) -> Result<String, Error> {
        let json = serde_json::to_vec(self)
            .map_err(|_| Error::Configuration("a pending login could not be written"))?;
        Ok(key.seal(PURPOSE, &json)?)
    }

    /// Opens what [`seal`](Self::seal) made, if it is still good.
    pub(crate) fn open(key: &SealingKey, sealed: &str) -> Option<Self> {
        let opened = key.open(PURPOSE, sealed).ok()?;
        let pending: Self = serde_json::from_slice(&opened).ok()?;
        (SystemClock.now() < pending.expires_at).then_some(pending)
    }

    /// The later time first, so that those that are forgotten first come first.
    fn mark(&self) -> (Timestamp, [u8; 32]) {
        (self.expires_at, sha256(self.login.state().as_bytes()))
    }
}

/// The logins that had their callback, in the memory of this process, until they would have expired.
#[derive(Debug, Default)]
pub(crate) struct Finished(Mutex<BTreeSet<(Timestamp, [u8; 32])>>);

impl Finished {
    /// Uses a login up: `true` for one caller, once.
    pub(crate) fn use_once(&self, pending: &Pending) -> bool {
        let now = SystemClock.now();
        self.with(|finished| {
            while finished.first().is_some_and(|(until, _)| *until <= now) || finished.len() >= MOST {
                finished.pop_first();
            }
            finished.insert(pending.mark())
        })
    }

    /// The callback failed for a reason that passes: the person may try it again.
    pub(crate) fn give_back(&self, pending: &Pending) {
        self.with(|finished| finished.remove(&pending.mark()));
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeSet<(Timestamp, [u8; 32])>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(state: &str, expires_at: Timestamp) -> Pending {
        let login = serde_json::json!({
            "state": state, "nonce": "n", "code_verifier": "v", "redirect_uri": "https://app.example/callback",
        });
        Pending { login: serde_json::from_value(login).unwrap(), return_to: "/".to_owned(), expires_at }
    }

    #[test]
    fn s29_a_pending_login_has_its_time_sealed_in() {
        let key = SealingKey::generate().unwrap();
        let now = SystemClock.now();
        let later = pending("s", now.saturating_add(LIFETIME));
        assert!(Pending::open(&key, &later.seal(&key).unwrap()).is_some());
        assert!(Pending::open(&SealingKey::generate().unwrap(), &later.seal(&key).unwrap()).is_none());
        assert!(Pending::open(&key, &pending("s", now).seal(&key).unwrap()).is_none());
    }

    #[test]
    fn s29_a_pending_login_is_used_up_for_as_long_as_it_is_good() {
        let (finished, now) = (Finished::default(), SystemClock.now());
        let (one, two) =
            (pending("1", now.saturating_add(LIFETIME)), pending("2", now.saturating_add(LIFETIME)));
        assert!(finished.use_once(&one));
        assert!(finished.use_once(&two));
        assert!(!finished.use_once(&one));
        finished.give_back(&one);
        assert!(finished.use_once(&one));
        assert!(finished.use_once(&pending("3", now)));
        assert!(finished.use_once(&pending("4", now)));
        assert_eq!(finished.0.lock().unwrap().len(), 3, "what has expired is forgotten");
    }
}
