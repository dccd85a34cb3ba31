//! Authorization codes.

use authmint_jose::Timestamp;
use authmint_oauth2::CodeChallenge;
use authmint_server::storage::{
    Answer, CodeRecord, CodeStore, Consumed, Grant, GrantId, IssuedTokens, StoredCode, TokenHash,
};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::tokens::{begin_grant, revoke_grant, save};
use super::{Json, SqliteStore, seconds, timestamp};

/// What a code says beyond its grant.
#[derive(Serialize, Deserialize)]
struct Rest {
    redirect_uri: Option<String>,
    code_challenge: Option<CodeChallenge>,
    nonce: Option<String>,
    #[serde(default)]
    dpop_jkt: Option<String>,
}

impl CodeStore for SqliteStore {
    fn save_code(&self, code: TokenHash, record: CodeRecord) -> Answer<'_, ()> {
        self.write(move |connection| {
            let CodeRecord { grant, redirect_uri, code_challenge, nonce, dpop_jkt, expires_at } = record;
            if !begin_grant(connection, &grant)? {
                return Ok(());
            }
            let sql = "INSERT INTO codes (hash, grant_id, record, expires_at) VALUES (?1, ?2, ?3, ?4)";
            let rest = Json(Rest { redirect_uri, code_challenge, nonce, dpop_jkt });
            let values = params![code.as_bytes(), grant.id.0, rest, seconds(expires_at)];
            connection.prepare_cached(sql)?.execute(values).map(drop)
        })
    }

    fn code(&self, code: TokenHash) -> Answer<'_, Option<StoredCode>> {
        self.read(move |connection| {
            let sql = "SELECT codes.record, redeemed, codes.expires_at, grants.record FROM codes
                       JOIN grants ON grants.id = grant_id WHERE hash = ?1";
            let mut query = connection.prepare_cached(sql)?;
            let stored = query.query_row([code.as_bytes()], |row| {
                let (Json(rest), Json(grant)): (Json<Rest>, Json<Grant>) = (row.get(0)?, row.get(3)?);
                let Rest { redirect_uri, code_challenge, nonce, dpop_jkt } = rest;
                let expires_at = timestamp(row.get(2)?);
                let record = CodeRecord { grant, redirect_uri, code_challenge, nonce, dpop_jkt, expires_at };
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
