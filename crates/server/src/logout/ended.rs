//! The end of a login session, and the frames that the browser loads then (OpenID Connect Front-Channel Logout 1.0: 2, 3).

use std::sync::Arc;

use authmint_oauth2::Params;

use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::Client;

/// A login session that has ended, and the clients that took part in it, who are to be told.
#[derive(Clone, Debug)]
pub struct EndedSession {
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) clients: Vec<Arc<Client>>,
}

impl EndedSession {
    /// The clients that took part in the session and are still registered.
    #[must_use]
    pub fn clients(&self) -> &[Arc<Client>] {
        &self.clients
    }
}

impl AuthorizationServer {
    /// Ends what hangs on a login session: every grant of it but those with `offline_access`. Then
    /// [`tell_clients`](Self::tell_clients), and load [`front_channel_logout_uris`](Self::front_channel_logout_uris).
    ///
    /// Of several callers one is given the clients, once.
    ///
    /// # Errors
    /// When the store fails; the session must then be kept, so that the person can try again.
    pub async fn end_session(&self, session_id: &str, subject: &str) -> Result<EndedSession, Error> {
        let named = self.storage().revoke_session(session_id, self.revoked_until()).await?;
        let mut clients = Vec::new();
        for client_id in named {
            match self.storage().client(&client_id).await {
                Ok(client) => clients.extend(client),
                // The session has ended: an error would say that it has not.
                Err(error) => tracing::error!(client_id, %error, "a client can't be told of a logout"),
            }
        }
        Ok(EndedSession { id: session_id.to_owned(), subject: subject.to_owned(), clients })
    }

    /// What the browser is to load in frames so that clients end their sessions too, each with its client. `iss` and `sid`
    /// are for those that registered that they need them.
    #[must_use]
    pub fn front_channel_logout_uris<'e>(&self, ended: &'e EndedSession) -> Vec<(&'e Client, String)> {
        let uri = |client: &Client| {
            let metadata = &client.metadata;
            let uri = metadata.frontchannel_logout_uri.as_ref()?;
            if !metadata.frontchannel_logout_session_required {
                return Some(uri.clone());
            }
            let whose: Params =
                [("iss", self.issuer().as_str()), ("sid", ended.id.as_str())].into_iter().collect();
            let separator = if uri.contains('?') { '&' } else { '?' };
            Some(format!("{uri}{separator}{}", whose.to_query()))
        };
        ended.clients.iter().filter_map(|client| Some((client.as_ref(), uri(client)?))).collect()
    }
}
