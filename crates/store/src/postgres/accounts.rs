//! Accounts.

use authmint_jose::Timestamp;
use authmint_provider::storage::{Account, AccountStore};
use authmint_server::storage::Answer;

use super::attempt::{Connection, Manner};
use super::columns::{Plain, Text};
use super::failed::Failed;
use super::{PostgresStore, locks, sessions};
use crate::records::{Json, seconds};

impl AccountStore for PostgresStore {
    fn add_account(&self, account: Account) -> Answer<'_, bool> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql =
                "INSERT INTO accounts (subject, username, record) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            let (subject, username) = (Text(&account.subject), Text(&account.username));
            Ok(connection.execute(sql, &[&subject, &username, &Json(&account)]).await? == 1)
        })
    }

    fn account_by_username<'a>(&'a self, username: &'a str) -> Answer<'a, Option<Account>> {
        let username = username.to_ascii_lowercase();
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql = "SELECT record FROM accounts WHERE lower(username) = $1";
            account(connection, sql, &username).await
        })
    }

    fn account<'a>(&'a self, subject: &'a str) -> Answer<'a, Option<Account>> {
        let subject = subject.to_owned();
        self.run(Manner::Statement, async move |connection: &Connection| {
            account(connection, "SELECT record FROM accounts WHERE subject = $1", &subject).await
        })
    }

    fn accounts(&self) -> Answer<'_, Vec<Account>> {
        self.run(Manner::Statement, async |connection: &Connection| {
            let rows = connection.rows("SELECT record FROM accounts ORDER BY lower(username)", &[]).await?;
            let read = |row: &tokio_postgres::Row| row.try_get(0).map(|Json(account)| account);
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        })
    }

    fn set_password_hash<'a>(
        &'a self,
        subject: &'a str,
        password_hash: String,
        revoked_until: Timestamp,
    ) -> Answer<'a, bool> {
        let subject = subject.to_owned();
        self.run(Manner::Transaction, async move |connection: &Connection| {
            locks::exclusive(connection, &[locks::person(&subject)]).await?;
            let set = |account: &mut Account| account.password_hash.clone_from(&password_hash);
            let found = change(connection, &subject, set).await?;
            if found {
                end_everything(connection, &subject, revoked_until, true).await?;
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
        self.run(Manner::Transaction, async move |connection: &Connection| {
            locks::exclusive(connection, &[locks::person(&subject)]).await?;
            let found = change(connection, &subject, |account| account.disabled = disabled).await?;
            if found && disabled {
                end_everything(connection, &subject, revoked_until, false).await?;
            }
            Ok(found)
        })
    }
}

async fn account(connection: &Connection, sql: &str, by: &str) -> Result<Option<Account>, Failed> {
    let row = connection.row(sql, &[&Text(by)]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.map(|Json(account)| account))
}

/// Changes an account whose person's lock is held.
async fn change(
    connection: &Connection,
    subject: &str,
    change: impl FnOnce(&mut Account),
) -> Result<bool, Failed> {
    let sql = "SELECT record FROM accounts WHERE subject = $1";
    let Some(mut account) = account(connection, sql, subject).await? else { return Ok(false) };
    change(&mut account);
    let sql = "UPDATE accounts SET record = $2 WHERE subject = $1";
    connection.execute(sql, &[&Text(subject), &Json(&account)]).await?;
    Ok(true)
}

/// Ends the sessions and the grants of a person whose lock is held, those with `offline_access` only where it says so.
async fn end_everything(
    connection: &Connection,
    subject: &str,
    until: Timestamp,
    offline: bool,
) -> Result<(), Failed> {
    let person = Text(subject);
    let rows = connection.rows("DELETE FROM sessions WHERE subject = $1 RETURNING id", &[&person]).await?;
    let mut ids = Vec::new();
    for row in &rows {
        let Plain(id) = row.try_get(0)?;
        ids.push(id);
    }
    let mut keys: Vec<_> = ids.iter().map(|id| locks::session(id)).collect();
    keys.sort_unstable();
    locks::exclusive(connection, &keys).await?;
    for id in ids {
        sessions::end(connection, &id, until, offline).await?;
    }
    let sql = "WITH ended AS (DELETE FROM grants WHERE subject = $1 AND (NOT offline OR $3) RETURNING id)
               INSERT INTO revoked_grants (id, until) SELECT id, $2 FROM ended
               ON CONFLICT (id) DO UPDATE SET until = greatest(revoked_grants.until, excluded.until)";
    connection.execute(sql, &[&person, &seconds(until), &offline]).await.map(drop)
}
