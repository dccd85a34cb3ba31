//! What a token is worth, and ending one (RFC 7662, RFC 7009).

use authmint_jose::Secret;
use authmint_oauth2::{IntrospectionRequest, IntrospectionResponse, RevocationRequest, TokenTypeHint};

use crate::client::Client;
use crate::error::Error;
use crate::request::{self, Proof};

impl Client {
    /// Asks what a token is worth (RFC 7662).
    ///
    /// # Errors
    /// [`Error::Endpoint`] when the provider refuses to say.
    pub async fn introspect(
        &self,
        token: &Secret,
        hint: Option<TokenTypeHint>,
    ) -> Result<IntrospectionResponse, Error> {
        let url =
            self.endpoint("introspection_endpoint", self.metadata().server.introspection_endpoint.as_ref())?;
        let request = IntrospectionRequest { token: token.clone(), token_type_hint: hint };
        let response = request::post(self, url, &request.to_params(), Proof::None).await?;
        request::read("the introspection endpoint", &response)
    }

    /// Ends a token (RFC 7009); a refresh token takes its whole grant along.
    ///
    /// # Errors
    /// [`Error::Endpoint`] when the provider refuses; the token then is as good as before.
    pub async fn revoke(&self, token: &Secret, hint: Option<TokenTypeHint>) -> Result<(), Error> {
        let url =
            self.endpoint("revocation_endpoint", self.metadata().server.revocation_endpoint.as_ref())?;
        let request = RevocationRequest { token: token.clone(), token_type_hint: hint };
        let response = request::post(self, url, &request.to_params(), Proof::None).await?;
        request::check("the revocation endpoint", &response)
    }
}
