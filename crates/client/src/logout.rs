//! Logout: the address that ends the session at the provider (RP-Initiated Logout 2), and being told that it ended
//! (Back-Channel Logout 2.6, Front-Channel Logout 3).

use authmint_jose::{Policy, Timestamp};
use authmint_oauth2::Params;
use authmint_oidc::LogoutRequest;
use authmint_oidc::logout::LogoutTokenClaims;

use crate::client::Client;
use crate::error::Error;
use crate::id_token::{decrypt, verify_jwt};
use crate::request::with_query;
use crate::token::Tokens;

/// How old a logout token may be: it is sent when somebody logs out.
const MAX_AGE: std::time::Duration = std::time::Duration::from_secs(5 * 60);

/// The provider's word that a login is over. End the application's sessions that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutNotice {
    /// The person: all of their sessions, where `sid` says nothing.
    pub sub: Option<String>,
    /// The session at the provider: the `sid` of the ID token.
    pub sid: Option<String>,
    /// The token's identifier, to be used once: remember it until [`expires_at`](Self::expires_at). Ending a session twice does no
    /// harm, so an application that only ends sessions need not.
    pub jti: String,
    /// When the token expires.
    pub expires_at: Timestamp,
}

impl Client {
    /// The address to send the browser to, so that the person is logged out at the provider too; `None` when the
    /// provider has no such endpoint. End the application's own session first.
    #[must_use]
    pub fn logout_url(&self, tokens: &Tokens, state: Option<&str>) -> Option<String> {
        let endpoint = self.metadata().end_session_endpoint.as_deref()?;
        let request = LogoutRequest {
            id_token_hint: tokens.id_token.clone(),
            client_id: Some(self.config().client_id.clone()),
            post_logout_redirect_uri: self.config().post_logout_redirect_uri.clone(),
            state: state.map(str::to_owned),
            ..LogoutRequest::default()
        };
        Some(with_query(endpoint, &request.to_params()))
    }

    /// Reads the form that the provider posts when a person logs out (Back-Channel Logout 2.5), and verifies the token in it.
    /// Answer `200` when the sessions are ended, `400` on an error, and `Cache-Control: no-store` either way.
    ///
    /// # Errors
    /// [`Error::Protocol`] without a `logout_token`, [`Error::IdToken`] when it is not valid.
    pub async fn logout_notice(&self, form: &str) -> Result<LogoutNotice, Error> {
        let params = Params::parse(form.as_bytes())?;
        let config = self.config();
        let token = params.require("logout_token")?;
        // It is signed and encrypted as ID tokens are (2.2).
        let decrypted = decrypt(token, config.id_token_decryption.as_ref())?;
        let policy =
            Policy::logout_token(&config.id_token_algorithms, config.issuer.as_str(), &config.client_id)
                .max_age(MAX_AGE)
                .leeway(config.leeway);
        let jwt =
            verify_jwt::<LogoutTokenClaims>(self, decrypted.as_deref().unwrap_or(token), &policy).await?;
        let LogoutTokenClaims { sub, sid, jti, exp, .. } = jwt.claims;
        Ok(LogoutNotice { sub, sid, jti, expires_at: exp })
    }

    /// The session that a frame of the provider's speaks of (Front-Channel Logout 3): its `sid`, or `None` when it names no session.
    /// A page that anyone can load: end the session of this browser only, and only when it is that one.
    ///
    /// # Errors
    /// [`Error::WrongIssuer`] when the frame is of another provider.
    pub fn front_channel_logout(&self, query: &str) -> Result<Option<String>, Error> {
        let params = Params::parse(query.trim_start_matches('?').as_bytes())?;
        match (params.get("iss"), params.get("sid")) {
            (Some(iss), Some(sid)) if iss == self.config().issuer.as_str() => Ok(Some(sid.to_owned())),
            (None, None) => Ok(None),
            _ => Err(Error::WrongIssuer {
                expected: self.config().issuer.to_string(),
                problem: "a logout frame names this issuer and a session, or neither",
            }),
        }
    }
}
