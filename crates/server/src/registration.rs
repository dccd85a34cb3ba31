//! Registering a client from the operator's side: checked metadata, a generated identifier, a secret shown once.

use authmint_jose::Secret;
use authmint_oauth2::{ClientAuthMethod, ClientMetadata, Error as ProtocolError, ErrorCode, Scope};

use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{AccessTokenFormat, Client, TokenHash};

/// The longest `client_id`, in bytes.
const MAX_ID_BYTES: usize = 255;

/// A client to be registered.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    /// Its identifier; `None` lets the server make one.
    pub id: Option<String>,
    /// Its metadata. An empty scope becomes `openid profile email` where people log in.
    pub metadata: ClientMetadata,
    /// The resource servers its access tokens are for.
    pub audience: Vec<String>,
    /// The format of its access tokens.
    pub access_token_format: AccessTokenFormat,
    /// Whether it belongs to the operator, so that nobody is asked for consent.
    pub trusted: bool,
}

/// A client that was registered. The secret is nowhere else: show it now or never.
#[derive(Clone, Debug)]
pub struct RegisteredClient {
    /// The client.
    pub client: Client,
    /// Its secret, for the methods that use one.
    pub secret: Option<Secret>,
}

impl AuthorizationServer {
    /// Registers a client.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the metadata does not fit together or the identifier is taken.
    pub async fn register_client(&self, new: NewClient) -> Result<RegisteredClient, Error> {
        let NewClient { id, mut metadata, audience, access_token_format, trusted } = new;
        metadata.check()?;
        if metadata.scope.is_empty() && !metadata.redirect_uris.is_empty() {
            metadata.scope = "openid profile email".parse::<Scope>()?;
        }
        let id = match id {
            Some(id) => id,
            None => self.random_id()?,
        };
        if id.is_empty() || id.len() > MAX_ID_BYTES || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid("client_id is 1 to 255 visible ASCII characters without spaces").into());
        }
        let uses_secret = matches!(
            metadata.token_endpoint_auth_method,
            ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost
        );
        let secret = if uses_secret { Some(self.random_token()?) } else { None };
        let client = Client {
            id,
            metadata,
            secret_hash: secret.as_ref().map(|secret| TokenHash::of(secret.expose())),
            audience,
            access_token_format,
            consent_required: !trusted,
            created_at: self.now(),
        };
        if !self.storage().add_client(client.clone()).await? {
            return Err(invalid("a client with this client_id exists already").into());
        }
        tracing::info!(client_id = client.id, "client registered");
        Ok(RegisteredClient { client, secret })
    }
}

fn invalid(description: &'static str) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidClientMetadata, description)
        .parameter("client_id")
        .section("RFC 7591 2")
}
