//! What may be used once.

use authmint_jose::Timestamp;
use authmint_server::storage::{Answer, ReplayStore, TokenHash};

use super::PostgresStore;
use super::attempt::{Connection, Manner};
use super::columns::bytes;
use crate::records::seconds;

impl ReplayStore for PostgresStore {
    fn use_once(&self, identifier: TokenHash, until: Timestamp) -> Answer<'_, bool> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql = "INSERT INTO used_once (hash, until) VALUES ($1, $2)
                       ON CONFLICT (hash) DO UPDATE
                       SET until = greatest(used_once.until, excluded.until), repeated = TRUE
                       RETURNING NOT repeated";
            Ok(connection.one(sql, &[&bytes(&identifier), &seconds(until)]).await?.try_get(0)?)
        })
    }
}
