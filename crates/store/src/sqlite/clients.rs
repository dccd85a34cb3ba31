//! Clients.

use std::sync::Arc;

use authmint_server::storage::{Answer, Client, ClientStore};
use rusqlite::types::FromSqlError;
use rusqlite::{OptionalExtension, Row, params};

use super::SqliteStore;
use crate::records::{Json, seconds};

impl ClientStore for SqliteStore {
    fn client<'a>(&'a self, client_id: &'a str) -> Answer<'a, Option<Arc<Client>>> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT record FROM clients WHERE id = ?1")?;
            let read = |row: &Row<'_>| Ok(self.parsed.read(client_id, row.get_ref(0)?.as_str()?));
            let found = query.query_row([client_id], read).optional()?.transpose();
            found.map_err(|error| FromSqlError::Other(error.into()).into())
        })
    }

    fn clients(&self) -> Answer<'_, Vec<Arc<Client>>> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT record FROM clients ORDER BY id")?;
            let rows = query.query_map([], |row| row.get::<_, Json<Client>>(0))?;
            rows.map(|row| row.map(|Json(client)| Arc::new(client))).collect()
        })
    }

    fn add_client(&self, client: Client) -> Answer<'_, bool> {
        self.write(move |connection| {
            let sql = "INSERT INTO clients (id, record) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            let mut insert = connection.prepare_cached(sql)?;
            Ok(insert.execute(params![client.id, Json(&client)])? == 1)
        })
    }

    fn replace_client(&self, client: Client) -> Answer<'_, bool> {
        self.write(move |connection| {
            let sql = "UPDATE clients SET record = ?2 WHERE id = ?1 AND record ->> 'created_at' = ?3";
            let values = params![client.id, Json(&client), seconds(client.created_at)];
            Ok(connection.prepare_cached(sql)?.execute(values)? == 1)
        })
    }

    fn remove_client<'a>(&'a self, client_id: &'a str) -> Answer<'a, bool> {
        let client_id = client_id.to_owned();
        self.write(move |connection| {
            let removed = connection.execute("DELETE FROM clients WHERE id = ?1", [&client_id])?;
            // Its JWTs are not stored: they are refused for as long as its grants would have lived.
            connection.execute(
                "INSERT INTO revoked_grants (id, until) SELECT id, expires_at FROM grants WHERE client_id = ?1
                 ON CONFLICT DO UPDATE SET until = max(until, excluded.until)",
                [&client_id],
            )?;
            connection.execute("DELETE FROM grants WHERE client_id = ?1", [&client_id])?;
            for table in ["access_tokens", "consents", "devices", "pushed_requests"] {
                connection.execute(&format!("DELETE FROM {table} WHERE client_id = ?1"), [&client_id])?;
            }
            Ok(removed == 1)
        })
    }
}
