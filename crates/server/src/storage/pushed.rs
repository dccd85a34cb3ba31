//! Pushed authorization requests (RFC 9126).

use std::fmt;

use authmint_jose::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Answer, TokenHash};

/// A request that a client pushed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedRequest {
    /// The client that pushed it.
    pub client_id: String,
    /// The parameters that count, as a query.
    pub request: String,
    /// Whether they came in a signed request object.
    pub signed: bool,
    /// When it is given up.
    pub expires_at: Timestamp,
}

/// Without the request, which may say who is expected.
impl fmt::Debug for PushedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedRequest")
            .field("client_id", &self.client_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Keeps pushed requests.
pub trait PushedRequestStore {
    /// Keeps a new request. Of more than `most`, those that expire first go in the same transaction, never the new one.
    fn save_pushed_request(&self, id: TokenHash, request: PushedRequest, most: usize) -> Answer<'_, ()>;

    /// Looks at a request; `None` when it is unknown or was taken.
    fn pushed_request(&self, id: TokenHash) -> Answer<'_, Option<PushedRequest>>;

    /// Removes the request and returns it: to one caller, once.
    fn take_pushed_request(&self, id: TokenHash) -> Answer<'_, Option<PushedRequest>>;
}
