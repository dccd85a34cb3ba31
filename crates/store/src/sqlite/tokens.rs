//! Access tokens, refresh tokens, revocations.

use authmint_jose::Timestamp;
use authmint_server::storage::{
    AccessTokenRecord, Answer, Consumed, Grant, GrantId, IssuedTokens, RefreshTokenRecord,
    StoredRefreshToken, TokenHash, TokenStore,
};
use rusqlite::{Connection, OptionalExtension, Result as SqlResult, params};

use super::SqliteStore;
use crate::records::{Json, seconds, timestamp};

impl TokenStore for SqliteStore {
    fn save_grant(&self, grant: Grant) -> Answer<'_, ()> {
        self.write(move |connection| begin_grant(connection, &grant).map(drop))
    }

    fn grant<'a>(&'a self, id: &'a GrantId) -> Answer<'a, Option<Grant>> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT record FROM grants WHERE id = ?1")?;
            let found = query.query_row([&id.0], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(found.map(|Json(grant)| grant))
        })
    }

    fn save_tokens(&self, tokens: IssuedTokens) -> Answer<'_, ()> {
        self.write(move |connection| save(connection, &tokens))
    }

    fn access_token(&self, token: TokenHash) -> Answer<'_, Option<AccessTokenRecord>> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT record FROM access_tokens WHERE hash = ?1")?;
            let found = query.query_row([token.as_bytes()], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(found.map(|Json(record)| record))
        })
    }

    fn refresh_token(&self, token: TokenHash) -> Answer<'_, Option<StoredRefreshToken>> {
        self.read(move |connection| {
            let sql =
                "SELECT rotated, issued_at, refresh_tokens.expires_at, record, dpop_jkt FROM refresh_tokens
                       JOIN grants ON grants.id = grant_id WHERE hash = ?1";
            let mut query = connection.prepare_cached(sql)?;
            let stored = query.query_row([token.as_bytes()], |row| {
                let Json(grant): Json<Grant> = row.get(3)?;
                let (issued_at, expires_at) = (timestamp(row.get(1)?), timestamp(row.get(2)?));
                let record = RefreshTokenRecord { grant, dpop_jkt: row.get(4)?, issued_at, expires_at };
                Ok(StoredRefreshToken { record, rotated: row.get(0)? })
            });
            stored.optional()
        })
    }

    fn rotate_refresh_token(
        &self,
        token: TokenHash,
        successors: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed> {
        self.write(move |connection| {
            let sql = "UPDATE refresh_tokens SET rotated = 1 WHERE hash = ?1 AND rotated = 0";
            if connection.prepare_cached(sql)?.execute([token.as_bytes()])? == 1 {
                save(connection, &successors)?;
                return Ok(Consumed::Now);
            }
            let sql = "SELECT grant_id FROM refresh_tokens WHERE hash = ?1";
            let grant =
                connection.prepare_cached(sql)?.query_row([token.as_bytes()], |row| row.get(0)).optional()?;
            match grant {
                Some(grant) => {
                    revoke_grant(connection, &GrantId(grant), revoked_until).map(|()| Consumed::Before)
                }
                None => Ok(Consumed::Unknown),
            }
        })
    }

    fn revoke_access_token(&self, token: TokenHash) -> Answer<'_, ()> {
        self.write(move |connection| {
            connection
                .prepare_cached("DELETE FROM access_tokens WHERE hash = ?1")?
                .execute([token.as_bytes()])
                .map(drop)
        })
    }

    fn revoke_jwt<'a>(&'a self, jti: &'a str, until: Timestamp) -> Answer<'a, ()> {
        let jti = jti.to_owned();
        self.write(move |connection| {
            let sql = "INSERT INTO revoked_jwts (jti, until) VALUES (?1, ?2)
                       ON CONFLICT DO UPDATE SET until = max(until, excluded.until)";
            connection.prepare_cached(sql)?.execute(params![jti, seconds(until)]).map(drop)
        })
    }

    fn revoke_grant<'a>(&'a self, grant: &'a GrantId, until: Timestamp) -> Answer<'a, ()> {
        let grant = grant.clone();
        self.write(move |connection| revoke_grant(connection, &grant, until))
    }

    fn revoke_session<'a>(&'a self, session_id: &'a str, until: Timestamp) -> Answer<'a, Vec<String>> {
        let session_id = session_id.to_owned();
        self.write(move |connection| {
            end_session(connection, &session_id, until, false)?;
            let sql = "DELETE FROM sessions WHERE record ->> 'id' = ?1";
            connection.prepare_cached(sql)?.execute([&session_id])?;
            let sql = "INSERT INTO revoked_grants (id, until)
                       SELECT id, ?2 FROM grants WHERE session_id = ?1 AND offline = 0
                       ON CONFLICT DO UPDATE SET until = max(until, excluded.until)";
            connection.prepare_cached(sql)?.execute(params![session_id, seconds(until)])?;
            let sql = "DELETE FROM grants WHERE session_id = ?1 AND offline = 0";
            connection.prepare_cached(sql)?.execute([&session_id])?;
            let sql = "DELETE FROM session_clients WHERE session_id = ?1 RETURNING client_id";
            let mut delete = connection.prepare_cached(sql)?;
            let mut clients: Vec<String> =
                delete.query_map([&session_id], |row| row.get(0))?.collect::<SqlResult<_>>()?;
            clients.sort_unstable();
            Ok(clients)
        })
    }

    fn is_revoked<'a>(&'a self, jti: &'a str, grant: Option<&'a GrantId>) -> Answer<'a, bool> {
        self.read(move |connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM revoked_jwts WHERE jti = ?1)
                           OR EXISTS (SELECT 1 FROM revoked_grants WHERE id = ?2)";
            let grant = grant.map(|grant| grant.0.as_str());
            connection.prepare_cached(sql)?.query_row(params![jti, grant], |row| row.get(0))
        })
    }
}

/// Remembers that a session was ended: codes that are saved for it until then are dead, those with `offline_access` only
/// where it says so.
pub(super) fn end_session(
    connection: &Connection,
    session_id: &str,
    until: Timestamp,
    offline: bool,
) -> SqlResult<()> {
    let sql = "INSERT INTO revoked_sessions (id, until, offline) VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE
               SET until = max(until, excluded.until), offline = max(offline, excluded.offline)";
    connection.prepare_cached(sql)?.execute(params![session_id, seconds(until), offline]).map(drop)
}

/// Whether a grant was ended: nothing is kept for it any more.
fn is_ended(connection: &Connection, grant: &GrantId) -> SqlResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM revoked_grants WHERE id = ?1)";
    connection.prepare_cached(sql)?.query_row([&grant.0], |row| row.get(0))
}

/// A request that was under way when the person logged out is ended with the session.
fn end_with_session(connection: &Connection, grant: &Grant) -> SqlResult<()> {
    let sql = "INSERT INTO revoked_grants (id, until) SELECT ?1, until FROM revoked_sessions
               WHERE id = ?2 AND offline >= ?3
               ON CONFLICT DO UPDATE SET until = max(until, excluded.until)";
    connection.prepare_cached(sql)?.execute(params![grant.id.0, grant.session_id, grant.offline]).map(drop)
}

/// Begins a grant; `false`, and nothing is kept, for one that was ended by itself or with its session.
pub(super) fn begin_grant(connection: &Connection, grant: &Grant) -> SqlResult<bool> {
    end_with_session(connection, grant)?;
    if is_ended(connection, &grant.id)? {
        return Ok(false);
    }
    save_grant(connection, grant)?;
    let sql = "INSERT INTO session_clients (session_id, client_id, expires_at) VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET expires_at = max(expires_at, excluded.expires_at)";
    let values = params![grant.session_id, grant.client_id, seconds(grant.expires_at)];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(true)
}

/// A grant is kept once, with the first code or refresh token that descends from it.
fn save_grant(connection: &Connection, grant: &Grant) -> SqlResult<()> {
    let sql = "INSERT INTO grants (id, client_id, session_id, offline, record, expires_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    let expires_at = seconds(grant.expires_at);
    let values =
        params![grant.id.0, grant.client_id, grant.session_id, grant.offline, Json(grant), expires_at];
    connection.prepare_cached(sql)?.execute(values).map(drop)
}

/// Keeps the tokens of one response; those of an ended grant are dead before they are kept.
pub(super) fn save(connection: &Connection, tokens: &IssuedTokens) -> SqlResult<()> {
    let refreshed = tokens.refresh_token.as_ref().map(|(_, record)| &record.grant);
    let grant = tokens.access_token.as_ref().and_then(|(_, record)| record.grant.as_ref());
    if let Some(grant) = refreshed.map(|grant| &grant.id).or(grant)
        && is_ended(connection, grant)?
    {
        return Ok(());
    }
    if let Some(grant) = refreshed {
        save_grant(connection, grant)?;
    }
    if let Some((hash, record)) = &tokens.access_token {
        let sql = "INSERT INTO access_tokens (hash, grant_id, client_id, record, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let grant = record.grant.as_ref().map(|grant| grant.0.as_str());
        let values =
            params![hash.as_bytes(), grant, record.client_id, Json(record), seconds(record.expires_at)];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    if let Some((hash, record)) = &tokens.refresh_token {
        let sql = "INSERT INTO refresh_tokens (hash, grant_id, dpop_jkt, issued_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![
            hash.as_bytes(),
            record.grant.id.0,
            record.dpop_jkt,
            seconds(record.issued_at),
            seconds(record.expires_at)
        ];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    Ok(())
}

/// Ends a grant; codes and tokens go with it by their foreign key.
pub(super) fn revoke_grant(connection: &Connection, grant: &GrantId, until: Timestamp) -> SqlResult<()> {
    let sql = "INSERT INTO revoked_grants (id, until) VALUES (?1, ?2)
               ON CONFLICT DO UPDATE SET until = max(until, excluded.until)";
    connection.prepare_cached(sql)?.execute(params![grant.0, seconds(until)])?;
    connection.prepare_cached("DELETE FROM grants WHERE id = ?1")?.execute([&grant.0]).map(drop)
}
