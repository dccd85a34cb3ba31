//! What the server keeps, as small traits with their atomicity in the contract.
//!
//! | trait | keeps | the verb that must be atomic |
//! |---|---|---|
//! | [`ClientStore`] | registered clients | `add_client`, `replace_client`, `remove_client` |
//! | [`InteractionStore`] | requests that wait for a person | `take_interaction` |
//! | [`PushedRequestStore`] | requests that clients pushed | `take_pushed_request` |
//! | [`CodeStore`] | authorization codes | `redeem_code` |
//! | [`DeviceStore`] | devices that wait for a person | `decide_device_authorization`, `redeem_device_code` |
//! | [`TokenStore`] | access tokens, refresh tokens, revocations | `rotate_refresh_token`, `revoke_grant`, `revoke_session` |
//! | [`ReplayStore`] | identifiers that may be used once | `use_once` |
//! | [`KeyStore`] | sealed keys | `replace_keys` |
//!
//! # The contract of every implementation
//! 1. **Answered means kept.** When a future yields `Ok`, what it did survives the death of the process at the next
//!    instant. (A store in memory keeps this for the life of the process, and says so.)
//! 2. **All or nothing.** A verb that does several things does all of them in one transaction or none; none, too, when it
//!    yields an error because one of them could not be done.
//! 3. **One winner.** Of any number of callers, on any number of nodes, that consume the same thing, exactly one is
//!    told [`Consumed::Now`].
//! 4. **An error is never an answer.** When it is not known whether something was done, the future yields an error.
//! 5. **No secrets.** Tokens, codes and client secrets arrive as [`TokenHash`]; signing keys arrive sealed. An error holds
//!    nothing of what is stored.
//! 6. **Time is an argument.** A store has no clock. Records past their `expires_at` may still be returned (the server
//!    judges them) and go away with [`Storage::purge`].
//! 7. **A new thing is new.** Saving a code, token or interaction under a hash that is taken is an error and changes
//!    nothing: a used code can't be made unused by saving it again.
//! 8. **A future does nothing until it is polled**, and one that is dropped half-way may or may not have taken effect.
//!
//! The feature `test-suite` holds [`suite`](crate::suite), which checks these promises of any implementation.

mod clients;
mod codes;
mod devices;
mod interactions;
mod keys;
mod pushed;
mod replay;
mod tokens;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use authmint_jose::{Timestamp, base64url, sha256, timed_token_prefix};
use serde::{Deserialize, Serialize};

pub use clients::{AccessTokenFormat, Client, ClientStore};
pub use codes::{CodeRecord, CodeStore, StoredCode};
pub use devices::{DeviceAuthorization, DeviceDecision, DeviceStore, PolledDevice};
pub use interactions::{Interaction, InteractionStore, Origin};
pub use keys::{KeyPurpose, KeyStore, KeysVersion, StoredKey};
pub use pushed::{PushedRequest, PushedRequestStore};
pub use replay::ReplayStore;
pub use tokens::{
    AccessTokenRecord, Grant, GrantId, IssuedTokens, RefreshTokenRecord, StoredRefreshToken, TokenStore,
};

/// The future that every storage verb returns.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

/// Everything the server keeps.
pub trait Storage:
    ClientStore
    + InteractionStore
    + PushedRequestStore
    + CodeStore
    + DeviceStore
    + TokenStore
    + ReplayStore
    + KeyStore
    + fmt::Debug
    + Send
    + Sync
{
    /// Removes what has expired and is of no more use; returns how many records went.
    ///
    /// A record has expired when its `expires_at` (or `until`) is not after `now`. A redeemed code (a device's too) and a rotated refresh
    /// token stay until the grant's `expires_at`, so that a replay is recognised as one for as long as a token of the
    /// grant may live. What a revocation hides stays hidden, also when the revocation itself is forgotten.
    fn purge(&self, now: Timestamp) -> Answer<'_, u64>;
}

/// The store failed; whether the verb took effect is unknown.
#[derive(Clone, Debug, thiserror::Error)]
#[error("storage failed: {0}")]
pub struct StorageError(String);

impl StorageError {
    /// An error for the operator's log; the text must not hold stored data.
    pub fn new(text: impl fmt::Display) -> Self {
        Self(text.to_string())
    }
}

/// What became of an attempt to consume something that can be consumed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// This call consumed it.
    Now,
    /// It had been consumed before; the grant it belonged to is now revoked, in the same transaction.
    Before,
    /// There is no such thing, or its grant was revoked.
    Unknown,
}

/// The SHA-256 hash of a token, code or secret of at least 128 random bits: all that is stored of it.
///
/// The time before a timed token comes first and unhashed, in place of the hash's first 48 bits: rows that are written together
/// then lie together, so that a batch of a hundred touches a few pages instead of a hundred, however many there are. 208 bits
/// of the hash are left, of which nobody finds the same twice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// Hashes what was received or is about to be sent.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let mut hash = sha256(token.as_bytes());
        if let (Some(time), Some(prefix)) = (timed_token_prefix(token), hash.first_chunk_mut()) {
            *prefix = time;
        }
        Self(hash)
    }

    /// The bytes, for a column of 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.0.get(..6).map(base64url::encode).unwrap_or_default();
        write!(f, "TokenHash({short}…)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use authmint_jose::{ManualClock, SystemEntropy, timed_token};

    use super::*;

    #[test]
    fn what_was_made_together_lies_together_and_nothing_is_the_same() {
        let clock = ManualClock::new(Timestamp::from_secs(1_000_000));
        let make = || TokenHash::of(timed_token(&SystemEntropy, &clock).unwrap().expose());
        let (first, second) = (make(), make());
        clock.advance(Duration::from_secs(1));
        let later = make();
        assert!(first < later && second < later && first != second);
        assert_eq!(first.0[..6], 1_000_000_000_u64.to_be_bytes()[2..]);
    }

    #[test]
    fn every_character_of_a_token_counts() {
        let clock = ManualClock::new(Timestamp::from_secs(1_000_000));
        let token = timed_token(&SystemEntropy, &clock).unwrap();
        let hash = TokenHash::of(token.expose());
        for at in 0..token.expose().len() {
            let mut other = token.expose().to_owned();
            let with = if other.as_bytes()[at] == b'A' { "B" } else { "A" };
            other.replace_range(at..=at, with);
            assert_ne!(TokenHash::of(&other), hash, "{at}");
        }
        assert_ne!(TokenHash::of(token.expose().strip_suffix(char::is_alphanumeric).unwrap_or("x")), hash);
    }
}
