//! Accounts, login sessions, consents.

use authmint_jose::Timestamp;
use authmint_oauth2::Scope;
use authmint_provider::storage::{Account, AccountStore, ConsentStore, LoginSession, SessionStore};
use authmint_server::storage::{Answer, TokenHash};
use rusqlite::{Connection, OptionalExtension, Result as SqlResult, params};

use super::SqliteStore;
use super::tokens::end_session;
use crate::records::{Json, seconds};

impl AccountStore for SqliteStore {
    fn add_account(&self, account: Account) -> Answer<'_, bool> {
        self.write(move |connection| {
            let sql =
                "INSERT INTO accounts (subject, username, record) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            Ok(connection.prepare_cached(sql)?.execute(params![
                account.subject,
                account.username,
                Json(&account)
            ])? == 1)
        })
    }

    fn account_by_username<'a>(&'a self, username: &'a str) -> Answer<'a, Option<Account>> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT record FROM accounts WHERE username = ?1")?;
            let found = query.query_row([username], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(found.map(|Json(account)| account))
        })
    }

    fn account<'a>(&'a self, subject: &'a str) -> Answer<'a, Option<Account>> {
        self.read(move |connection| account(connection, subject))
    }

    fn accounts(&self) -> Answer<'_, Vec<Account>> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT record FROM accounts ORDER BY username")?;
            let rows = query.query_map([], |row| row.get::<_, Json<Account>>(0))?;
            rows.map(|row| row.map(|Json(account)| account)).collect()
        })
    }

    fn set_password_hash<'a>(
        &'a self,
        subject: &'a str,
        password_hash: String,
        revoked_until: Timestamp,
    ) -> Answer<'a, bool> {
        let subject = subject.to_owned();
        self.write(move |connection| {
            let found = change(connection, &subject, |account| account.password_hash = password_hash)?;
            if found {
                end_everything(connection, &subject, revoked_until, true)?;
            }
            Ok(found)
        })
    }

    fn set_disabled<'a>(
        &'a self,
        subject: &'a str,
        disabled: bool,
        revoked_until: Timestamp,
    ) -> Answer<'a, bool> {
        let subject = subject.to_owned();
        self.write(move |connection| {
            let found = change(connection, &subject, |account| account.disabled = disabled)?;
            if found && disabled {
                end_everything(connection, &subject, revoked_until, false)?;
            }
            Ok(found)
        })
    }
}

fn account(connection: &Connection, subject: &str) -> SqlResult<Option<Account>> {
    let mut query = connection.prepare_cached("SELECT record FROM accounts WHERE subject = ?1")?;
    let found = query.query_row([subject], |row| row.get::<_, Json<_>>(0)).optional()?;
    Ok(found.map(|Json(account)| account))
}

fn change(connection: &Connection, subject: &str, change: impl FnOnce(&mut Account)) -> SqlResult<bool> {
    let Some(mut account) = account(connection, subject)? else { return Ok(false) };
    change(&mut account);
    connection
        .execute("UPDATE accounts SET record = ?2 WHERE subject = ?1", params![subject, Json(&account)])?;
    Ok(true)
}

/// Ends the sessions and the grants of a person, those with `offline_access` only where it says so.
fn end_everything(connection: &Connection, subject: &str, until: Timestamp, offline: bool) -> SqlResult<()> {
    let sql = "DELETE FROM sessions WHERE subject = ?1 RETURNING record";
    let sessions: Vec<Json<LoginSession>> =
        connection.prepare(sql)?.query_map([subject], |row| row.get(0))?.collect::<SqlResult<_>>()?;
    for Json(session) in sessions {
        end_session(connection, &session.id, until, offline)?;
    }
    let sql = "INSERT INTO revoked_grants (id, until)
               SELECT id, ?2 FROM grants WHERE record ->> 'subject' = ?1 AND offline <= ?3
               ON CONFLICT DO UPDATE SET until = max(until, excluded.until)";
    connection.execute(sql, params![subject, seconds(until), offline])?;
    let sql = "DELETE FROM grants WHERE record ->> 'subject' = ?1 AND offline <= ?2";
    connection.execute(sql, params![subject, offline]).map(drop)
}

impl SessionStore for SqliteStore {
    fn save_session(
        &self,
        cookie: TokenHash,
        session: LoginSession,
        replaces: Option<TokenHash>,
    ) -> Answer<'_, bool> {
        self.write(move |connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM revoked_sessions WHERE id = ?1)";
            if connection.prepare_cached(sql)?.query_row([&session.id], |row| row.get(0))? {
                return Ok(false);
            }
            if let Some(old) = replaces {
                connection
                    .prepare_cached("DELETE FROM sessions WHERE cookie = ?1")?
                    .execute([old.as_bytes()])?;
            }
            let sql = "INSERT OR REPLACE INTO sessions (cookie, subject, record, expires_at) VALUES (?1, ?2, ?3, ?4)";
            let expires_at = seconds(session.expires_at);
            let values = params![cookie.as_bytes(), session.subject, Json(&session), expires_at];
            connection.prepare_cached(sql)?.execute(values).map(|_| true)
        })
    }

    fn session(&self, cookie: TokenHash) -> Answer<'_, Option<LoginSession>> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT record FROM sessions WHERE cookie = ?1")?;
            let found = query.query_row([cookie.as_bytes()], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(found.map(|Json(session)| session))
        })
    }

    fn end_session(&self, cookie: TokenHash) -> Answer<'_, Option<LoginSession>> {
        self.write(move |connection| {
            let mut delete =
                connection.prepare_cached("DELETE FROM sessions WHERE cookie = ?1 RETURNING record")?;
            let ended = delete.query_row([cookie.as_bytes()], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(ended.map(|Json(session)| session))
        })
    }
}

impl ConsentStore for SqliteStore {
    fn consent<'a>(&'a self, subject: &'a str, client_id: &'a str) -> Answer<'a, Scope> {
        self.read(move |connection| consent(connection, subject, client_id))
    }

    fn remember_consent<'a>(
        &'a self,
        subject: &'a str,
        client_id: &'a str,
        scope: &'a Scope,
    ) -> Answer<'a, ()> {
        let (subject, client_id, scope) = (subject.to_owned(), client_id.to_owned(), scope.clone());
        self.write(move |connection| {
            let scope = crate::consents::add(&consent(connection, &subject, &client_id)?, &scope);
            let sql = "INSERT OR REPLACE INTO consents (subject, client_id, scope) VALUES (?1, ?2, ?3)";
            connection.prepare_cached(sql)?.execute(params![subject, client_id, Json(&scope)]).map(drop)
        })
    }

    fn forget_consent<'a>(&'a self, subject: &'a str, client_id: &'a str) -> Answer<'a, ()> {
        let (subject, client_id) = (subject.to_owned(), client_id.to_owned());
        self.write(move |connection| {
            let sql = "DELETE FROM consents WHERE subject = ?1 AND client_id = ?2";
            connection.prepare_cached(sql)?.execute([subject, client_id]).map(drop)
        })
    }
}

fn consent(connection: &Connection, subject: &str, client_id: &str) -> SqlResult<Scope> {
    let mut query =
        connection.prepare_cached("SELECT scope FROM consents WHERE subject = ?1 AND client_id = ?2")?;
    let found = query.query_row([subject, client_id], |row| row.get::<_, Json<Scope>>(0)).optional()?;
    Ok(found.map(|Json(scope)| scope).unwrap_or_default())
}
