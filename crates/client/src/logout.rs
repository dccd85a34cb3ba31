//! The logout address (RP-Initiated Logout 2).

use authmint_oidc::LogoutRequest;

use crate::client::Client;
use crate::token::Tokens;

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
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Some(format!("{endpoint}{joint}{}", request.to_params().to_query()))
    }
}
