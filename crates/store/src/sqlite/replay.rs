//! What may be used once.

use authmint_jose::Timestamp;
use authmint_server::storage::{Answer, ReplayStore, TokenHash};
use rusqlite::params;

use super::SqliteStore;
use crate::records::seconds;

impl ReplayStore for SqliteStore {
    fn use_once(&self, identifier: TokenHash, until: Timestamp) -> Answer<'_, bool> {
        self.write(move |connection| {
            let sql = "INSERT INTO used_once (hash, until) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            let values = params![identifier.as_bytes(), seconds(until)];
            let first = connection.prepare_cached(sql)?.execute(values)? == 1;
            if !first {
                let sql = "UPDATE used_once SET until = max(until, ?2) WHERE hash = ?1";
                connection.prepare_cached(sql)?.execute(values)?;
            }
            Ok(first)
        })
    }
}
