//! A number of attempts at once, and one more each while (the generic cell rate algorithm), for each key.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many keys are kept before those that have been quiet are dropped for the first time.
const SWEEP_AT: usize = 4096;

/// Counts the attempts of each key.
pub(super) struct Counter<K> {
    refill: Duration,
    /// How far ahead of the present a key may be: all its attempts at once.
    most: Duration,
    keys: Mutex<Keys<K>>,
}

struct Keys<K> {
    /// When each key will have all its attempts again.
    full_at: HashMap<K, Instant>,
    sweep_at: usize,
}

impl<K: Clone + Hash + Eq> Counter<K> {
    pub(super) fn new(burst: NonZeroU32, refill: Duration) -> Self {
        let keys = Keys { full_at: HashMap::new(), sweep_at: SWEEP_AT };
        Self { refill, most: refill.saturating_mul(burst.get()), keys: Mutex::new(keys) }
    }

    /// Uses up an attempt.
    ///
    /// # Errors
    /// How long until there is one; none is used up.
    pub(super) fn take(&self, key: &K, now: Instant) -> Result<(), Duration> {
        self.with(|keys| {
            let after = self.after(keys, key, now)?;
            if keys.full_at.len() >= keys.sweep_at {
                keys.full_at.retain(|_, full_at| *full_at > now);
                keys.sweep_at = keys.full_at.len().saturating_mul(2).max(SWEEP_AT);
            }
            if let Some(after) = after {
                keys.full_at.insert(key.clone(), after);
            }
            Ok(())
        })
    }

    /// Whether there is an attempt to use up.
    ///
    /// # Errors
    /// How long until there is one.
    pub(super) fn look(&self, key: &K, now: Instant) -> Result<(), Duration> {
        self.with(|keys| self.after(keys, key, now).map(drop))
    }

    /// Gives an attempt back that was used up.
    pub(super) fn give_back(&self, key: &K) {
        self.with(|keys| {
            if let Some(full_at) = keys.full_at.get_mut(key) {
                *full_at = full_at.checked_sub(self.refill).unwrap_or(*full_at);
            }
        });
    }

    /// When the key will be full again after one more attempt; `None` for longer than the clock can say.
    fn after(&self, keys: &Keys<K>, key: &K, now: Instant) -> Result<Option<Instant>, Duration> {
        let full_at = keys.full_at.get(key).copied().unwrap_or(now).max(now);
        let Some(after) = full_at.checked_add(self.refill) else { return Ok(None) };
        let ahead = after.saturating_duration_since(now);
        match ahead.checked_sub(self.most) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => Ok(Some(after)),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Keys<K>) -> T) -> T {
        work(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K> fmt::Debug for Counter<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter")
            .field("refill", &self.refill)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFILL: Duration = Duration::from_secs(30);

    #[test]
    fn a_key_has_so_many_at_once_and_one_more_each_while() {
        let counter = Counter::new(NonZeroU32::new(3).unwrap(), REFILL);
        let now = Instant::now();
        for _ in 0..3 {
            assert_eq!(counter.look(&"a", now), Ok(()));
            assert_eq!(counter.take(&"a", now), Ok(()));
        }
        for _ in 0..5 {
            assert_eq!(counter.take(&"a", now), Err(REFILL), "refused attempts use nothing up");
        }
        assert_eq!(counter.look(&"a", now), Err(REFILL));
        assert_eq!(counter.take(&"b", now), Ok(()));
        assert_eq!(counter.take(&"a", now + REFILL / 3), Err(REFILL / 3 * 2));
        assert_eq!(counter.take(&"a", now + REFILL), Ok(()));
        assert_eq!(counter.take(&"a", now + REFILL), Err(REFILL));
        counter.give_back(&"a");
        assert_eq!(counter.take(&"a", now + REFILL), Ok(()));
        let later = now + REFILL * 100;
        assert_eq!((0..5).filter(|_| counter.take(&"a", later).is_ok()).count(), 3, "no more than at first");
    }

    #[test]
    fn s47_those_who_have_been_quiet_are_forgotten() {
        let counter = Counter::new(NonZeroU32::MIN, REFILL);
        let now = Instant::now();
        for key in 0..SWEEP_AT {
            counter.take(&key, now).unwrap();
        }
        counter.take(&SWEEP_AT, now + REFILL * 2).unwrap();
        assert_eq!(counter.keys.lock().unwrap().full_at.len(), 1);
    }
}
