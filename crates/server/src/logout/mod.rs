//! Logout, as decisions and as messages to clients. One file a part:
//!
//! | file | what | source |
//! |---|---|---|
//! | `request` | a client asks for the logout | RP-Initiated Logout 1.0 |
//! | `hint` | the ID token that says whose | RP-Initiated Logout 4, Core 3.1.2.1 |
//! | `ended` | the session ends; which frames the browser loads then | Front-Channel Logout 1.0 |
//! | `back_channel` | logout tokens, posted to clients | Back-Channel Logout 1.0 |
//!
//! Clients are told by whoever ends a session with [`AuthorizationServer::end_session`](crate::AuthorizationServer::end_session).
//! A session that expires by itself, or that the store ends with a changed password or a locked account, ends without a word
//! to clients: no verb of the store says then which clients took part. Their tokens are dead all the same.

mod back_channel;
mod ended;
mod hint;
mod request;

use authmint_oauth2::{ClientMetadata, Error as ProtocolError, ErrorCode};

pub use ended::EndedSession;
pub use request::Logout;

use crate::server::AuthorizationServer;

impl AuthorizationServer {
    /// Refuses a client that wants to be told in a way that this server has not.
    pub(crate) fn check_logout_metadata(&self, metadata: &ClientMetadata) -> Result<(), ProtocolError> {
        let refused = |parameter: &'static str, text: &'static str| {
            Err(ProtocolError::new(ErrorCode::InvalidClientMetadata, text).parameter(parameter))
        };
        if metadata.backchannel_logout_uri.is_some() && self.transport().is_none() {
            return refused(
                "backchannel_logout_uri",
                "backchannel_logout_uri needs a transport: this server calls nobody",
            );
        }
        if metadata.frontchannel_logout_uri.is_some() && !self.config().front_channel_logout {
            return refused(
                "frontchannel_logout_uri",
                "frontchannel_logout_uri is not supported; see frontchannel_logout_supported",
            );
        }
        Ok(())
    }
}
