//! Who is asking: client authentication at the token, introspection, revocation and other endpoints (RFC 6749 2.3).
//!
//! A client uses the one method it registered, no other: a confidential client that sends only its name is refused
//! before anything else is looked at. One file a method that needs more than a line.

mod assertion;

use std::sync::Arc;

use authmint_jose::constant_time_eq;
use authmint_oauth2::{
    ClientAuthMethod, ClientCredentials, Error as ProtocolError, ErrorCode, GrantType, Params, Scope,
};
use bytes::Bytes;
use http::Request;

use crate::audit;
use crate::endpoint::{self, Reply};
use crate::error::{Error, Stranger};
use crate::extension;
use crate::server::AuthorizationServer;
use crate::storage::{Client, TokenHash};

pub(crate) use assertion::{ALGORITHMS as ASSERTION_ALGORITHMS, SECRET_ALGORITHMS};

/// A client that has shown who it is, by the method it registered.
#[derive(Clone, Debug)]
pub struct VerifiedClient {
    client: Arc<Client>,
    dpop_jkt: Option<String>,
}

impl VerifiedClient {
    /// Authenticates the client of a request.
    ///
    /// Every failure has one answer, so that nobody learns which clients exist.
    pub(crate) async fn authenticate(
        server: &AuthorizationServer,
        request: &Request<Bytes>,
        params: &Params,
    ) -> Result<Self, Error> {
        let identified = match extension::client_auth(server, request, params) {
            Some((method, client_id)) => {
                let client = Self::registered(server, client_id, method.method()).await?;
                let proven = method.authenticate(&client, request, params).await?;
                if proven { Ok(client) } else { Err(wrong(client_id, method.method()).into()) }
            }
            None => Self::identify(server, request, params).await,
        };
        let client = identified.map_err(|error| match error {
            Error::Protocol(error) if error.code() == ErrorCode::InvalidClient => Error::Guess(error),
            other => other,
        })?;
        Ok(Self { client, dpop_jkt: None })
    }

    /// Authenticates the client of a form, and reads it.
    pub(crate) async fn of_form(
        server: &AuthorizationServer,
        request: &Request<Bytes>,
    ) -> Result<(Self, Params), Error> {
        let params = endpoint::form(request)?;
        Ok((Self::authenticate(server, request, &params).await?, params))
    }

    async fn identify(
        server: &AuthorizationServer,
        request: &Request<Bytes>,
        params: &Params,
    ) -> Result<Arc<Client>, Error> {
        let presented = ClientCredentials::from_request(request.headers(), params)?;
        let client_id = match &presented {
            ClientCredentials::Assertion { client_id, assertion } => {
                assertion::claimed_client(client_id.as_deref(), assertion)?
            }
            named => named.client_id().unwrap_or_default().to_owned(),
        };
        let client = find(server, &client_id).await?;
        let registered = &client.metadata.token_endpoint_auth_method;
        if !presented.fits(registered) {
            return Err(another_method(&client_id, registered).into());
        }
        match &presented {
            ClientCredentials::None { .. } => {}
            ClientCredentials::Basic { client_secret, .. }
            | ClientCredentials::Post { client_secret, .. } => {
                let expected = client.secret_hash.ok_or_else(refused)?;
                let presented = TokenHash::of(client_secret.expose());
                if !constant_time_eq(expected.as_bytes(), presented.as_bytes()) {
                    return Err(wrong(&client_id, "client_secret").into());
                }
            }
            ClientCredentials::Assertion { assertion, .. } => {
                assertion::verify(server, &client, assertion).await?;
            }
            _ => return Err(refused().into()),
        }
        Ok(client)
    }

    /// The client of that name, if it registered that method of an extension's.
    async fn registered(
        server: &AuthorizationServer,
        client_id: &str,
        method: &str,
    ) -> Result<Arc<Client>, Error> {
        let client = find(server, client_id).await.map_err(|error| match error {
            Error::Protocol(error) => Error::Guess(error),
            other => other,
        })?;
        let registered = &client.metadata.token_endpoint_auth_method;
        if registered.as_str() != method {
            return Err(Error::Guess(another_method(client_id, registered)));
        }
        Ok(client)
    }

    /// The same client, with the key that its request proves.
    pub(crate) fn with_key(self, dpop_jkt: Option<String>) -> Self {
        Self { dpop_jkt, ..self }
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn shared(&self) -> Arc<Client> {
        Arc::clone(&self.client)
    }

    /// The thumbprint of the key that the request proves: what is issued now is bound to it.
    #[must_use]
    pub fn dpop_jkt(&self) -> Option<&str> {
        self.dpop_jkt.as_deref()
    }

    /// Whether it proved more than its name.
    pub(crate) fn is_confidential(&self) -> bool {
        self.client.metadata.token_endpoint_auth_method != ClientAuthMethod::None
    }

    /// Says in the reply that whoever sent the request may have been anyone, where it may have made the server keep something:
    /// a client that proves nothing, or one that nobody here registered.
    pub(crate) fn mark_stranger(&self, reply: &mut Reply) {
        if !self.is_confidential() || self.client.registration_token.is_some() {
            reply.extensions_mut().insert(Stranger);
        }
    }

    /// The refusal of a code or token that there is not: a guess, unless the client proved who it is.
    pub(crate) fn unknown(&self, error: ProtocolError) -> Error {
        if self.is_confidential() { Error::Protocol(error) } else { Error::Guess(error) }
    }

    /// The scope that is asked for, within what the client is registered for; all of that where none is named.
    pub(crate) fn registered_scope(&self, asked: Option<Scope>) -> Result<Scope, ProtocolError> {
        let registered = &self.client.metadata.scope;
        let scope = asked.unwrap_or_else(|| registered.clone());
        if scope.is_subset(registered) {
            return Ok(scope);
        }
        Err(ProtocolError::new(
            ErrorCode::InvalidScope,
            "scope holds a value that is not registered for this client",
        )
        .parameter("scope")
        .section("RFC 6749 3.3"))
    }

    /// Refuses a grant that the client did not register.
    pub(crate) fn may_use(&self, grant_type: &GrantType) -> Result<(), ProtocolError> {
        if self.client.metadata.may_use(grant_type) {
            return Ok(());
        }
        let text = format!("this client may not use {}; add it to its grant_types", grant_type.as_str());
        Err(ProtocolError::new(ErrorCode::UnauthorizedClient, text)
            .parameter("grant_type")
            .section("RFC 6749 5.2"))
    }
}

async fn find(server: &AuthorizationServer, client_id: &str) -> Result<Arc<Client>, Error> {
    let client = server.storage().client(client_id).await?;
    Ok(client.ok_or_else(|| {
        // What was sent as a name may be anything, a secret too: it is not logged.
        tracing::info!(target: audit::TARGET, event = "client_refused", "client authentication failed: there is no client of this client_id");
        refused()
    })?)
}

fn another_method(client_id: &str, registered: &ClientAuthMethod) -> ProtocolError {
    tracing::info!(target: audit::TARGET, event = "client_refused", client_id,
        registered = registered.as_str(),
        "client authentication failed: another method than the registered one"
    );
    refused()
}

fn wrong(client_id: &str, what: &str) -> ProtocolError {
    tracing::info!(target: audit::TARGET, event = "client_refused", client_id, what, "client authentication failed: it does not fit");
    refused()
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
