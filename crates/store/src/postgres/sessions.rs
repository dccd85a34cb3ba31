//! Login sessions.

use authmint_jose::Timestamp;
use authmint_provider::storage::{LoginSession, SessionStore};
use authmint_server::storage::{Answer, TokenHash};

use super::attempt::{Connection, Manner};
use super::columns::{Text, bytes};
use super::failed::Failed;
use super::{PostgresStore, locks};
use crate::records::{Json, seconds};

impl SessionStore for PostgresStore {
    fn save_session(
        &self,
        cookie: TokenHash,
        session: LoginSession,
        replaces: Option<TokenHash>,
    ) -> Answer<'_, bool> {
        self.run(Manner::Transaction, async move |connection: &Connection| {
            let (id, subject) = (Text(&session.id), Text(&session.subject));
            locks::shared(connection, &[locks::person(&session.subject), locks::session(&session.id)])
                .await?;
            let sql = "SELECT EXISTS (SELECT 1 FROM revoked_sessions WHERE id = $1)";
            if connection.one(sql, &[&id]).await?.try_get(0)? {
                return Ok(false);
            }
            if let Some(old) = replaces {
                connection.execute("DELETE FROM sessions WHERE cookie = $1", &[&bytes(&old)]).await?;
            }
            let sql =
                "INSERT INTO sessions (cookie, id, subject, record, expires_at) VALUES ($1, $2, $3, $4, $5)
                       ON CONFLICT (cookie) DO UPDATE SET id = excluded.id, subject = excluded.subject,
                           record = excluded.record, expires_at = excluded.expires_at";
            let expires_at = seconds(session.expires_at);
            connection.execute(sql, &[&bytes(&cookie), &id, &subject, &Json(&session), &expires_at]).await?;
            Ok(true)
        })
    }

    fn session(&self, cookie: TokenHash) -> Answer<'_, Option<LoginSession>> {
        self.one_session("SELECT record FROM sessions WHERE cookie = $1", cookie)
    }

    fn end_session(&self, cookie: TokenHash) -> Answer<'_, Option<LoginSession>> {
        self.one_session("DELETE FROM sessions WHERE cookie = $1 RETURNING record", cookie)
    }
}

impl PostgresStore {
    fn one_session(&self, sql: &'static str, cookie: TokenHash) -> Answer<'_, Option<LoginSession>> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            let row = connection.row(sql, &[&bytes(&cookie)]).await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?.map(|Json(session)| session))
        })
    }
}

/// Remembers that a session, whose lock is held, was ended: codes that are saved for it until then are dead, those with
/// `offline_access` only where it says so.
pub(super) async fn end(
    connection: &Connection,
    id: &str,
    until: Timestamp,
    offline: bool,
) -> Result<(), Failed> {
    let sql = "INSERT INTO revoked_sessions (id, until, offline) VALUES ($1, $2, $3)
               ON CONFLICT (id) DO UPDATE SET until = greatest(revoked_sessions.until, excluded.until),
                   offline = revoked_sessions.offline OR excluded.offline";
    connection.execute(sql, &[&Text(id), &seconds(until), &offline]).await.map(drop)
}
