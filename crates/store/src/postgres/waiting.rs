//! How many may wait. They are counted in one row, which whoever changes their number holds until the end of the transaction.

use authmint_server::storage::TokenHash;

use super::attempt::Connection;
use super::columns::bytes;
use super::failed::Failed;

/// Of more rows than may wait, those that expire first go, never the new one, nor a device's that was served.
pub(super) async fn make_room(
    connection: &Connection,
    table: &'static str,
    key: &'static str,
    new: &TokenHash,
    most: usize,
) -> Result<(), Failed> {
    let waiting = connection.one(&format!("SELECT {table} FROM waiting"), &[]).await?;
    let over = waiting.try_get::<_, i64>(0)?.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX));
    if over > 0 {
        let served = if table == "devices" { "AND NOT redeemed" } else { "" };
        // One that is being taken at this moment goes anyway; to wait for it, with the count in hand, would be to wait for
        // each other.
        let sql = format!(
            "DELETE FROM {table} WHERE {key} IN
             (SELECT {key} FROM {table} WHERE {key} <> $1 {served}
              ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)"
        );
        connection.execute(&sql, &[&bytes(new), &over]).await?;
    }
    Ok(())
}
