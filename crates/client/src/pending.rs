//! What an application keeps between sending a browser away and getting it back.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A login that was begun. Keep it where only this browser leads to: in its server-side session, or in a sealed cookie;
/// use it for one callback, then drop it.
///
/// It serialises with everything it holds, secrets included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingLogin {
    pub(crate) issuer: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: String,
    pub(crate) redirect_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u64>,
    /// The values of `acr` of which the ID token must have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) required_acr: Vec<String>,
    /// The person that must be logged in, by their `sub`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
}

impl PendingLogin {
    /// The `state` of the request, by which an application with several logins in flight finds the right one.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The issuer that the browser was sent to, by which an application with several providers finds the right client.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin")
            .field("issuer", &self.issuer)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}
