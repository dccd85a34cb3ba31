//! The list of sealed signing keys.

use authmint_server::storage::{Answer, KeyStore, KeysVersion, StoredKey};

use super::PostgresStore;
use super::attempt::{Connection, Manner};
use crate::records::Json;

impl KeyStore for PostgresStore {
    fn keys(&self) -> Answer<'_, (KeysVersion, Vec<StoredKey>)> {
        self.run(Manner::Statement, async |connection: &Connection| {
            let row = connection.one("SELECT version, keys FROM signing_keys", &[]).await?;
            let Json(keys) = row.try_get(1)?;
            let version = u64::try_from(row.try_get::<_, i64>(0)?).unwrap_or_default();
            Ok((KeysVersion(version), keys))
        })
    }

    fn replace_keys(&self, expected: KeysVersion, keys: Vec<StoredKey>) -> Answer<'_, bool> {
        let expected = i64::try_from(expected.0).unwrap_or(i64::MAX);
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql = "UPDATE signing_keys SET version = version + 1, keys = $2 WHERE version = $1";
            Ok(connection.execute(sql, &[&expected, &Json(&keys)]).await? == 1)
        })
    }
}
