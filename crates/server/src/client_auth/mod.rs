//! Who is asking: client authentication at the token, introspection and revocation endpoints (RFC 6749 2.3).
//!
//! A client uses the one method it registered, no other: a confidential client that sends only its name is refused
//! before anything else is looked at. One file a method that needs more than a line.

mod private_key_jwt;

use std::sync::Arc;

use authmint_jose::constant_time_eq;
use authmint_oauth2::{
    ClientAuthMethod, ClientCredentials, Error as ProtocolError, ErrorCode, GrantType, Params,
};
use http::HeaderMap;

use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{Client, TokenHash};

pub(crate) use private_key_jwt::ALGORITHMS as ASSERTION_ALGORITHMS;

/// A client that has shown who it is, by the method it registered.
#[derive(Clone, Debug)]
pub struct VerifiedClient(Arc<Client>);

impl VerifiedClient {
    /// Authenticates the client of a request.
    ///
    /// Every failure has one answer, so that nobody learns which clients exist.
    pub(crate) async fn authenticate(
        server: &AuthorizationServer,
        headers: &HeaderMap,
        params: &Params,
    ) -> Result<Self, Error> {
        Self::identify(server, headers, params).await.map_err(|error| match error {
            Error::Protocol(error) if error.code() == ErrorCode::InvalidClient => Error::Guess(error),
            other => other,
        })
    }

    async fn identify(
        server: &AuthorizationServer,
        headers: &HeaderMap,
        params: &Params,
    ) -> Result<Self, Error> {
        let presented = ClientCredentials::from_request(headers, params)?;
        let client_id = match &presented {
            ClientCredentials::Assertion { client_id, assertion } => {
                private_key_jwt::claimed_client(client_id.as_deref(), assertion)?
            }
            named => named.client_id().unwrap_or_default().to_owned(),
        };
        let Some(client) = server.storage().client(&client_id).await? else {
            // What was sent as a name may be anything, a secret too: it is not logged.
            tracing::info!("client authentication failed: there is no client of this client_id");
            return Err(refused().into());
        };
        if presented.method() != client.metadata.token_endpoint_auth_method {
            tracing::info!(
                client_id,
                used = presented.method().as_str(),
                registered = client.metadata.token_endpoint_auth_method.as_str(),
                "client authentication failed: another method than the registered one"
            );
            return Err(refused().into());
        }
        match &presented {
            ClientCredentials::None { .. } => {}
            ClientCredentials::Basic { client_secret, .. }
            | ClientCredentials::Post { client_secret, .. } => {
                let expected = client.secret_hash.ok_or_else(refused)?;
                let presented = TokenHash::of(client_secret.expose());
                if !constant_time_eq(expected.as_bytes(), presented.as_bytes()) {
                    tracing::info!(client_id, "client authentication failed: wrong client_secret");
                    return Err(refused().into());
                }
            }
            ClientCredentials::Assertion { assertion, .. } => {
                private_key_jwt::verify(server, &client, assertion).await?;
            }
            _ => return Err(refused().into()),
        }
        Ok(Self(client))
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0
    }

    /// Whether it proved more than its name.
    pub(crate) fn is_confidential(&self) -> bool {
        self.0.metadata.token_endpoint_auth_method != ClientAuthMethod::None
    }

    /// The refusal of a code or token that there is not: a guess, unless the client proved who it is.
    pub(crate) fn unknown(&self, error: ProtocolError) -> Error {
        if self.is_confidential() { Error::Protocol(error) } else { Error::Guess(error) }
    }

    /// Refuses a grant that the client did not register.
    pub(crate) fn may_use(&self, grant_type: GrantType) -> Result<(), ProtocolError> {
        if self.0.metadata.grant_types.contains(&grant_type) {
            return Ok(());
        }
        let text = format!("this client may not use {}; add it to its grant_types", grant_type.as_str());
        Err(ProtocolError::new(ErrorCode::UnauthorizedClient, text)
            .parameter("grant_type")
            .section("RFC 6749 5.2"))
    }
}

/// The one answer.
fn refused() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidClient,
        "client authentication failed: the client is unknown, its secret or assertion is wrong, or it used another \
         method than the one it registered",
    )
    .section("RFC 6749 5.2")
}
