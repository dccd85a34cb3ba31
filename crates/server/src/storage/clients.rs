//! Registered clients.

use std::sync::Arc;

use authmint_jose::Timestamp;
use authmint_oauth2::ClientMetadata;
use serde::{Deserialize, Serialize};

use super::{Answer, TokenHash};

/// What an access token looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessTokenFormat {
    /// A signed JWT (RFC 9068): an API verifies it by itself.
    #[default]
    Jwt,
    /// A random string: an API asks the introspection endpoint, and revocation takes effect at once.
    Opaque,
}

/// A registered client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// What was registered.
    pub metadata: ClientMetadata,
    /// The hash of the secret, for the methods that use one.
    pub secret_hash: Option<TokenHash>,
    /// The secret itself, sealed, where it is a key: `client_secret_jwt`, and algorithms that both sides share a key of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_secret: Option<String>,
    /// The hash of the token that the client manages its registration with (RFC 7592).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_token: Option<TokenHash>,
    /// The resource servers that its access tokens are for (`aud`); the issuer is added for UserInfo.
    #[serde(default)]
    pub audience: Vec<String>,
    /// The format of its access tokens.
    #[serde(default)]
    pub access_token_format: AccessTokenFormat,
    /// Whether people are asked before it learns about them; `false` for the operator's own applications. With `false`, a
    /// public client with a native redirect URI gives a code to whatever program on the device asks for one.
    #[serde(default = "yes")]
    pub consent_required: bool,
    /// When it was registered.
    pub created_at: Timestamp,
}

fn yes() -> bool {
    true
}

/// Keeps clients.
pub trait ClientStore {
    /// The client of that identifier.
    fn client<'a>(&'a self, client_id: &'a str) -> Answer<'a, Option<Arc<Client>>>;

    /// All clients, by identifier.
    fn clients(&self) -> Answer<'_, Vec<Arc<Client>>>;

    /// Adds a client; `false` when the identifier is taken (then nothing changed).
    fn add_client(&self, client: Client) -> Answer<'_, bool>;

    /// Changes a client; `false`, and no change, when there is none of this identifier and `created_at`: another one that came
    /// under the identifier of a removed client is not the one that was looked at.
    fn replace_client(&self, client: Client) -> Answer<'_, bool>;

    /// Removes a client with its codes and tokens, in one transaction; `false` when there was none.
    ///
    /// They stay away when a client is added under the same identifier later.
    fn remove_client<'a>(&'a self, client_id: &'a str) -> Answer<'a, bool>;
}
