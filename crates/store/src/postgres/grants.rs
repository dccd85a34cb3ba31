//! Grants: kept once, with what descends from them; what is kept for one that was ended; the end of one.

use authmint_jose::Timestamp;
use authmint_server::storage::{Grant, IssuedTokens};

use super::attempt::Connection;
use super::columns::{Text, bytes};
use super::failed::Failed;
use super::locks;
use crate::records::{Json, seconds};

/// Waits for whoever ends the grant's session at this moment.
pub(super) async fn lock_for(connection: &Connection, grant: &Grant) -> Result<(), Failed> {
    locks::shared(connection, &[locks::session(&grant.session_id)]).await
}

/// Begins a grant after [`lock_for`]; `false`, and nothing is kept, for one that was ended by itself or with its session.
pub(super) async fn begin(connection: &Connection, grant: &Grant) -> Result<bool, Failed> {
    end_with_session(connection, grant).await?;
    if !keep(connection, grant).await? {
        return Ok(false);
    }
    let sql = "INSERT INTO session_clients (session_id, client_id, expires_at) VALUES ($1, $2, $3)
               ON CONFLICT (session_id, client_id) DO UPDATE
               SET expires_at = greatest(session_clients.expires_at, excluded.expires_at)";
    let (session_id, client_id) = (Text(&grant.session_id), Text(&grant.client_id));
    connection.execute(sql, &[&session_id, &client_id, &seconds(grant.expires_at)]).await?;
    Ok(true)
}

/// A request that was under way when the person logged out is ended with the session.
async fn end_with_session(connection: &Connection, grant: &Grant) -> Result<(), Failed> {
    let sql = "INSERT INTO revoked_grants (id, until) SELECT $1, until FROM revoked_sessions
               WHERE id = $2 AND (offline OR NOT $3)
               ON CONFLICT (id) DO UPDATE SET until = greatest(revoked_grants.until, excluded.until)";
    let (id, session_id) = (Text(&grant.id.0), Text(&grant.session_id));
    connection.execute(sql, &[&id, &session_id, &grant.offline]).await.map(drop)
}

/// Keeps a grant, if it is not there yet, until the end of the transaction at least. `false` when it was ended.
async fn keep(connection: &Connection, grant: &Grant) -> Result<bool, Failed> {
    let id = Text(&grant.id.0);
    locks::exclusive(connection, &[locks::grant(&grant.id.0)]).await?;
    let sql = "INSERT INTO grants (id, client_id, session_id, subject, offline, record, expires_at)
               SELECT $1, $2, $3, $4, $5, $6, $7
               WHERE NOT EXISTS (SELECT 1 FROM revoked_grants WHERE id = $1) ON CONFLICT DO NOTHING";
    let (client_id, session_id) = (Text(&grant.client_id), Text(&grant.session_id));
    let (subject, expires_at) = (Text(&grant.subject), seconds(grant.expires_at));
    connection
        .execute(sql, &[&id, &client_id, &session_id, &subject, &grant.offline, &Json(grant), &expires_at])
        .await?;
    let lives = is_alive(connection, &grant.id.0).await?;
    if !lives {
        // It was there, and was being ended while it was looked for.
        connection.execute("DELETE FROM grants WHERE id = $1", &[&id]).await?;
    }
    Ok(lives)
}

/// Whether a grant was not ended. If it is there, it stays until the end of the transaction.
async fn is_alive(connection: &Connection, id: &str) -> Result<bool, Failed> {
    let id = Text(id);
    connection.rows("SELECT 1 FROM grants WHERE id = $1 FOR KEY SHARE", &[&id]).await?;
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM revoked_grants WHERE id = $1)";
    Ok(connection.one(sql, &[&id]).await?.try_get(0)?)
}

/// Keeps the tokens of one response; those of an ended grant are dead before they are kept.
pub(super) async fn keep_tokens(connection: &Connection, tokens: &IssuedTokens) -> Result<(), Failed> {
    let lives = match (&tokens.refresh_token, &tokens.access_token) {
        (Some((_, record)), _) => keep(connection, &record.grant).await?,
        (None, Some((_, record))) => match &record.grant {
            Some(grant) => is_alive(connection, &grant.0).await?,
            None => true,
        },
        (None, None) => return Ok(()),
    };
    if !lives {
        return Ok(());
    }
    if let Some((hash, record)) = &tokens.access_token {
        let sql = "INSERT INTO access_tokens (hash, grant_id, client_id, record, expires_at)
                   VALUES ($1, $2, $3, $4, $5)";
        let grant = record.grant.as_ref().map(|grant| Text(&grant.0));
        let (client_id, expires_at) = (Text(&record.client_id), seconds(record.expires_at));
        connection.execute(sql, &[&bytes(hash), &grant, &client_id, &Json(record), &expires_at]).await?;
    }
    if let Some((hash, record)) = &tokens.refresh_token {
        let sql = "INSERT INTO refresh_tokens (hash, grant_id, dpop_jkt, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
        let (issued_at, expires_at) = (seconds(record.issued_at), seconds(record.expires_at));
        let (id, jkt) = (Text(&record.grant.id.0), record.dpop_jkt.as_deref().map(Text));
        connection.execute(sql, &[&bytes(hash), &id, &jkt, &issued_at, &expires_at]).await?;
    }
    Ok(())
}

/// Ends a grant whose lock is held; codes and tokens go with it by their foreign key.
pub(super) async fn end(connection: &Connection, id: &str, until: Timestamp) -> Result<(), Failed> {
    let id = Text(id);
    connection.execute("DELETE FROM grants WHERE id = $1", &[&id]).await?;
    let sql = "INSERT INTO revoked_grants (id, until) VALUES ($1, $2)
               ON CONFLICT (id) DO UPDATE SET until = greatest(revoked_grants.until, excluded.until)";
    connection.execute(sql, &[&id, &seconds(until)]).await.map(drop)
}
