//! Nonces that a server gives out for proofs, and knows again without keeping them (RFC 9449 8, 9).

use std::time::Duration;

use authmint_jose::{SealingKey, Timestamp, base64url, constant_time_eq};

/// How long a nonce is given out; it is taken for one more such time.
const PERIOD: Duration = Duration::from_secs(150);

/// Nonces that name their time under a key: every node that has the key knows those of the others, and none is stored.
///
/// ```
/// use authmint_jose::{SealingKey, Timestamp};
/// use authmint_oauth2::dpop::DpopNonces;
///
/// let nonces = DpopNonces::new(SealingKey::generate()?.derive("nonces of DPoP"));
/// let now = Timestamp::from_secs(1_000_000);
/// assert!(nonces.is_good(&nonces.make(now), now));
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct DpopNonces(SealingKey);

impl DpopNonces {
    /// Nonces under a key that is used for nothing else.
    #[must_use]
    pub fn new(key: SealingKey) -> Self {
        Self(key)
    }

    /// The nonce to give out now.
    #[must_use]
    pub fn make(&self, now: Timestamp) -> String {
        self.of(period(now))
    }

    /// Whether a nonce was given out here, not long ago.
    #[must_use]
    pub fn is_good(&self, nonce: &str, now: Timestamp) -> bool {
        let period = period(now);
        let fits = |period| constant_time_eq(self.of(period).as_bytes(), nonce.as_bytes());
        fits(period) | fits(period.saturating_sub(1))
    }

    fn of(&self, period: u64) -> String {
        base64url::encode(&self.0.mac(&period.to_be_bytes()))
    }
}

fn period(now: Timestamp) -> u64 {
    now.as_secs().checked_div(PERIOD.as_secs()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s37_a_nonce_is_good_for_its_time_and_from_its_server() {
        let nonces = DpopNonces::new(SealingKey::generate().unwrap());
        let now = Timestamp::from_secs(1_000_000_050);
        let nonce = nonces.make(now);
        assert!(nonces.is_good(&nonce, now));
        assert!(nonces.is_good(&nonce, now.saturating_add(PERIOD)));
        assert!(!nonces.is_good(&nonce, now.saturating_add(PERIOD.saturating_mul(2))));
        assert!(!nonces.is_good("", now));
        assert!(!DpopNonces::new(SealingKey::generate().unwrap()).is_good(&nonce, now));
    }
}
