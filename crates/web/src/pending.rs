//! Logins that were begun: sealed into a cookie, good for half an hour, and for one callback.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use authmint_client::{Error, PendingLogin};
use authmint_jose::{SealingKey, Timestamp, base64url, sha256};
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
    /// Whose callback alone may finish it.
    pub(crate) provider: String,
    pub(crate) return_to: String,
    /// The key of the session that this browser had. A callback by POST from another site comes without its cookie, and the
    /// session must end all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) previous: Option<String>,
    /// The browser is asked to forget the cookie by then; whoever kept it gets nothing for it.
    pub(crate) expires_at: Timestamp,
}

impl Pending {
    pub(crate) fn seal(&self, key: &SealingKey) -> Result<String, Error> {
        let json = serde_json::to_vec(self)
            .map_err(|_| Error::Configuration("a pending login could not be written"))?;
        Ok(key.seal(PURPOSE, &json)?)
    }

    /// Opens what [`seal`](Self::seal) made, if it is still good.
    pub(crate) fn open(key: &SealingKey, sealed: &str, now: Timestamp) -> Option<Self> {
        let opened = key.open(PURPOSE, sealed).ok()?;
        let pending: Self = serde_json::from_slice(&opened).ok()?;
        (now < pending.expires_at).then_some(pending)
    }

    /// The key of the session that this browser had.
    pub(crate) fn previous(&self) -> Option<[u8; 32]> {
        base64url::decode(self.previous.as_deref()?).ok()?.try_into().ok()
    }

    /// The later time first, so that those that are forgotten first come first.
    fn mark(&self) -> (Timestamp, [u8; 32]) {
        (self.expires_at, sha256(self.login.state().as_bytes()))
    }
}

/// What the name of a pending login's cookie ends with: short and harmless, whatever the callback says the state is.
pub(crate) fn tag(state: &str) -> String {
    let hash = base64url::encode(&sha256(state.as_bytes()));
    hash.get(..12).unwrap_or_default().to_owned()
}

/// The logins that had their callback, in the memory of this process, until they would have expired.
#[derive(Debug, Default)]
pub(crate) struct Finished(Mutex<BTreeSet<(Timestamp, [u8; 32])>>);

impl Finished {
    /// Uses a login up: `true` for one caller, once.
    pub(crate) fn use_once(&self, pending: &Pending, now: Timestamp) -> bool {
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

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn pending(state: &str, expires_at: Timestamp) -> Pending {
        let login = serde_json::json!({
            "issuer": "https://op.example", "state": state, "nonce": "n", "code_verifier": "v",
            "redirect_uri": "https://app.example/callback",
        });
        Pending {
            login: serde_json::from_value(login).unwrap(),
            provider: "main".to_owned(),
            return_to: "/".to_owned(),
            previous: Some(base64url::encode(&[7; 32])),
            expires_at,
        }
    }

    #[test]
    fn s29_a_pending_login_has_its_time_sealed_in() {
        let key = SealingKey::generate().unwrap();
        let later = pending("s", NOW.saturating_add(LIFETIME));
        let sealed = later.seal(&key).unwrap();
        assert_eq!(Pending::open(&key, &sealed, NOW).unwrap().previous(), Some([7; 32]));
        assert!(Pending::open(&key, &sealed, NOW.saturating_add(LIFETIME)).is_none());
        assert!(Pending::open(&SealingKey::generate().unwrap(), &sealed, NOW).is_none());
    }

    #[test]
    fn s29_a_pending_login_is_used_up_for_as_long_as_it_is_good() {
        let finished = Finished::default();
        let until = NOW.saturating_add(LIFETIME);
        let (one, two) = (pending("1", until), pending("2", until));
        assert!(finished.use_once(&one, NOW));
        assert!(finished.use_once(&two, NOW));
        assert!(!finished.use_once(&one, NOW));
        finished.give_back(&one);
        assert!(finished.use_once(&one, NOW));
        assert!(finished.use_once(&pending("3", NOW), NOW));
        assert!(finished.use_once(&pending("4", NOW), NOW));
        assert_eq!(finished.0.lock().unwrap().len(), 3, "what has expired is forgotten");
    }
}
