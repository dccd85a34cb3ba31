//! The authorization endpoint, as decisions (RFC 6749 4.1.1; OpenID Connect Core 3.1.2; RFC 9207; RFC 9700 2.1, 4).
//!
//! ```text
//! verify ─▶ VerifiedRequest ─▶ next ─▶ Login ──┐
//!   │                            ├───▶ Consent ┤ a person decides; the request waits as an Interaction
//!   │                            ├───▶ Issue ──┴─▶ grant ─▶ redirect with a code
//!   ├─▶ page (nothing proven)    └───▶ Refuse ───▶ refuse ─▶ redirect with an error
//!   └─▶ redirect with an error
//! ```
//!
//! One file a step: `resolve` finds the parameters that count; `verify` proves client, redirect URI and parameters; `next` decides what is still needed of the
//! person; `interaction` keeps the request while it waits; `answer` builds the response. A redirect can only be
//! built from a [`VerifiedRequest`], and that only by `verify`.

mod answer;
mod delivery;
mod interaction;
mod next;
mod request_object;
mod resolve;
mod verify;

use std::time::Duration;

use authmint_jose::Timestamp;
use authmint_oauth2::Scope;

use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{Grant, GrantId};

pub use delivery::Delivery;
pub use interaction::{InteractionToken, PendingInteraction};
pub use next::{Next, Person};
pub(crate) use request_object::UNSIGNED;
pub(crate) use resolve::Resolved;
pub use verify::{Authorization, VerifiedRequest};

/// How far a client's clock may be off.
const LEEWAY: Duration = Duration::from_secs(30);

/// A login session, as the caller vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its identifier (`sid`): not a secret, and the same until logout, also when the person logs in anew.
    pub id: String,
    /// Names one act of logging in: new with each.
    pub login: String,
    /// The person (`sub`).
    pub subject: String,
    /// When they last proved who they are.
    pub auth_time: Timestamp,
    /// How (RFC 8176), such as `pwd`.
    pub amr: Vec<String>,
    /// How sure that makes the server (`acr`): one of [`acr_values`](crate::ServerConfig::acr_values).
    pub acr: Option<String>,
    /// What the browser shows to the frame of Session Management 3.3; none where there is no such frame.
    pub browser_state: Option<String>,
    /// When the session ends by itself.
    pub expires_at: Timestamp,
}

impl AuthorizationServer {
    /// A new login session of a person who has just proved who they are, by `amr` (RFC 8176). The caller keeps it, behind a
    /// cookie for example, or forgets it when the request at hand is answered.
    ///
    /// # Errors
    /// When the source of randomness fails.
    pub fn begin_session(&self, subject: &str, amr: &[&str], lifetime: Duration) -> Result<Session, Error> {
        let now = self.now();
        Ok(Session {
            id: self.random_id()?,
            login: self.random_id()?,
            subject: subject.to_owned(),
            auth_time: now,
            amr: amr.iter().map(|method| (*method).to_owned()).collect(),
            acr: self.config().acr_values.last().cloned(),
            browser_state: None,
            expires_at: now.saturating_add(lifetime),
        })
    }
}

impl Session {
    /// What the person of this session grants to a client: it ends with the session, unless the client may act while they are
    /// away.
    pub(crate) fn grant(
        &self,
        server: &AuthorizationServer,
        client_id: &str,
        scope: Scope,
        resource: &[String],
    ) -> Result<Grant, Error> {
        let offline = scope.contains("offline_access");
        let longest = server.now().saturating_add(server.config().grant_lifetime);
        Ok(Grant {
            id: GrantId(server.random_id()?),
            client_id: client_id.to_owned(),
            subject: self.subject.clone(),
            scope,
            auth_time: self.auth_time,
            amr: self.amr.clone(),
            acr: self.acr.clone(),
            userinfo_claims: Vec::new(),
            id_token_claims: Vec::new(),
            resource: resource.to_vec(),
            session_id: self.id.clone(),
            offline,
            expires_at: if offline { longest } else { longest.min(self.expires_at) },
        })
    }
}
