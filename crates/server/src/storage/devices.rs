//! Devices that wait for a person's decision (RFC 8628).

use authmint_jose::Timestamp;
use authmint_oauth2::Scope;
use serde::{Deserialize, Serialize};

use super::{Answer, Consumed, Grant, IssuedTokens, TokenHash};

/// What a device asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAuthorization {
    /// The client on the device.
    pub client_id: String,
    /// What it asks for.
    pub scope: Scope,
    /// The APIs its tokens are to be for.
    pub resource: Vec<String>,
    /// How many seconds it waits between two polls, before it was ever too fast.
    pub interval: u64,
    /// When both codes stop being good.
    pub expires_at: Timestamp,
}

/// What the person decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceDecision {
    /// The device may have this.
    Allowed(Box<Grant>),
    /// It may not.
    Denied,
}

/// A device's state at one of its polls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolledDevice {
    /// What was asked for.
    pub authorization: DeviceAuthorization,
    /// What was decided; `None` while the person has not.
    pub decision: Option<DeviceDecision>,
    /// Whether the tokens were collected before.
    pub redeemed: bool,
    /// Whether this poll came before its time. The interval is five seconds longer from now on (RFC 8628 3.5).
    pub too_fast: bool,
}

/// Keeps what devices wait for.
pub trait DeviceStore {
    /// Keeps a new request; `false`, and no change, when the user code is in use. Of more than `most`, those that expire
    /// first go in the same transaction, never the new one.
    fn save_device_authorization(
        &self,
        device_code: TokenHash,
        user_code: TokenHash,
        authorization: DeviceAuthorization,
        most: usize,
    ) -> Answer<'_, bool>;

    /// What waits under a user code; `None` when there is nothing, or it was decided.
    fn device_authorization(&self, user_code: TokenHash) -> Answer<'_, Option<DeviceAuthorization>>;

    /// Keeps the decision: the first counts, later ones are told `false`, as are those for a code that is unknown. A grant
    /// whose session was ended meanwhile is dead, as with a code.
    fn decide_device_authorization(&self, user_code: TokenHash, decision: DeviceDecision)
    -> Answer<'_, bool>;

    /// Notes a poll at `now` and returns what there is, in one transaction; `None` when the code is unknown, or its grant
    /// was revoked.
    fn poll_device(&self, device_code: TokenHash, now: Timestamp) -> Answer<'_, Option<PolledDevice>>;

    /// Consumes a device code that was allowed, and keeps the tokens, in one transaction.
    ///
    /// On [`Consumed::Before`] no token is kept and the grant is revoked in the same transaction, until `revoked_until`.
    /// [`Consumed::Unknown`] also where nothing was allowed.
    fn redeem_device_code(
        &self,
        device_code: TokenHash,
        tokens: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed>;
}
