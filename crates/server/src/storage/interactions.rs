//! Authorization requests that wait for a person: to log in, to agree.

use std::fmt;

use authmint_jose::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Answer, TokenHash};

/// How an authorization request came to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Whether the client pushed it (RFC 9126).
    pub pushed: bool,
    /// Whether it came in a signed request object (RFC 9101).
    pub signed: bool,
}

/// A waiting request. It never changes: what the person decides is judged against exactly what was asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// The authorization request as a query; it is verified again when the person has decided.
    pub request: String,
    /// How it came.
    #[serde(default)]
    pub origin: Origin,
    /// The hash of the browser's cookie: another browser can't take part.
    pub browser: TokenHash,
    /// [`Session::login`](crate::Session::login) at the time of the request.
    pub login: Option<String>,
    /// When the request was made: another login, not before this, is a fresh one.
    pub started_at: Timestamp,
    /// When it is given up.
    pub expires_at: Timestamp,
}

/// Without the request, which may hold an ID token and says who is expected.
impl fmt::Debug for Interaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interaction")
            .field("browser", &self.browser)
            .field("started_at", &self.started_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Keeps interactions.
pub trait InteractionStore {
    /// Keeps a new interaction. Of more than `most`, those that expire first go in the same transaction, never the new one:
    /// strangers make interactions, and must not fill the store.
    fn save_interaction(&self, id: TokenHash, interaction: Interaction, most: usize) -> Answer<'_, ()>;

    /// Looks at an interaction; `None` when it is unknown or was taken.
    fn interaction(&self, id: TokenHash) -> Answer<'_, Option<Interaction>>;

    /// Removes the interaction and returns it: to one caller, once.
    fn take_interaction(&self, id: TokenHash) -> Answer<'_, Option<Interaction>>;
}
