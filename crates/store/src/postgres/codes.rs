//! Authorization codes.

use authmint_jose::Timestamp;
use authmint_server::storage::{
    Answer, CodeRecord, CodeStore, Consumed, Grant, IssuedTokens, StoredCode, TokenHash,
};

use super::PostgresStore;
use super::attempt::{Connection, Manner};
use super::columns::{Text, bytes};
use super::consume::{CODES, consume};
use super::failed::Failed;
use super::grants;
use super::locks;
use crate::records::{CodeRest, Json, seconds, timestamp};

impl CodeStore for PostgresStore {
    fn save_code(&self, code: TokenHash, record: CodeRecord) -> Answer<'_, ()> {
        let (grant, rest, expires_at) = CodeRest::split(record);
        self.run(Manner::Transaction, async move |connection: &Connection| {
            locks::shared(connection, &[locks::session(&grant.session_id)]).await?;
            end_with_session(connection, &grant).await?;
            if grants::keep(connection, &grant).await? {
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

/// A request that was under way when the person logged out is ended with the session.
async fn end_with_session(connection: &Connection, grant: &Grant) -> Result<(), Failed> {
    let sql = "INSERT INTO revoked_grants (id, until) SELECT $1, until FROM revoked_sessions
               WHERE id = $2 AND (offline OR NOT $3)
               ON CONFLICT (id) DO UPDATE SET until = greatest(revoked_grants.until, excluded.until)";
    let (id, session_id) = (Text(&grant.id.0), Text(&grant.session_id));
    connection.execute(sql, &[&id, &session_id, &grant.offline]).await.map(drop)
}
