//! Removing what has expired, in steps short enough that nobody waits for them.

use authmint_jose::Timestamp;
use authmint_server::storage::{Answer, Storage};
use rusqlite::params;

use super::{SqliteStore, and_not_consumed};
use crate::records::{EXPIRING, Expiring, STEP, seconds};

impl Storage for SqliteStore {
    fn purge(&self, now: Timestamp) -> Answer<'_, u64> {
        Box::pin(async move {
            let mut removed = 0_u64;
            for expiring in EXPIRING {
                let Expiring { table, key, time, .. } = expiring;
                let unused = and_not_consumed(expiring);
                let sql = format!(
                    "DELETE FROM {table} WHERE ({key}) IN
                     (SELECT {key} FROM {table} WHERE {time} <= ?1 {unused} LIMIT {STEP})"
                );
                loop {
                    let sql = sql.clone();
                    let step =
                        self.write(move |connection| connection.execute(&sql, params![seconds(now)])).await?;
                    removed = removed.saturating_add(u64::try_from(step).unwrap_or_default());
                    if step < STEP {
                        break;
                    }
                }
            }
            Ok(removed)
        })
    }
}
