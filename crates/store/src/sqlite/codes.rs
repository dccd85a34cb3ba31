//! Authorization codes.

use authmint_jose::Timestamp;
use authmint_server::storage::{
    Answer, CodeRecord, CodeStore, Consumed, Grant, GrantId, IssuedTokens, StoredCode, TokenHash,
};
use rusqlite::{OptionalExtension, params};

use super::SqliteStore;
use super::tokens::{begin_grant, revoke_grant, save};
use crate::records::{CodeRest, Json, seconds, timestamp};

impl CodeStore for SqliteStore {
    fn save_code(&self, code: TokenHash, record: CodeRecord) -> Answer<'_, ()> {
        self.write(move |connection| {
            let (grant, rest, expires_at) = CodeRest::split(record);
            if !begin_grant(connection, &grant)? {
                return Ok(());
            }
            let sql = "INSERT INTO codes (hash, grant_id, record, expires_at) VALUES (?1, ?2, ?3, ?4)";
            let values = params![code.as_bytes(), grant.id.0, Json(rest), seconds(expires_at)];
            connection.prepare_cached(sql)?.execute(values).map(drop)
        })
    }

    fn code(&self, code: TokenHash) -> Answer<'_, Option<StoredCode>> {
        self.read(move |connection| {
            let sql = "SELECT codes.record, redeemed, codes.expires_at, grants.record FROM codes
                       JOIN grants ON grants.id = grant_id WHERE hash = ?1";
            let mut query = connection.prepare_cached(sql)?;
            let stored = query.query_row([code.as_bytes()], |row| {
                let (Json(rest), Json(grant)): (Json<CodeRest>, Json<Grant>) = (row.get(0)?, row.get(3)?);
                let record = rest.join(grant, timestamp(row.get(2)?));
                Ok(StoredCode { record, redeemed: row.get(1)? })
            });
            stored.optional()
        })
    }

    fn redeem_code(
        &self,
        code: TokenHash,
        tokens: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed> {
        self.write(move |connection| {
            let sql = "UPDATE codes SET redeemed = 1 WHERE hash = ?1 AND redeemed = 0";
            if connection.prepare_cached(sql)?.execute([code.as_bytes()])? == 1 {
                save(connection, &tokens)?;
                return Ok(Consumed::Now);
            }
            let sql = "SELECT grant_id FROM codes WHERE hash = ?1";
            let grant =
                connection.prepare_cached(sql)?.query_row([code.as_bytes()], |row| row.get(0)).optional()?;
            match grant {
                Some(grant) => {
                    revoke_grant(connection, &GrantId(grant), revoked_until).map(|()| Consumed::Before)
                }
                None => Ok(Consumed::Unknown),
            }
        })
    }
}
