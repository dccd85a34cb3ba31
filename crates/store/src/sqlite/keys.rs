//! The list of sealed signing keys.

use authmint_server::storage::{Answer, KeyStore, KeysVersion, StoredKey};
use rusqlite::params;

use super::SqliteStore;
use crate::records::Json;

impl KeyStore for SqliteStore {
    fn keys(&self) -> Answer<'_, (KeysVersion, Vec<StoredKey>)> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT version, keys FROM signing_keys")?;
            query.query_row([], |row| {
                let Json(keys) = row.get::<_, Json<Vec<StoredKey>>>(1)?;
                let version: i64 = row.get(0)?;
                Ok((KeysVersion(u64::try_from(version).unwrap_or_default()), keys))
            })
        })
    }

    fn replace_keys(&self, expected: KeysVersion, keys: Vec<StoredKey>) -> Answer<'_, bool> {
        let expected = i64::try_from(expected.0).unwrap_or(i64::MAX);
        self.write(move |connection| {
            let sql = "UPDATE signing_keys SET version = version + 1, keys = ?2 WHERE version = ?1";
            Ok(connection.prepare_cached(sql)?.execute(params![expected, Json(&keys)])? == 1)
        })
    }
}
