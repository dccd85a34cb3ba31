//! Identifiers that may be used once: the `jti` of a client assertion (RFC 7523 3), for example.

use authmint_jose::Timestamp;

use super::{Answer, TokenHash};

/// Remembers what was used.
pub trait ReplayStore {
    /// Marks `identifier` as used until `until`; `true` the first time, `false` ever after, until
    /// [`Storage::purge`](super::Storage::purge) is told of a time that is not before the latest `until` it was given.
    ///
    /// The caller puts the kind of identifier and its owner into what is hashed.
    fn use_once(&self, identifier: TokenHash, until: Timestamp) -> Answer<'_, bool>;
}
