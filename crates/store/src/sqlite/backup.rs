//! A copy of the database that is whole (SQLite's online backup). To copy the file itself while a process has it open
//! loses what is still in the file beside it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use authmint_server::storage::StorageError;
use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::{failed, open};

/// All pages in one step: a reader sees one moment, and nobody who writes starts it over.
const ALL_PAGES: i32 = i32::MAX;
/// How long to wait when a step finds the file locked.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) fn copy(source: &Connection, to: &Path) -> Result<(), StorageError> {
    open::make_private_new(to)?;
    let copied = Connection::open(to)
        .and_then(|mut copy| Backup::new(source, &mut copy)?.run_to_completion(ALL_PAGES, PAUSE, None));
    copied.map_err(|error| {
        // Half a copy that looks like one is worse than none.
        if let Err(error) = fs::remove_file(to) {
            tracing::warn!(%error, "a backup that failed could not be removed");
        }
        failed(&error)
    })
}
