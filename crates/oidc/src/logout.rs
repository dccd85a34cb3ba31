//! The RP-initiated logout request (RP-Initiated Logout 2).

use authmint_jose::Secret;
use authmint_oauth2::authorization::opaque;
use authmint_oauth2::{Error, Params};

/// A request to log the person out at the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogoutRequest {
    /// An ID token of the session that is to end; may be expired.
    pub id_token_hint: Option<Secret>,
    /// The client, where there is no hint.
    pub client_id: Option<String>,
    /// Where to send the browser afterwards; must be registered.
    pub post_logout_redirect_uri: Option<String>,
    /// Returned with the browser.
    pub state: Option<String>,
}

impl LogoutRequest {
    /// Reads the request.
    ///
    /// # Errors
    /// `invalid_request` when `state` is longer than 4096 bytes.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        Ok(Self {
            id_token_hint: params.get("id_token_hint").map(Secret::new),
            client_id: params.get("client_id").map(str::to_owned),
            post_logout_redirect_uri: params.get("post_logout_redirect_uri").map(str::to_owned),
            state: opaque(params, "state")?,
        })
    }

    /// Writes the request.
    #[must_use]
    pub fn to_params(&self) -> Params {
        let mut params = Params::new();
        params.set_some("id_token_hint", self.id_token_hint.as_ref().map(Secret::expose));
        params.set_some("client_id", self.client_id.as_deref());
        params.set_some("post_logout_redirect_uri", self.post_logout_redirect_uri.as_deref());
        params.set_some("state", self.state.as_deref());
        params
    }
}
