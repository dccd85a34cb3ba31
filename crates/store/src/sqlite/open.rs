//! Opening the file: who may read it, how durable it is, and which tables it has.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use authmint_server::storage::StorageError;
use rusqlite::{Connection, OpenFlags};

use super::failed;
use crate::records::too_new;

/// How long a process waits for another one's transaction.
const BUSY: Duration = Duration::from_secs(10);
/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 64;
/// One script for each version of the tables, in order.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_begin.sql"),
    include_str!("../../migrations/0002_end_with_account.sql"),
    include_str!("../../migrations/0003_count_interactions.sql"),
    include_str!("../../migrations/0004_whole_server.sql"),
];

/// The connection of the writer, with the tables up to date.
pub(super) fn writing(path: &Path) -> Result<Connection, StorageError> {
    make_private(path)?;
    let mut connection = Connection::open(path).map_err(|error| failed(&error))?;
    prepare(&connection).and_then(|()| migrate(&mut connection)).map_err(|error| failed(&error))?;
    known_version(&connection)?;
    Ok(connection)
}

/// The version of the tables, and the one that this program brings them to.
pub(super) fn versions(path: &Path) -> Result<(u64, u64), StorageError> {
    // It writes nothing, but must be able to: who may only read leaves files beside the database.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| failed(&error))?;
    connection.busy_timeout(BUSY).map_err(|error| failed(&error))?;
    Ok((known_version(&connection)?, u64::try_from(MIGRATIONS.len()).unwrap_or(u64::MAX)))
}

fn known_version(connection: &Connection) -> Result<u64, StorageError> {
    let version = version(connection).map_err(|error| failed(&error))?;
    if usize::try_from(version).is_ok_and(|version| version > MIGRATIONS.len()) {
        return Err(StorageError::new(too_new(version.into(), MIGRATIONS.len())));
    }
    Ok(version.into())
}

/// A connection that reads.
pub(super) fn reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Runs the scripts that the file has not seen, each in a transaction of its own.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    loop {
        if usize::try_from(version(connection)?).is_ok_and(|version| version >= MIGRATIONS.len()) {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let done = version(&transaction)?;
        let Some(script) = usize::try_from(done).ok().and_then(|done| MIGRATIONS.get(done)) else {
            return Ok(());
        };
        transaction.execute_batch(script)?;
        transaction.pragma_update(None, "user_version", done.saturating_add(1))?;
        transaction.commit()?;
    }
}

/// Makes the file for its owner only; SQLite gives the files beside it the same rights.
fn make_private(path: &Path) -> Result<(), StorageError> {
    private(OpenOptions::new().create(true).truncate(false), path)
}

/// As [`make_private`], but the file must not be there yet.
pub(super) fn make_private_new(path: &Path) -> Result<(), StorageError> {
    private(OpenOptions::new().create_new(true), path)
}

fn private(options: &mut OpenOptions, path: &Path) -> Result<(), StorageError> {
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path).map(drop).map_err(StorageError::new)
}
