//! Removing what has expired, in steps short enough that nobody waits for them.

use authmint_jose::Timestamp;
use authmint_server::storage::{Answer, Storage};
use rusqlite::params;

use super::{SqliteStore, seconds};

/// How many rows one step removes at most.
const STEP: usize = 1000;

/// Table, key and condition of what has expired. A redeemed code and a rotated refresh token are kept until their grant
/// expires, so that a replay is recognised.
const EXPIRED: &[(&str, &str, &str)] = &[
    ("interactions", "id", "expires_at <= ?1"),
    ("pushed_requests", "id", "expires_at <= ?1"),
    ("devices", "device_code", "expires_at <= ?1 AND redeemed = 0"),
    ("codes", "hash", "expires_at <= ?1 AND redeemed = 0"),
    ("access_tokens", "hash", "expires_at <= ?1"),
    ("refresh_tokens", "hash", "expires_at <= ?1 AND rotated = 0"),
    ("grants", "id", "expires_at <= ?1"),
    ("session_clients", "(session_id, client_id)", "expires_at <= ?1"),
    ("revoked_grants", "id", "until <= ?1"),
    ("revoked_sessions", "id", "until <= ?1"),
    ("revoked_jwts", "jti", "until <= ?1"),
    ("used_once", "hash", "until <= ?1"),
    ("sessions", "cookie", "expires_at <= ?1"),
];

impl Storage for SqliteStore {
    fn purge(&self, now: Timestamp) -> Answer<'_, u64> {
        Box::pin(async move {
            let mut removed = 0_u64;
            for (table, key, condition) in EXPIRED {
                let sql = format!(
                    "DELETE FROM {table} WHERE {key} IN (SELECT {} FROM {table} WHERE {condition} LIMIT {STEP})",
                    key.trim_matches(['(', ')'])
                );
                loop {
                    let sql = sql.clone();
                    let step =
                        self.write(move |connection| connection.execute(&sql, params![seconds(now)])).await?;
                    removed = removed.saturating_add(u64::try_from(step).unwrap_or_default());
                    if step < STEP {
                        break;
                    }
                }
            }
            Ok(removed)
        })
    }
}
