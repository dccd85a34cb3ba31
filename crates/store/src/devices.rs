//! How often a device may poll, the same in every store (RFC 8628 3.5).

use std::time::Duration;

use authmint_jose::Timestamp;

/// How many seconds the interval grows by with each poll that came too early.
const SLOWER: u64 = 5;

/// The pace of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Seconds between two polls.
    pub(crate) interval: u64,
    /// Before this, a poll is too early.
    pub(crate) next_at: Timestamp,
}

impl Pace {
    pub(crate) fn new(interval: u64) -> Self {
        Self { interval, next_at: Timestamp::from_secs(0) }
    }

    /// Notes a poll; whether it came too early.
    pub(crate) fn poll(&mut self, now: Timestamp) -> bool {
        let too_fast = now < self.next_at;
        if too_fast {
            self.interval = self.interval.saturating_add(SLOWER);
        }
        self.next_at = now.saturating_add(Duration::from_secs(self.interval));
        too_fast
    }
}
