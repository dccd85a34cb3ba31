//! Removing what has expired, in steps short enough that nobody waits for them. Several nodes may do it at once: a step
//! leaves alone what another one has in hand.

use authmint_jose::Timestamp;
use authmint_server::storage::{Answer, Storage};

use super::PostgresStore;
use super::attempt::{Connection, Manner};
use super::waiting::and_not_consumed;
use crate::records::{EXPIRING, Expiring, STEP, seconds};

impl Storage for PostgresStore {
    fn purge(&self, now: Timestamp) -> Answer<'_, u64> {
        Box::pin(async move {
            let (now, mut removed) = (seconds(now), 0_u64);
            for expiring in EXPIRING {
                let Expiring { table, key, time, .. } = expiring;
                let unused = and_not_consumed(expiring);
                let sql = format!(
                    "DELETE FROM {table} WHERE ({key}) IN
                     (SELECT {key} FROM {table} WHERE {time} <= $1 {unused} LIMIT {STEP} FOR UPDATE SKIP LOCKED)"
                );
                loop {
                    let sql = sql.clone();
                    let step = self.run(Manner::Statement, async move |connection: &Connection| {
                        connection.execute(&sql, &[&now]).await
                    });
                    let step = step.await?;
                    removed = removed.saturating_add(step);
                    if usize::try_from(step).is_ok_and(|step| step < STEP) {
                        break;
                    }
                }
            }
            Ok(removed)
        })
    }
}
