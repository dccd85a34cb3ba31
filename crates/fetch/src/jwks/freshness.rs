//! How old keys may be (RFC 7517 5).

use std::time::Duration;

/// The least time between two fetches.
pub const COOL_DOWN: Duration = Duration::from_secs(10);
/// How long a set is used before it is fetched again.
pub const TIME_TO_LIVE: Duration = Duration::from_secs(5 * 60);
/// How long a set is used at most while it can't be fetched again.
pub const STALE_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// When a key set is fetched again, and how long it is used where that fails.
///
/// ```
/// use std::time::Duration;
/// use authmint_fetch::Freshness;
///
/// // Whoever takes a key out of use wants it gone: an hour without news is enough.
/// let freshness = Freshness { stale_limit: Duration::from_secs(60 * 60), ..Freshness::default() };
/// # assert_eq!(freshness.time_to_live, authmint_fetch::TIME_TO_LIVE);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// How long a set is used before it is fetched again: [`TIME_TO_LIVE`] unless said.
    pub time_to_live: Duration,
    /// The least time between two fetches: [`COOL_DOWN`] unless said.
    pub cool_down: Duration,
    /// How long a set is used at most while it can't be fetched again: [`STALE_LIMIT`] unless said. Until then an issuer that
    /// is down disturbs nobody; afterwards no token is verified by keys that may long have been withdrawn.
    pub stale_limit: Duration,
}

impl Default for Freshness {
    fn default() -> Self {
        Self { time_to_live: TIME_TO_LIVE, cool_down: COOL_DOWN, stale_limit: STALE_LIMIT }
    }
}
