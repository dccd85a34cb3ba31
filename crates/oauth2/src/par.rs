//! Pushed authorization requests (RFC 9126): the request goes to the server first, the browser brings its name.

use serde::{Deserialize, Serialize};

/// What a `request_uri` of this server begins with (RFC 9126 2.2).
pub const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The answer to a pushed request (RFC 9126 2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedAuthorizationResponse {
    /// What the browser brings to the authorization endpoint, once.
    pub request_uri: String,
    /// For how many seconds it is good.
    pub expires_in: u64,
}
