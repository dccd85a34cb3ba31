//! The answer to a registration, and to every look at it later (RFC 7591 3.2.1; RFC 7592 3).

use authmint_jose::{Secret, Timestamp};
use serde::{Deserialize, Serialize};

use crate::client_metadata::ClientMetadata;
use crate::token::exposed_some;

/// A client as its server registered it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientInformation {
    /// The client's identifier.
    pub client_id: String,
    /// Its secret, for the methods that use one.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "exposed_some")]
    pub client_secret: Option<Secret>,
    /// When it was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id_issued_at: Option<Timestamp>,
    /// When the secret expires, in seconds; 0: never. There if there is a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<u64>,
    /// What the client reads and changes its registration with.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "exposed_some")]
    pub registration_access_token: Option<Secret>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_client_uri: Option<String>,
    /// What is registered.
    #[serde(flatten)]
    pub metadata: ClientMetadata,
}
