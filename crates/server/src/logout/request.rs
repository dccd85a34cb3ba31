//! The request of a client, as a decision (OpenID Connect RP-Initiated Logout 1.0: 2, 3, 6).
//!
//! The browser goes back to the client only if the address is registered for a client that the request proves: by an ID
//! token of ours, or by a name that agrees with it. Without an ID token of the session at hand the person is asked, so
//! that no page on the web can log people out (6, "Denial of Service").

use std::sync::Arc;

use authmint_oauth2::{Error as ProtocolError, ErrorCode, Params};
use authmint_oidc::{IdTokenClaims, LogoutRequest};

use crate::authorize::Session;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::Client;

/// A logout request that was checked.
#[derive(Clone, Debug)]
pub struct Logout {
    /// Whether the person must be asked first.
    pub confirm: bool,
    /// The client that asks, if it is known.
    pub client: Option<Arc<Client>>,
    /// Where to send the browser afterwards, with 303; `None`: stay here.
    pub redirect: Option<String>,
}

impl AuthorizationServer {
    /// Checks a logout request.
    ///
    /// # Errors
    /// [`Error::Protocol`] for a page: a hint that is not ours, a client that is not registered, an address that is not
    /// registered for it.
    pub async fn verify_logout(&self, params: &Params, session: Option<&Session>) -> Result<Logout, Error> {
        let request = LogoutRequest::from_params(params)?;
        let hint = match &request.id_token_hint {
            Some(hint) => Some(self.verify_id_token_hint(hint).await?),
            None => None,
        };
        let client_id = client_id(&request, hint.as_ref())?;
        let client = match &client_id {
            Some(client_id) => Some(self.storage().client(client_id).await?.ok_or_else(|| {
                ProtocolError::new(ErrorCode::InvalidRequest, "client_id is not registered here")
                    .parameter("client_id")
            })?),
            None => None,
        };
        let redirect = match &request.post_logout_redirect_uri {
            Some(uri) => Some(redirect(client.as_deref(), uri, request.state.as_deref())?),
            None => None,
        };
        let named = hint.as_ref().zip(session);
        let same = named.is_some_and(|(hint, session)| {
            let name =
                client.as_ref().map(|client| self.subjects(client).name(&session.subject).into_owned());
            Some(&hint.sub) == name.as_ref() && hint.sid.as_deref() == Some(session.id.as_str())
        });
        Ok(Logout { confirm: session.is_some() && !same, client, redirect })
    }
}

/// The client by name, which must agree with the hint (Logout 2).
fn client_id(request: &LogoutRequest, hint: Option<&IdTokenClaims>) -> Result<Option<String>, ProtocolError> {
    match (&request.client_id, hint) {
        (Some(named), Some(hint)) if !hint.aud.contains(named) => {
            Err(ProtocolError::malformed("client_id", "the client that the ID token was issued to")
                .section("RP-Initiated Logout 2"))
        }
        (Some(named), _) => Ok(Some(named.clone())),
        (None, Some(hint)) => Ok(hint.azp.clone().or_else(|| hint.aud.iter().next().map(str::to_owned))),
        (None, None) => Ok(None),
    }
}

fn redirect(client: Option<&Client>, uri: &str, state: Option<&str>) -> Result<String, ProtocolError> {
    let registered = client.into_iter().flat_map(|client| &client.metadata.post_logout_redirect_uris);
    let matched = registered.into_iter().find_map(|known| known.matches(uri)).ok_or_else(|| {
        ProtocolError::new(
            ErrorCode::InvalidRequest,
            "post_logout_redirect_uri is not registered for the client that asks; send its id_token_hint or client_id",
        )
        .parameter("post_logout_redirect_uri")
        .section("RP-Initiated Logout 3")
    })?;
    let mut response = Params::new();
    response.set_some("state", state);
    Ok(matched.with(&response))
}
