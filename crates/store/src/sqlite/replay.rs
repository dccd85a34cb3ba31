//! What may be used once.

use authmint_jose::Timestamp;
use authmint_server::storage::{Answer, ReplayStore, TokenHash};
use rusqlite::params;

use super::{SqliteStore, seconds};

impl ReplayStore for SqliteStore {
    fn use_once(&self, identifier: TokenHash, until: Timestamp) -> Answer<'_, bool> {
        self.write(move |connection| {
            let sql = "INSERT INTO used_once (hash, until) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            Ok(connection.prepare_cached(sql)?.execute(params![identifier.as_bytes(), seconds(until)])? == 1)
        })
    }
}
