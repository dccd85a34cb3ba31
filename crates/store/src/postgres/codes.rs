//! Authorization codes.

use authmint_jose::Timestamp;
use authmint_server::storage::{
    Answer, CodeRecord, CodeStore, Consumed, Grant, IssuedTokens, StoredCode, TokenHash,
};

use super::PostgresStore;
use super::attempt::{Connection, Manner};
use super::columns::{Text, bytes};
use super::consume::{CODES, consume};
use super::grants;
use crate::records::{CodeRest, Json, seconds, timestamp};

impl CodeStore for PostgresStore {
    fn save_code(&self, code: TokenHash, record: CodeRecord) -> Answer<'_, ()> {
        let (grant, rest, expires_at) = CodeRest::split(record);
        self.run(Manner::Transaction, async move |connection: &Connection| {
            grants::lock_for(connection, &grant).await?;
            if grants::begin(connection, &grant).await? {
                let sql = "INSERT INTO codes (hash, grant_id, record, expires_at) VALUES ($1, $2, $3, $4)";
                let (id, expires_at) = (Text(&grant.id.0), seconds(expires_at));
                connection.execute(sql, &[&bytes(&code), &id, &Json(&rest), &expires_at]).await?;
            }
            Ok(())
        })
    }

    fn code(&self, code: TokenHash) -> Answer<'_, Option<StoredCode>> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql = "SELECT codes.record, grants.record, codes.expires_at, redeemed FROM codes
                       JOIN grants ON grants.id = grant_id WHERE hash = $1";
            let Some(row) = connection.row(sql, &[&bytes(&code)]).await? else { return Ok(None) };
            let (Json(rest), Json(grant)): (Json<CodeRest>, Json<Grant>) = (row.try_get(0)?, row.try_get(1)?);
            let record = rest.join(grant, timestamp(row.try_get(2)?));
            Ok(Some(StoredCode { record, redeemed: row.try_get(3)? }))
        })
    }

    fn redeem_code(
        &self,
        code: TokenHash,
        tokens: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed> {
        consume(self, &CODES, code, tokens, revoked_until)
    }
}
