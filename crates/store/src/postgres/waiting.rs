//! How many may wait, and which rows may go. They are counted in one row, which whoever changes their number holds until the
//! end of the transaction.

use super::attempt::Connection;
use super::failed::Failed;
use crate::records::Expiring;

/// The condition, to go on with after another one, of rows that are not kept beyond their time.
pub(super) fn and_not_consumed(expiring: &Expiring) -> String {
    expiring.consumed.map(|column| format!("AND NOT {column}")).unwrap_or_default()
}

/// Of more rows than may wait, those that expire first go, never the new ones, nor one that was consumed.
pub(super) async fn make_room(
    connection: &Connection,
    waiting: &Expiring,
    new: &[&[u8]],
    most: usize,
) -> Result<(), Failed> {
    let Expiring { table, key, time, .. } = waiting;
    let count = connection.one(&format!("SELECT {table} FROM waiting"), &[]).await?;
    let over = count.try_get::<_, i64>(0)?.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX));
    if over > 0 {
        let unused = and_not_consumed(waiting);
        // One that is being taken at this moment goes anyway; to wait for it, with the count in hand, would be to wait for
        // each other.
        let sql = format!(
            "DELETE FROM {table} WHERE {key} IN
             (SELECT {key} FROM {table} WHERE {key} <> ALL($1::bytea[]) {unused}
              ORDER BY {time} LIMIT $2 FOR UPDATE SKIP LOCKED)"
        );
        connection.execute(&sql, &[&new, &over]).await?;
    }
    Ok(())
}
