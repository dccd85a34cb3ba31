//! How often a secret may be guessed (S42 of the threat table): by account, by address, by both.

use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use authmint_jose::sha256;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::LoginLimits;

/// After how many checks the counters of those who have been quiet are dropped.
const SWEEP_AFTER: u32 = 4096;

/// The address a request came from, put into the request's extensions by whoever accepted the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerAddress(pub IpAddr);

impl PeerAddress {
    /// What is counted as one address: an IPv6 household has a /56 as a rule (RFC 6177 2), with 256 networks in it.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::from([a, b, c, d & 0xff00, 0, 0, 0, 0])
            }
            v4 @ IpAddr::V4(_) => v4,
        }
    }
}

/// The counters.
pub(crate) struct Limits {
    account_and_address: Counter<([u8; 16], Option<IpAddr>)>,
    account: Counter<[u8; 16]>,
    address: Counter<Option<IpAddr>>,
    client_address: Counter<Option<IpAddr>>,
}

impl Limits {
    pub(crate) fn new(limits: &LoginLimits) -> Self {
        let refill = limits.refill;
        Self {
            account_and_address: Counter::new(limits.per_account_and_address, refill),
            account: Counter::new(limits.per_account, refill),
            address: Counter::new(limits.per_address, refill),
            client_address: Counter::new(limits.per_address, refill),
        }
    }

    /// Counts an attempt to log in.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub(crate) fn login(&self, username: &str, peer: Option<PeerAddress>) -> Result<(), Duration> {
        let network = peer.map(PeerAddress::network);
        let mut account = [0; 16];
        account.copy_from_slice(sha256(username.as_bytes()).first_chunk::<16>().unwrap_or(&[0; 16]));
        self.address.count(&network)?;
        self.account_and_address.count(&(account, network))?;
        self.account.count(&account)
    }

    /// Counts a failed client authentication, or a code or refresh token that was refused.
    pub(crate) fn client_failed(&self, peer: Option<PeerAddress>) -> Result<(), Duration> {
        self.client_address.count(&peer.map(PeerAddress::network))
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limits")
    }
}

struct Counter<K: Clone + Hash + Eq> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    checks: AtomicU32,
}

impl<K: Clone + Hash + Eq> Counter<K> {
    fn new(burst: NonZeroU32, refill: Duration) -> Self {
        let quota =
            Quota::with_period(refill).unwrap_or(Quota::per_minute(NonZeroU32::MIN)).allow_burst(burst);
        Self { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default(), checks: AtomicU32::new(0) }
    }

    fn count(&self, key: &K) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_AFTER == SWEEP_AFTER.wrapping_sub(1) {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}
