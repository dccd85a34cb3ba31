//! Access tokens, refresh tokens, revocations.

use std::collections::HashMap;

use authmint_jose::Timestamp;
use authmint_server::storage::{
    AccessTokenRecord, Answer, Consumed, Grant, GrantId, IssuedTokens, RefreshTokenRecord,
    StoredRefreshToken, TokenHash, TokenStore,
};

use super::attempt::{Connection, Manner};
use super::columns::{Plain, Text, bytes};
use super::consume::{REFRESH_TOKENS, consume};
use super::failed::Failed;
use super::{PostgresStore, grants, locks, sessions};
use crate::records::{Json, seconds, timestamp};

/// An access token that a client has for itself: it descends from nothing, so that it can be kept without a lock.
pub(super) type OwnToken = (TokenHash, AccessTokenRecord);

impl TokenStore for PostgresStore {
    fn save_grant(&self, grant: Grant) -> Answer<'_, ()> {
        self.run(Manner::Transaction, async move |connection: &Connection| {
            grants::lock_for(connection, &grant).await?;
            grants::begin(connection, &grant).await.map(drop)
        })
    }

    fn grant<'a>(&'a self, id: &'a GrantId) -> Answer<'a, Option<Grant>> {
        let id = id.clone();
        self.run(Manner::Statement, async move |connection: &Connection| {
            let row = connection.row("SELECT record FROM grants WHERE id = $1", &[&Text(&id.0)]).await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?.map(|Json(grant)| grant))
        })
    }

    fn save_tokens(&self, tokens: IssuedTokens) -> Answer<'_, ()> {
        match tokens {
            IssuedTokens { access_token: Some(own), refresh_token: None } if own.1.grant.is_none() => {
                self.own_tokens.ask(own)
            }
            tokens => self.run(Manner::Transaction, async move |connection: &Connection| {
                grants::keep_tokens(connection, &tokens).await
            }),
        }
    }

    fn access_token(&self, token: TokenHash) -> Answer<'_, Option<AccessTokenRecord>> {
        self.access_tokens.ask(token)
    }

    fn refresh_token(&self, token: TokenHash) -> Answer<'_, Option<StoredRefreshToken>> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql =
                "SELECT record, issued_at, refresh_tokens.expires_at, rotated, dpop_jkt FROM refresh_tokens
                       JOIN grants ON grants.id = grant_id WHERE hash = $1";
            let Some(row) = connection.row(sql, &[&bytes(&token)]).await? else { return Ok(None) };
            let Json(grant): Json<Grant> = row.try_get(0)?;
            let (issued_at, expires_at) = (timestamp(row.try_get(1)?), timestamp(row.try_get(2)?));
            let record = RefreshTokenRecord { grant, dpop_jkt: row.try_get(4)?, issued_at, expires_at };
            Ok(Some(StoredRefreshToken { record, rotated: row.try_get(3)? }))
        })
    }

    fn rotate_refresh_token(
        &self,
        token: TokenHash,
        successors: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed> {
        consume(self, &REFRESH_TOKENS, token, successors, revoked_until)
    }

    fn revoke_access_token(&self, token: TokenHash) -> Answer<'_, ()> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            connection.execute("DELETE FROM access_tokens WHERE hash = $1", &[&bytes(&token)]).await.map(drop)
        })
    }

    fn revoke_jwt<'a>(&'a self, jti: &'a str, until: Timestamp) -> Answer<'a, ()> {
        let jti = jti.to_owned();
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql = "INSERT INTO revoked_jwts (jti, until) VALUES ($1, $2)
                       ON CONFLICT (jti) DO UPDATE SET until = greatest(revoked_jwts.until, excluded.until)";
            connection.execute(sql, &[&Text(&jti), &seconds(until)]).await.map(drop)
        })
    }

    fn revoke_grant<'a>(&'a self, grant: &'a GrantId, until: Timestamp) -> Answer<'a, ()> {
        let grant = grant.clone();
        self.run(Manner::Transaction, async move |connection: &Connection| {
            locks::exclusive(connection, &[locks::grant(&grant.0)]).await?;
            grants::end(connection, &grant.0, until).await
        })
    }

    fn revoke_session<'a>(&'a self, session_id: &'a str, until: Timestamp) -> Answer<'a, Vec<String>> {
        let session_id = session_id.to_owned();
        self.run(Manner::Transaction, async move |connection: &Connection| {
            locks::exclusive(connection, &[locks::session(&session_id)]).await?;
            sessions::end(connection, &session_id, until, false).await?;
            let id = Text(&session_id);
            connection.execute("DELETE FROM sessions WHERE id = $1", &[&id]).await?;
            let sql = "WITH ended AS (DELETE FROM grants WHERE session_id = $1 AND NOT offline RETURNING id)
                       INSERT INTO revoked_grants (id, until) SELECT id, $2 FROM ended
                       ON CONFLICT (id) DO UPDATE SET until = greatest(revoked_grants.until, excluded.until)";
            connection.execute(sql, &[&id, &seconds(until)]).await?;
            let sql = "DELETE FROM session_clients WHERE session_id = $1 RETURNING client_id";
            let rows = connection.rows(sql, &[&id]).await?;
            let plain = |row: &tokio_postgres::Row| row.try_get(0).map(|Plain(client_id)| client_id);
            let mut clients = rows.iter().map(plain).collect::<Result<Vec<_>, _>>()?;
            clients.sort_unstable();
            Ok(clients)
        })
    }

    fn is_revoked<'a>(&'a self, jti: &'a str, grant: Option<&'a GrantId>) -> Answer<'a, bool> {
        let (jti, grant) = (jti.to_owned(), grant.cloned());
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM revoked_jwts WHERE jti = $1)
                           OR EXISTS (SELECT 1 FROM revoked_grants WHERE id = $2)";
            let grant = grant.as_ref().map(|grant| Text(&grant.0));
            Ok(connection.one(sql, &[&Text(&jti), &grant]).await?.try_get(0)?)
        })
    }
}

/// Keeps a batch.
pub(super) async fn save_own(connection: &Connection, batch: &[OwnToken]) -> Result<Vec<()>, Failed> {
    let hashes: Vec<&[u8]> = batch.iter().map(|(hash, _)| bytes(hash)).collect();
    let clients: Vec<Text<'_>> = batch.iter().map(|(_, record)| Text(&record.client_id)).collect();
    let records: Vec<Json<&AccessTokenRecord>> = batch.iter().map(|(_, record)| Json(record)).collect();
    let expire: Vec<i64> = batch.iter().map(|(_, record)| seconds(record.expires_at)).collect();
    let sql = "INSERT INTO access_tokens (hash, client_id, record, expires_at)
               SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[])";
    connection.execute(sql, &[&hashes, &clients, &records, &expire]).await?;
    Ok(batch.iter().map(|_| ()).collect())
}

/// Finds a batch.
pub(super) async fn find(
    connection: &Connection,
    wanted: &[TokenHash],
) -> Result<Vec<Option<AccessTokenRecord>>, Failed> {
    let hashes: Vec<&[u8]> = wanted.iter().map(bytes).collect();
    let sql = "SELECT hash, record FROM access_tokens WHERE hash = ANY($1::bytea[])";
    let mut found: HashMap<Vec<u8>, AccessTokenRecord> = HashMap::new();
    for row in connection.rows(sql, &[&hashes]).await? {
        let Json(record) = row.try_get(1)?;
        found.insert(row.try_get(0)?, record);
    }
    Ok(wanted.iter().map(|hash| found.get(bytes(hash)).cloned()).collect())
}
