//! Clients.

use std::collections::HashMap;
use std::sync::Arc;

use authmint_server::storage::{Answer, Client, ClientStore};

use super::PostgresStore;
use super::attempt::{Connection, Manner};
use super::columns::Text;
use super::failed::Failed;
use crate::records::Json;

impl ClientStore for PostgresStore {
    fn client<'a>(&'a self, client_id: &'a str) -> Answer<'a, Option<Arc<Client>>> {
        self.clients.ask(client_id.to_owned())
    }

    fn clients(&self) -> Answer<'_, Vec<Arc<Client>>> {
        self.run(Manner::Statement, async |connection: &Connection| {
            let rows = connection.rows("SELECT record FROM clients ORDER BY id", &[]).await?;
            let read = |row: &tokio_postgres::Row| row.try_get(0).map(|Json(client)| Arc::new(client));
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        })
    }

    fn add_client(&self, client: Client) -> Answer<'_, bool> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            let sql = "INSERT INTO clients (id, record) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            Ok(connection.execute(sql, &[&Text(&client.id), &Json(&client)]).await? == 1)
        })
    }

    fn replace_client(&self, client: Client) -> Answer<'_, bool> {
        self.run(Manner::Transaction, async move |connection: &Connection| {
            let id = Text(&client.id);
            let row = connection.row("SELECT record FROM clients WHERE id = $1 FOR UPDATE", &[&id]).await?;
            let known = row.map(|row| row.try_get(0)).transpose()?.map(|Json(known)| known);
            if known.is_none_or(|known: Client| known.created_at != client.created_at) {
                return Ok(false);
            }
            let sql = "UPDATE clients SET record = $2 WHERE id = $1";
            connection.execute(sql, &[&id, &Json(&client)]).await?;
            Ok(true)
        })
    }

    fn remove_client<'a>(&'a self, client_id: &'a str) -> Answer<'a, bool> {
        let client_id = client_id.to_owned();
        self.run(Manner::LongTransaction, async move |connection: &Connection| {
            let id = Text(&client_id);
            let removed = connection.execute("DELETE FROM clients WHERE id = $1", &[&id]).await?;
            // Its JWTs are not stored: they are refused for as long as its grants would have lived.
            let sql = "WITH ended AS (DELETE FROM grants WHERE client_id = $1 RETURNING id, expires_at)
                       INSERT INTO revoked_grants (id, until) SELECT id, expires_at FROM ended
                       ON CONFLICT (id) DO UPDATE SET until = greatest(revoked_grants.until, excluded.until)";
            connection.execute(sql, &[&id]).await?;
            for table in ["access_tokens", "consents", "devices", "pushed_requests"] {
                connection.execute(&format!("DELETE FROM {table} WHERE client_id = $1"), &[&id]).await?;
            }
            Ok(removed == 1)
        })
    }
}

/// The clients of a batch of identifiers. Every request begins with one, and at any time they are much the same few.
pub(super) async fn find(
    connection: &Connection,
    wanted: &[String],
) -> Result<Vec<Option<Arc<Client>>>, Failed> {
    let mut ids: Vec<&str> = wanted.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    let ids: Vec<Text<'_>> = ids.into_iter().map(Text).collect();
    let rows = connection.rows("SELECT record FROM clients WHERE id = ANY($1)", &[&ids]).await?;
    let mut found = HashMap::new();
    for row in &rows {
        let Json(client): Json<Client> = row.try_get(0)?;
        found.insert(client.id.clone(), Arc::new(client));
    }
    Ok(wanted.iter().map(|id| found.get(id).cloned()).collect())
}
