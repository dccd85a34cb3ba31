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
    use super::*;

    #[test]
    fn nodes_are_spread_around_the_time_that_was_asked_for() {
        let hour = Duration::from_secs(3600);
        let waits: Vec<_> = (0..100).map(|_| about(hour)).collect();
        assert!(waits.iter().all(|wait| (hour.mul_f64(0.75)..=hour.mul_f64(1.25)).contains(wait)));
        assert!(waits.iter().max() > waits.iter().min().map(|least| *least + hour / 10).as_ref());
    }
}
