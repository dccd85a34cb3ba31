//! The messages of logout: the request of a client (RP-Initiated Logout 2), the token that is posted to clients
//! (Back-Channel Logout 2.4).

use authmint_jose::{Audience, Secret, Timestamp};
use authmint_oauth2::authorization::opaque;
use authmint_oauth2::{Error, Params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// Who is to be logged out, in whatever way the client knows them.
    pub logout_hint: Option<String>,
    /// Languages of the pages, the best first (BCP 47).
    pub ui_locales: Option<String>,
}

impl LogoutRequest {
    /// Reads the request.
    ///
    /// # Errors
    /// `invalid_request` when a value that is handed on is longer than 4096 bytes.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        Ok(Self {
            id_token_hint: params.get("id_token_hint").map(Secret::new),
            client_id: params.get("client_id").map(str::to_owned),
            post_logout_redirect_uri: params.get("post_logout_redirect_uri").map(str::to_owned),
            state: opaque(params, "state")?,
            logout_hint: opaque(params, "logout_hint")?,
            ui_locales: opaque(params, "ui_locales")?,
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
        params.set_some("logout_hint", self.logout_hint.as_deref());
        params.set_some("ui_locales", self.ui_locales.as_deref());
        params
    }
}

/// The `typ` of a logout token.
pub const LOGOUT_TOKEN_TYP: &str = "logout+jwt";

/// The member of `events` that makes a JWT a logout token.
pub const BACKCHANNEL_LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The claims of a logout token: which session, or which person, is logged out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogoutTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The client.
    pub aud: Audience,
    /// When it was issued.
    pub iat: Timestamp,
    /// When it stops being valid.
    pub exp: Timestamp,
    /// Its identifier.
    pub jti: String,
    /// What happened: [`BACKCHANNEL_LOGOUT_EVENT`], with an empty object.
    pub events: Map<String, Value>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}
