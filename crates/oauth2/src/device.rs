//! The messages of the device authorization grant (RFC 8628).

use authmint_jose::Secret;
use serde::{Deserialize, Serialize};

use crate::token::exposed;

/// How many seconds a client waits between two polls when the server does not say (RFC 8628 3.2).
pub const DEFAULT_INTERVAL: u64 = 5;

/// The answer to a device authorization request (RFC 8628 3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAuthorizationResponse {
    /// What the device polls with.
    #[serde(serialize_with = "exposed")]
    pub device_code: Secret,
    /// What the person types on another device.
    pub user_code: String,
    /// Where.
    pub verification_uri: String,
    /// The same address with the code in it, for a QR code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_uri_complete: Option<String>,
    /// For how many seconds both codes are good.
    pub expires_in: u64,
    /// How many seconds to wait between two polls.
    #[serde(default = "default_interval")]
    pub interval: u64,
}

fn default_interval() -> u64 {
    DEFAULT_INTERVAL
}
