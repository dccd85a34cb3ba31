//! What every database keeps alike: how records and times stand in its columns, and which rows have expired.

use authmint_jose::Timestamp;
use authmint_oauth2::CodeChallenge;
use authmint_server::storage::{CodeRecord, Grant};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A record as JSON in a column.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> Json<T> {
    pub(crate) fn write(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.0)
    }
}

impl<T: DeserializeOwned> Json<T> {
    pub(crate) fn read(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text).map(Self)
    }
}

/// What a code says beyond its grant, which is kept once for all that descends from it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CodeRest {
    redirect_uri: Option<String>,
    code_challenge: Option<CodeChallenge>,
    nonce: Option<String>,
    #[serde(default)]
    dpop_jkt: Option<String>,
}

impl CodeRest {
    /// The grant, the rest, and when the code expires.
    pub(crate) fn split(record: CodeRecord) -> (Grant, Self, Timestamp) {
        let CodeRecord { grant, redirect_uri, code_challenge, nonce, dpop_jkt, expires_at } = record;
        (grant, Self { redirect_uri, code_challenge, nonce, dpop_jkt }, expires_at)
    }

    pub(crate) fn join(self, grant: Grant, expires_at: Timestamp) -> CodeRecord {
        let Self { redirect_uri, code_challenge, nonce, dpop_jkt } = self;
        CodeRecord { grant, redirect_uri, code_challenge, nonce, dpop_jkt, expires_at }
    }
}

/// A time in a column; later than a database can count is the end of time.
pub(crate) fn seconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

pub(crate) fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// A table of which rows expire.
pub(crate) struct Expiring {
    pub(crate) table: &'static str,
    pub(crate) key: &'static str,
    pub(crate) time: &'static str,
    /// The column that keeps a row beyond its time: it says that the row was consumed.
    pub(crate) consumed: Option<&'static str>,
}

pub(crate) const INTERACTIONS: Expiring = row("interactions", "id", "expires_at", None);
pub(crate) const PUSHED_REQUESTS: Expiring = row("pushed_requests", "id", "expires_at", None);
pub(crate) const DEVICES: Expiring = row("devices", "device_code", "expires_at", Some("redeemed"));

/// Every table that grows by itself. A redeemed code and a rotated refresh token are kept until their grant expires, so
/// that a replay is recognised.
pub(crate) const EXPIRING: &[Expiring] = &[
    INTERACTIONS,
    PUSHED_REQUESTS,
    DEVICES,
    row("session_clients", "session_id, client_id", "expires_at", None),
    row("codes", "hash", "expires_at", Some("redeemed")),
    row("access_tokens", "hash", "expires_at", None),
    row("refresh_tokens", "hash", "expires_at", Some("rotated")),
    row("grants", "id", "expires_at", None),
    row("revoked_grants", "id", "until", None),
    row("revoked_sessions", "id", "until", None),
    row("revoked_jwts", "jti", "until", None),
    row("used_once", "hash", "until", None),
    row("sessions", "cookie", "expires_at", None),
];

const fn row(
    table: &'static str,
    key: &'static str,
    time: &'static str,
    consumed: Option<&'static str>,
) -> Expiring {
    Expiring { table, key, time, consumed }
}

/// How many rows one step of a purge removes at most: short enough that nobody waits for it.
pub(crate) const STEP: usize = 1000;

/// What a program says to a database that a newer one has changed.
pub(crate) fn too_new(version: u64, known: usize) -> String {
    format!(
        "the database has tables of version {version}, and this program knows up to {known}: use the newer program"
    )
}
