//! How clients come to be: by the operator's hand, and over HTTP (RFC 7591, RFC 7592, OpenID Connect Registration 1.0).
//!
//! | file | what | source |
//! |---|---|---|
//! | `check` | what of the metadata this server has; the sector | RFC 7591 2, Registration 2, 5 |
//! | `secret` | the client's secret | Core 10.1, 16.19 |
//! | `request` | the JSON of a request, and the statement about the software in it | RFC 7591 2, 3.1 |
//! | `software_statement` | who vouches for the software | RFC 7591 2.3, 3.1.1 |
//! | `stranger` | what a client may be that nobody here knows | RFC 7591 5 |
//! | `invitation` | initial access tokens | RFC 7591 1.2, 3 |
//! | `endpoint` | the registration endpoint | RFC 7591 3 |
//! | `management` | the client configuration endpoint | RFC 7592 2 |
//!
//! # Who may do what
//! | | token | methods | bounds |
//! |---|---|---|---|
//! | `/register` | initial access token where [`Registration::Invited`](crate::Registration) | POST | 64 KiB, strict JSON |
//! | `/register/{client_id}` | the client's registration access token | GET, PUT, DELETE | the same |

mod check;
pub(crate) mod endpoint;
mod invitation;
pub(crate) mod management;
mod request;
mod secret;
mod software_statement;
mod stranger;

use authmint_jose::Secret;
use authmint_oauth2::{ClientInformation, ClientMetadata, Error as ProtocolError, ErrorCode, Scope};

use self::secret::KeptSecret;
use crate::audit;
use crate::endpoint::paths;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{AccessTokenFormat, Client, TokenHash};

pub use invitation::Invitation;

/// The longest `client_id`, in bytes.
const MAX_ID_BYTES: usize = 255;

/// A client to be registered.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    /// Its identifier; `None` lets the server make one.
    pub id: Option<String>,
    /// Its metadata. An empty scope becomes `openid profile email` where people log in.
    pub metadata: ClientMetadata,
    /// A secret of the operator's own, of at least 16 bytes, or 64 where it is a key as well; `None` lets the server make one
    /// where one is needed.
    pub secret: Option<Secret>,
    /// The resource servers its access tokens are for.
    pub audience: Vec<String>,
    /// The format of its access tokens.
    pub access_token_format: AccessTokenFormat,
    /// Whether it belongs to the operator, so that nobody is asked for consent.
    pub trusted: bool,
}

impl NewClient {
    /// Checks what can be told without a server: whether the metadata fits together, and the secret fits it.
    ///
    /// # Errors
    /// What to change.
    pub fn check(&self) -> Result<(), ProtocolError> {
        self.metadata.check()?;
        self.secret.as_ref().map_or(Ok(()), |secret| secret::check_own(secret, &self.metadata))
    }
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
    pub async fn register_client(&self, mut new: NewClient) -> Result<RegisteredClient, Error> {
        let metadata = &mut new.metadata;
        if metadata.scope.is_empty() && !metadata.redirect_uris.is_empty() {
            metadata.scope = "openid profile email".parse::<Scope>()?;
        }
        self.judge(metadata).await?;
        self.keep_client(new, None).await
    }

    /// Keeps a client whose metadata was judged, with the token that it manages itself with, if it has one.
    async fn keep_client(
        &self,
        new: NewClient,
        registration_token: Option<TokenHash>,
    ) -> Result<RegisteredClient, Error> {
        let NewClient { id, metadata, secret: own, audience, access_token_format, trusted } = new;
        let id = match id {
            Some(id) => id,
            None => self.random_id()?,
        };
        if id.is_empty() || id.len() > MAX_ID_BYTES || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid("client_id is 1 to 255 visible ASCII characters without spaces").into());
        }
        let (secret, KeptSecret { hash, sealed }) = self.new_secret(&id, &metadata, own)?;
        let client = Client {
            secret_hash: hash,
            sealed_secret: sealed,
            registration_token,
            id,
            metadata,
            audience,
            access_token_format,
            consent_required: !trusted,
            created_at: self.now(),
        };
        if !self.storage().add_client(client.clone()).await? {
            return Err(invalid("a client with this client_id exists already").into());
        }
        tracing::info!(target: audit::TARGET, event = "client_registered", client_id = client.id, "client registered");
        Ok(RegisteredClient { client, secret })
    }
}

/// The answer about a client that manages itself (RFC 7591 3.2.1, RFC 7592 3).
fn information(
    server: &AuthorizationServer,
    client: &Client,
    secret: Option<Secret>,
    registration_token: Secret,
) -> ClientInformation {
    ClientInformation {
        client_id: client.id.clone(),
        client_secret_expires_at: secret.is_some().then_some(0),
        client_secret: secret,
        client_id_issued_at: Some(client.created_at),
        registration_access_token: Some(registration_token),
        registration_client_uri: Some(server.issuer().endpoint(&format!(
            "{}/{}",
            paths::REGISTRATION,
            client.id
        ))),
        metadata: client.metadata.clone(),
    }
}

fn invalid(description: &'static str) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidClientMetadata, description)
        .parameter("client_id")
        .section("RFC 7591 2")
}
