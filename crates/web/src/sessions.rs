//! Where sessions are kept at the server, found by the hash of a random cookie; and the store in memory.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use authmint_jose::{Clock, SystemClock, Timestamp};

use crate::session::UserSession;

/// The store of sessions failed. The text is for the log; nobody else sees it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the store of sessions: {0}")]
pub struct SessionError(pub String);

/// The future of a session store.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, SessionError>> + Send + 'a>>;

/// Keeps sessions by the hash of their cookie. A failure is an error and never an empty answer: a logout that was not done
/// must not look like one.
pub trait Sessions: fmt::Debug + Send + Sync {
    /// Keeps a session, in place of one of the same key.
    fn put(&self, key: [u8; 32], session: UserSession) -> Answer<'_, ()>;
    /// Keeps a session in place of one of the same key; `false`, and no change, when there is none: it was ended, and a
    /// request that was under way must not bring it back. Looking and keeping are one step.
    fn replace(&self, key: [u8; 32], session: UserSession) -> Answer<'_, bool>;
    /// A session.
    fn get(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>>;
    /// Removes a session and returns it.
    fn take(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>>;
    /// Ends every session that the provider's notice means, as [`UserSession::is_meant_by`] says, and returns how many there
    /// were. A store that many processes share keeps `issuer`, `sub` and `sid` where it can look for them.
    fn end<'a>(&'a self, issuer: &'a str, sub: Option<&'a str>, sid: Option<&'a str>) -> Answer<'a, usize>;
}

/// Sessions in memory: for one process, until it ends. At most 100,000; each for twelve hours. When there is no more room, whoever
/// has more than 100 loses theirs.
#[derive(Debug)]
pub struct MemorySessions {
    sessions: Mutex<Kept>,
    clock: Arc<dyn Clock>,
}

/// The sessions, and when they end.
type Kept = HashMap<[u8; 32], (Timestamp, UserSession)>;

impl Default for MemorySessions {
    fn default() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }
}

impl MemorySessions {
    const MOST: usize = 100_000;
    /// How many sessions a person keeps when there is no more room.
    const FEW: usize = 100;
    const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

    /// No sessions, on a clock of the caller's.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { sessions: Mutex::default(), clock }
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Kept, Timestamp) -> T) -> T {
        work(&mut self.sessions.lock().unwrap_or_else(PoisonError::into_inner), self.clock.now())
    }
}

impl Sessions for MemorySessions {
    fn put(&self, key: [u8; 32], session: UserSession) -> Answer<'_, ()> {
        let put = self.locked(|sessions, now| {
            if sessions.len() >= Self::MOST {
                sessions.retain(|_, (until, _)| now < *until);
                drop_hoards(sessions);
            }
            if sessions.len() >= Self::MOST && !sessions.contains_key(&key) {
                return Err(SessionError("there are 100,000 sessions, and no room for more".to_owned()));
            }
            sessions.insert(key, (now.saturating_add(Self::LIFETIME), session));
            Ok(())
        });
        Box::pin(async { put })
    }

    fn replace(&self, key: [u8; 32], session: UserSession) -> Answer<'_, bool> {
        let replaced = self.locked(|sessions, now| match sessions.get_mut(&key) {
            Some((until, known)) if now < *until => {
                (*until, *known) = (now.saturating_add(Self::LIFETIME), session);
                true
            }
            _ => false,
        });
        Box::pin(async move { Ok(replaced) })
    }

    fn get(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>> {
        let found = self.locked(|sessions, now| {
            sessions.get(&key).filter(|(until, _)| now < *until).map(|(_, session)| session.clone())
        });
        Box::pin(async { Ok(found) })
    }

    fn take(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>> {
        let taken = self.locked(|sessions, now| sessions.remove(&key).filter(|(until, _)| now < *until));
        Box::pin(async { Ok(taken.map(|(_, session)| session)) })
    }

    fn end<'a>(&'a self, issuer: &'a str, sub: Option<&'a str>, sid: Option<&'a str>) -> Answer<'a, usize> {
        // One by one: only the provider's signature leads here, and 100,000 take a few milliseconds.
        let ended = self.locked(|sessions, _| {
            let before = sessions.len();
            sessions.retain(|_, (_, session)| !session.is_meant_by(issuer, sub, sid));
            before.saturating_sub(sessions.len())
        });
        Box::pin(async move { Ok(ended) })
    }
}

/// One person who logs in all day must not keep all others out.
fn drop_hoards(sessions: &mut Kept) {
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    let person = |session: &UserSession| (session.issuer.clone(), session.user_info.sub.clone());
    for (_, session) in sessions.values() {
        let count = counts.entry(person(session)).or_default();
        *count = count.saturating_add(1);
    }
    counts.retain(|_, count| *count > MemorySessions::FEW);
    if !counts.is_empty() {
        sessions.retain(|_, (_, session)| !counts.contains_key(&person(session)));
    }
}

#[cfg(test)]
mod tests {
    use authmint_jose::sha256;

    use super::*;
    use crate::session::tests::session;

    /// Ready at once.
    fn now<T>(answer: Answer<'_, T>) -> Result<T, SessionError> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(answer).poll(&mut context) {
            std::task::Poll::Ready(answer) => answer,
            std::task::Poll::Pending => panic!("the store in memory waits for nothing"),
        }
    }

    fn key(number: usize) -> [u8; 32] {
        sha256(&number.to_be_bytes())
    }

    #[test]
    fn s47_one_person_does_not_keep_all_others_out() {
        let (store, one) = (MemorySessions::default(), session("eve", None));
        for number in 1..MemorySessions::MOST {
            now(store.put(key(number), one.clone())).unwrap();
        }
        now(store.put(key(0), session("ada", None))).unwrap();
        now(store.put([1; 32], session("grace", None))).unwrap();
        assert!(now(store.get(key(0))).unwrap().is_some(), "whoever has few keeps them");
        assert!(now(store.get([1; 32])).unwrap().is_some());
        assert!(now(store.get(key(1))).unwrap().is_none());
    }

    #[test]
    fn a_store_that_is_full_of_people_says_so() {
        let store = MemorySessions::default();
        let mut one = session("ada", None);
        for number in 0..MemorySessions::MOST {
            one.user_info.sub = number.to_string();
            now(store.put(key(number), one.clone())).unwrap();
        }
        assert!(now(store.put([1; 32], one.clone())).unwrap_err().to_string().contains("no room"));
        now(store.put(key(7), one)).unwrap();
    }
}
