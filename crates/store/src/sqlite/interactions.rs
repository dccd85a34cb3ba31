//! Interactions.

use authmint_server::storage::{Answer, Interaction, InteractionStore, TokenHash};
use rusqlite::{OptionalExtension, params};

use super::SqliteStore;
use crate::records::{Json, seconds};

impl InteractionStore for SqliteStore {
    fn save_interaction(&self, id: TokenHash, interaction: Interaction, most: usize) -> Answer<'_, ()> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.write(move |connection| {
            let sql = "INSERT INTO interactions (id, record, expires_at) VALUES (?1, ?2, ?3)";
            let expires_at = seconds(interaction.expires_at);
            connection.prepare_cached(sql)?.execute(params![
                id.as_bytes(),
                Json(&interaction),
                expires_at
            ])?;
            let sql = "SELECT interactions FROM waiting";
            let waiting: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            let over = waiting.saturating_sub(most);
            if over > 0 {
                let sql = "DELETE FROM interactions WHERE id IN
                           (SELECT id FROM interactions WHERE id <> ?1 ORDER BY expires_at LIMIT ?2)";
                connection.prepare_cached(sql)?.execute(params![id.as_bytes(), over])?;
            }
            Ok(())
        })
    }

    fn interaction(&self, id: TokenHash) -> Answer<'_, Option<Interaction>> {
        self.read(move |connection| {
            let mut query = connection.prepare_cached("SELECT record FROM interactions WHERE id = ?1")?;
            let found = query.query_row([id.as_bytes()], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(found.map(|Json(interaction)| interaction))
        })
    }

    fn take_interaction(&self, id: TokenHash) -> Answer<'_, Option<Interaction>> {
        self.write(move |connection| {
            let mut delete =
                connection.prepare_cached("DELETE FROM interactions WHERE id = ?1 RETURNING record")?;
            let taken = delete.query_row([id.as_bytes()], |row| row.get::<_, Json<_>>(0)).optional()?;
            Ok(taken.map(|Json(interaction)| interaction))
        })
    }
}
