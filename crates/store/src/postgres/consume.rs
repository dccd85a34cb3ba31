//! Consuming a code, a device code or a refresh token: on any number of nodes, once.

use authmint_jose::Timestamp;
use authmint_server::storage::{Answer, Consumed, IssuedTokens, TokenHash};

use super::PostgresStore;
use super::attempt::{Connection, Manner};
use super::columns::{Plain, Text, bytes};
use super::failed::Failed;
use super::{grants, locks};
use crate::records::{Json, seconds};

/// A table of what can be consumed.
pub(super) struct Consumable {
    consume: &'static str,
    find: &'static str,
}

macro_rules! consumable {
    ($table:literal, $key:literal, $consumed:literal) => {
        Consumable {
            // One statement, and so one transaction. The grant's row first: whoever ends the grant begins there too, and so
            // one waits for the other. Then the mark, which one of many sets; then the tokens, where it was set.
            consume: concat!(
                "WITH mine AS (SELECT grants.id FROM ", $table, " JOIN grants ON grants.id = grant_id WHERE ", $key, " = $1
                               FOR NO KEY UPDATE OF grants),
                      used AS (UPDATE ", $table, " SET ", $consumed, " = TRUE FROM mine
                               WHERE ", $key, " = $1 AND grant_id = mine.id AND NOT ", $consumed, " RETURNING 1),
                      access AS (INSERT INTO access_tokens (hash, grant_id, client_id, record, expires_at)
                                 SELECT $2, $3, $4, $5, $6 FROM used WHERE $2::bytea IS NOT NULL),
                      refresh AS (INSERT INTO refresh_tokens (hash, grant_id, issued_at, expires_at, dpop_jkt)
                                  SELECT $7, $8, $9, $10, $11 FROM used WHERE $7::bytea IS NOT NULL)
                 SELECT count(*) FROM used"
            ),
            find: concat!("SELECT grant_id FROM ", $table, " WHERE ", $key, " = $1 AND ", $consumed),
        }
    };
}

pub(super) const CODES: Consumable = consumable!("codes", "hash", "redeemed");
pub(super) const DEVICES: Consumable = consumable!("devices", "device_code", "redeemed");
pub(super) const REFRESH_TOKENS: Consumable = consumable!("refresh_tokens", "hash", "rotated");

pub(super) fn consume<'a>(
    store: &'a PostgresStore,
    what: &'static Consumable,
    hash: TokenHash,
    tokens: IssuedTokens,
    revoked_until: Timestamp,
) -> Answer<'a, Consumed> {
    Box::pin(async move {
        let first = store.run(Manner::Statement, async move |connection: &Connection| {
            first_use(connection, what, &hash, &tokens).await
        });
        if first.await? {
            return Ok(Consumed::Now);
        }
        // Nothing was done. If it had been consumed before, that is a replay, and everything of the grant ends.
        let again = store.run(Manner::Transaction, async move |connection: &Connection| {
            end_if_consumed(connection, what, &hash, revoked_until).await
        });
        again.await
    })
}

async fn first_use(
    connection: &Connection,
    what: &Consumable,
    hash: &TokenHash,
    tokens: &IssuedTokens,
) -> Result<bool, Failed> {
    let (access, refresh) = (tokens.access_token.as_ref(), tokens.refresh_token.as_ref());
    let row = connection
        .one(
            what.consume,
            &[
                &bytes(hash),
                &access.map(|(hash, _)| bytes(hash)),
                &access.and_then(|(_, record)| record.grant.as_ref()).map(|grant| Text(&grant.0)),
                &access.map(|(_, record)| Text(&record.client_id)),
                &access.map(|(_, record)| Json(record)),
                &access.map(|(_, record)| seconds(record.expires_at)),
                &refresh.map(|(hash, _)| bytes(hash)),
                &refresh.map(|(_, record)| Text(&record.grant.id.0)),
                &refresh.map(|(_, record)| seconds(record.issued_at)),
                &refresh.map(|(_, record)| seconds(record.expires_at)),
                &refresh.and_then(|(_, record)| record.dpop_jkt.as_deref()).map(Text),
            ],
        )
        .await?;
    Ok(row.try_get::<_, i64>(0)? == 1)
}

async fn end_if_consumed(
    connection: &Connection,
    what: &Consumable,
    hash: &TokenHash,
    until: Timestamp,
) -> Result<Consumed, Failed> {
    let Some(found) = connection.row(what.find, &[&bytes(hash)]).await? else { return Ok(Consumed::Unknown) };
    let Plain(grant) = found.try_get(0)?;
    locks::exclusive(connection, &[locks::grant(&grant)]).await?;
    // Of many replays, one ends the grant, and for the others there is nothing left.
    if connection.row(what.find, &[&bytes(hash)]).await?.is_none() {
        return Ok(Consumed::Unknown);
    }
    grants::end(connection, &grant, until).await.map(|()| Consumed::Before)
}
