//! Interactions. They are counted in one row, which whoever changes their number holds until the end of the transaction: so
//! they come and go in batches.

use std::collections::HashMap;

use authmint_server::storage::{Answer, Interaction, InteractionStore, TokenHash};

use super::PostgresStore;
use super::attempt::{Connection, Manner};
use super::columns::bytes;
use super::failed::Failed;
use super::waiting::make_room;
use crate::records::{INTERACTIONS, Json, seconds};

/// An interaction to keep.
pub(super) struct New {
    id: TokenHash,
    interaction: Interaction,
    most: usize,
}

impl InteractionStore for PostgresStore {
    fn save_interaction(&self, id: TokenHash, interaction: Interaction, most: usize) -> Answer<'_, ()> {
        self.new_interactions.ask(New { id, interaction, most })
    }

    fn interaction(&self, id: TokenHash) -> Answer<'_, Option<Interaction>> {
        self.run(Manner::Statement, async move |connection: &Connection| {
            let row = connection.row("SELECT record FROM interactions WHERE id = $1", &[&bytes(&id)]).await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?.map(|Json(interaction)| interaction))
        })
    }

    fn take_interaction(&self, id: TokenHash) -> Answer<'_, Option<Interaction>> {
        self.taken_interactions.ask(id)
    }
}

/// Keeps a batch, in parts that fit into `most`: so none of a part has to go for the others.
pub(super) async fn save(connection: &Connection, batch: &[New]) -> Result<Vec<()>, Failed> {
    let most = batch.iter().map(|new| new.most).min().unwrap_or_default();
    for part in batch.chunks(most.max(1)) {
        let ids: Vec<&[u8]> = part.iter().map(|new| bytes(&new.id)).collect();
        let records: Vec<Json<&Interaction>> = part.iter().map(|new| Json(&new.interaction)).collect();
        let expire: Vec<i64> = part.iter().map(|new| seconds(new.interaction.expires_at)).collect();
        let sql = "INSERT INTO interactions (id, record, expires_at)
                   SELECT * FROM unnest($1::bytea[], $2::text[], $3::bigint[])";
        connection.execute(sql, &[&ids, &records, &expire]).await?;
        make_room(connection, &INTERACTIONS, &ids, most).await?;
    }
    Ok(batch.iter().map(|_| ()).collect())
}

/// Takes a batch; where one is wanted twice, the first gets it.
pub(super) async fn take(
    connection: &Connection,
    wanted: &[TokenHash],
) -> Result<Vec<Option<Interaction>>, Failed> {
    let ids: Vec<&[u8]> = wanted.iter().map(bytes).collect();
    let sql = "DELETE FROM interactions WHERE id = ANY($1::bytea[]) RETURNING id, record";
    let mut taken: HashMap<Vec<u8>, Interaction> = HashMap::new();
    for row in connection.rows(sql, &[&ids]).await? {
        let Json(interaction) = row.try_get(1)?;
        taken.insert(row.try_get(0)?, interaction);
    }
    Ok(wanted.iter().map(|id| taken.remove(bytes(id))).collect())
}
