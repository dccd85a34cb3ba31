//! Interactions.

use authmint_server::storage::{Answer, Interaction, InteractionStore, TokenHash};
use rusqlite::{OptionalExtension, params};

use super::{SqliteStore, make_room};
use crate::records::{INTERACTIONS, Json, seconds};

impl InteractionStore for SqliteStore {
    fn save_interaction(&self, id: TokenHash, interaction: Interaction, most: usize) -> Answer<'_, ()> {
        self.write(move |connection| {
            let sql = "INSERT INTO interactions (id, record, expires_at) VALUES (?1, ?2, ?3)";
            let expires_at = seconds(interaction.expires_at);
            connection.prepare_cached(sql)?.execute(params![
                id.as_bytes(),
                Json(&interaction),
                expires_at
            ])?;
            make_room(connection, &INTERACTIONS, id, most)
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
