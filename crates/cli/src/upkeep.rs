//! What a provider does by itself while it serves. Every node does it; they are spread in time, and the store sees to it that
//! doing a thing twice is as good as once.

use std::time::Duration;

use authmint_jose::{Entropy, SystemEntropy};
use authmint_provider::Provider;
use prometheus_client::metrics::counter::Counter;

/// How often the keys' age is looked at.
const LOOK_AT_KEYS_EVERY: Duration = Duration::from_secs(60 * 60);

/// Removes what has expired, again and again.
pub(crate) async fn clean_up(provider: Provider, every: Duration, purged: Counter) {
    loop {
        tokio::time::sleep(about(every)).await;
        match provider.storage().purge(provider.server().now()).await {
            Ok(0) => {}
            Ok(records) => {
                purged.inc_by(records);
                tracing::info!(records, "expired records removed");
            }
            Err(error) => {
                tracing::error!(target: authmint_server::STORE_TARGET, %error, "expired records could not be removed");
            }
        }
    }
}

/// Makes new signing keys when those in use are older than `every`.
pub(crate) async fn rotate_keys(provider: Provider, every: Duration) {
    loop {
        tokio::time::sleep(about(every.min(LOOK_AT_KEYS_EVERY))).await;
        // What was done is in the log and the audit trail already.
        if let Err(error) = provider.server().keys().rotate_if_older(every).await {
            tracing::error!(%error, "the signing keys are due to be rotated, and could not be");
        }
    }
}

/// The time, give or take a quarter, so that nodes that were started together do not work together.
fn about(time: Duration) -> Duration {
    let mut chance = [0; 2];
    // Without chance it is the whole time.
    let part =
        SystemEntropy.fill(&mut chance).map_or(0.5, |()| f64::from(u16::from_be_bytes(chance)) / 65_536.0);
    time.mul_f64(0.75 + part / 2.0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use authmint_jose::{Clock, SealingKey, Timestamp};
    use authmint_provider::ProviderConfig;
    use authmint_store::MemoryStore;

    use super::*;

    #[test]
    fn nodes_are_spread_around_the_time_that_was_asked_for() {
        let hour = Duration::from_secs(3600);
        let waits: Vec<_> = (0..100).map(|_| about(hour)).collect();
        assert!(waits.iter().all(|wait| (hour.mul_f64(0.75)..=hour.mul_f64(1.25)).contains(wait)));
        let (least, most) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
        assert!(*most > *least + hour / 10);
    }

    #[derive(Debug, Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(self.0.load(Ordering::Relaxed))
        }
    }

    #[tokio::test]
    async fn of_two_nodes_one_rotates_keys_that_are_old() {
        const DAY: u64 = 24 * 60 * 60;
        let every = Duration::from_secs(90 * DAY);
        let clock = Arc::new(Hand::default());
        clock.0.store(1000 * DAY, Ordering::Relaxed);
        let store = Arc::new(MemoryStore::new());
        let secret = SealingKey::generate().unwrap();
        let node = || {
            let config = ProviderConfig::new("https://login.example".parse().unwrap());
            Provider::with(config, store.clone(), &secret, clock.clone(), Arc::new(SystemEntropy)).unwrap()
        };
        let (one, two) = (node(), node());
        let rotate =
            |node: Provider| async move { node.server().keys().rotate_if_older(every).await.unwrap() };

        assert!(rotate(one.clone()).await.is_empty(), "there is nothing yet, and the first start makes it");
        let before = one.server().keys().published().await.unwrap().to_public_jwks();
        clock.0.fetch_add(90 * DAY - 1, Ordering::Relaxed);
        assert!(rotate(one.clone()).await.is_empty(), "young");
        clock.0.fetch_add(1, Ordering::Relaxed);
        let together = tokio::join!(tokio::spawn(rotate(one.clone())), tokio::spawn(rotate(two.clone())));
        let (first, second) = (together.0.unwrap(), together.1.unwrap());
        assert_ne!(first.is_empty(), second.is_empty(), "{first:?} {second:?}");
        let made = if first.is_empty() { second } else { first };
        let keys = one.server().keys().list().await.unwrap();
        let in_use: Vec<_> =
            keys.iter().filter(|key| key.published_until.is_none()).map(|key| &key.kid).collect();
        assert_eq!(in_use, made.iter().collect::<Vec<_>>());
        assert!(rotate(two.clone()).await.is_empty() && rotate(one.clone()).await.is_empty());
        // The old ones stay published: what they signed is still good.
        clock.0.fetch_add(31, Ordering::Relaxed);
        let after = two.server().keys().published().await.unwrap();
        assert!(after.to_public_jwks().len() > before.len());
    }
}
