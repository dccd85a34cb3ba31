//! DPoP proofs that were used: each is good once (RFC 9449 11.1).
//!
//! Only proofs that were verified, beside a token that was verified, come here; strangers fill nothing. Who has a token and
//! makes proofs without end gets no more than a share of the room. A store that is full refuses: forgetting a proof before its
//! time would make it good again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use authmint_jose::{Timestamp, sha256};
use authmint_oauth2::DpopProof;

/// The future of [`ReplayStore::use_once`].
pub type Used<'a> = Pin<Box<dyn Future<Output = Result<bool, ReplayError>> + Send + 'a>>;

/// Why a store can't say whether a proof is new. The request is refused, since it might not be.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// There is no room for another proof.
    #[error("there is no room for another proof: give MemoryReplays more, or look who sends so many")]
    Full,
    /// The store failed.
    #[error("the store of used proofs failed: {0}")]
    Store(String),
}

/// Remembers proofs. APIs of several nodes need one that all of them share; for one node there is [`MemoryReplays`].
///
/// # Contract
/// Of any number of calls with proofs of one [`single_use`](DpopProof::single_use), on any number of nodes, exactly one is
/// answered `true`: looking and marking are one atomic step, such as `SET … NX` in Redis or an `INSERT` that conflicts. The mark
/// lasts until [`remember_until`](DpopProof::remember_until). Errors are errors, never `true`.
///
/// ```
/// use authmint_resource::{DpopProof, ReplayStore, Timestamp, Used};
///
/// #[derive(Debug)]
/// struct Shared;
///
/// impl ReplayStore for Shared {
///     fn use_once<'a>(&'a self, proof: &'a DpopProof, now: Timestamp) -> Used<'a> {
///         Box::pin(async move {
///             let seconds = proof.remember_until().since(now).as_secs();
///             let _command = format!("SET {} 1 NX EX {seconds}", proof.single_use());
///             // … and `true` when it was set.
///             Ok(true)
///         })
///     }
/// }
/// ```
pub trait ReplayStore: fmt::Debug + Send + Sync {
    /// Marks a proof as used; `false` when it was used before.
    fn use_once<'a>(&'a self, proof: &'a DpopProof, now: Timestamp) -> Used<'a>;
}

/// The used proofs of one node, in memory, bounded.
#[derive(Debug)]
pub struct MemoryReplays {
    capacity: usize,
    used: Mutex<Marks>,
}

/// A SHA-256: of what is used once, or of the key's thumbprint.
type Digest = [u8; 32];

#[derive(Debug, Default)]
struct Marks {
    proofs: HashSet<Digest>,
    /// Proofs and their keys, by the second in which they are forgotten.
    by_end: BTreeMap<Timestamp, Vec<(Digest, Digest)>>,
    /// How many each key has.
    by_key: HashMap<Digest, usize>,
}

impl Default for MemoryReplays {
    /// Room for some 3,500 requests a second: a proof is remembered for 71 seconds. That is 40 MB when it is full.
    fn default() -> Self {
        Self::new(256 * 1024)
    }
}

impl MemoryReplays {
    /// Room for this many proofs, of which one key may have a quarter.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, used: Mutex::default() }
    }

    fn mark(&self, proof: &DpopProof, now: Timestamp) -> Result<bool, ReplayError> {
        let (id, key) = (sha256(proof.single_use().as_bytes()), sha256(proof.jkt.as_bytes()));
        let until = proof.remember_until();
        let mut marks = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        marks.forget(now);
        if marks.proofs.contains(&id) {
            return Ok(false);
        }
        let of_key = marks.by_key.get(&key).copied().unwrap_or_default();
        if marks.proofs.len() >= self.capacity || of_key >= self.capacity.div_ceil(4) {
            return Err(ReplayError::Full);
        }
        marks.proofs.insert(id);
        marks.by_end.entry(until).or_default().push((id, key));
        marks.by_key.insert(key, of_key.saturating_add(1));
        Ok(true)
    }
}

impl Marks {
    fn forget(&mut self, now: Timestamp) {
        while let Some(end) = self.by_end.first_entry().filter(|end| *end.key() <= now) {
            for (id, key) in end.remove() {
                self.proofs.remove(&id);
                let left = self.by_key.get(&key).map_or(0, |count| count.saturating_sub(1));
                if left == 0 {
                    self.by_key.remove(&key);
                } else {
                    self.by_key.insert(key, left);
                }
            }
        }
    }
}

impl ReplayStore for MemoryReplays {
    fn use_once<'a>(&'a self, proof: &'a DpopProof, now: Timestamp) -> Used<'a> {
        Box::pin(ready(self.mark(proof, now)))
    }
}

#[cfg(test)]
mod tests {
    use authmint_oauth2::dpop::{LEEWAY, MAX_AGE};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(10_000);

    fn proof(key: &str, jti: usize) -> DpopProof {
        DpopProof { jkt: key.to_owned(), jti: jti.to_string(), nonce: None, iat: NOW }
    }

    #[test]
    fn s37_a_proof_is_good_once_also_for_many_at_once() {
        let store = MemoryReplays::default();
        let won = std::thread::scope(|scope| {
            let racers: Vec<_> =
                (0..32).map(|_| scope.spawn(|| store.mark(&proof("k", 1), NOW).unwrap())).collect();
            racers.into_iter().filter(|_| true).map(|racer| racer.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(won, 1);
        assert!(store.mark(&proof("k", 2), NOW).unwrap());
        assert!(store.mark(&proof("other", 1), NOW).unwrap(), "two clients may choose one jti");
    }

    #[test]
    fn s37_a_full_store_refuses_and_forgets_nothing_before_its_time() {
        let store = MemoryReplays::new(8);
        for (key, jti) in [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("c", 1), ("c", 2), ("d", 1), ("d", 2)] {
            assert!(store.mark(&proof(key, jti), NOW).unwrap());
        }
        assert!(matches!(store.mark(&proof("e", 1), NOW), Err(ReplayError::Full)));
        assert!(!store.mark(&proof("a", 1), NOW).unwrap());
        let end = NOW.saturating_add(MAX_AGE).saturating_add(LEEWAY);
        assert!(!store.mark(&proof("a", 1), end).unwrap(), "its last second");
        let later = end.saturating_add(std::time::Duration::from_secs(1));
        assert!(store.mark(&proof("e", 1), later).unwrap());
        assert_eq!(store.used.lock().unwrap().proofs.len(), 1);
        assert_eq!(store.used.lock().unwrap().by_key.len(), 1);
    }

    #[test]
    fn s37_one_key_does_not_take_the_room_of_all() {
        let store = MemoryReplays::new(100);
        let marked = (0..100).filter(|jti| store.mark(&proof("greedy", *jti), NOW).is_ok()).count();
        assert_eq!(marked, 25);
        assert!(store.mark(&proof("modest", 1), NOW).unwrap());
    }
}
