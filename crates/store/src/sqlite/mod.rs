//! The store on one SQLite file.
//!
//! | file | what |
//! |---|---|
//! | `writer` | the one writer: what waits is committed together, and answered after the commit |
//! | `readers` | connections that read beside it |
//! | `open` | pragmas and migrations |
//! | `clients`, `interactions`, `pushed`, `codes`, `devices`, `tokens`, `replay`, `keys`, `people` | the traits |
//! | `backup` | a copy that is whole |
//! | `purge` | removing what has expired, in small steps |

mod backup;
mod clients;
mod codes;
mod devices;
mod interactions;
mod keys;
mod open;
mod people;
mod purge;
mod pushed;
mod readers;
mod replay;
mod tokens;
mod writer;

use std::fmt;
use std::path::Path;

use authmint_server::storage::{Answer, StorageError, TokenHash};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Result as SqlResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::parsed::ParsedClients;
use crate::records::{Expiring, Json};
use readers::Readers;
use writer::Writer;

/// A store on one SQLite file. Every answer is durable (`synchronous=FULL`).
///
/// Several processes may have the file open, on one machine: the operator's commands work beside a running provider.
pub struct SqliteStore {
    // In this order they are dropped: only a writer that is the last connection can put everything into the one file.
    readers: Readers,
    writer: Writer,
    parsed: ParsedClients,
}

impl SqliteStore {
    /// Opens the file, makes it if there is none (for its owner only), and brings its tables up to date.
    ///
    /// # Errors
    /// When the file can't be opened, is no database, or was written by a newer version.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StorageError> {
        let path = path.as_ref();
        let writing = open::writing(path)?;
        let readers = Readers::new(path);
        let writer = Writer::start(writing, readers.shared())?;
        Ok(Self { readers, writer, parsed: ParsedClients::default() })
    }

    /// What [`open`](Self::open) would do to a file that is there: the version of its tables, and the one it would bring
    /// them to.
    ///
    /// # Errors
    /// When the file can't be read, is no database, or was written by a newer version.
    pub fn versions(path: impl AsRef<Path>) -> Result<(u64, u64), StorageError> {
        open::versions(path.as_ref())
    }

    /// Copies the database to a file that is not there yet, for its owner only: whole, as it was at one moment, also
    /// while others write.
    ///
    /// # Errors
    /// When the file is there already or can't be written; then nothing is left of it.
    pub fn backup(&self, to: impl AsRef<Path>) -> Result<(), StorageError> {
        self.readers.with(|source| Ok(backup::copy(source, to.as_ref())))?
    }

    /// Runs `work` on the writer, in a transaction; the answer comes after the commit.
    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> SqlResult<T> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            self.writer.submit(work)?.await.map_err(|_| StorageError::new("the writer has ended"))?
        })
    }

    /// Runs `work` on a reader, now: it sees everything that was answered before.
    fn read<'a, T: Send + 'a>(
        &'a self,
        work: impl FnOnce(&Connection) -> SqlResult<T> + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move { self.readers.with(work) })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}

/// The condition, to go on with after another one, of rows that are not kept beyond their time: worded as
/// in their indexes, or SQLite would not use those.
fn and_not_consumed(expiring: &Expiring) -> String {
    expiring.consumed.map(|column| format!("AND {column} = 0")).unwrap_or_default()
}

/// Of more rows than may wait, those that expire first go, never the new one, nor one that was consumed.
fn make_room(connection: &Connection, waiting: &Expiring, new: TokenHash, most: usize) -> SqlResult<()> {
    let Expiring { table, key, time, .. } = waiting;
    let sql = format!("SELECT {table} FROM waiting");
    let count: i64 = connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
    let over = count.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX));
    if over > 0 {
        let unused = and_not_consumed(waiting);
        let sql = format!(
            "DELETE FROM {table} WHERE {key} IN
             (SELECT {key} FROM {table} WHERE {key} <> ?1 {unused} ORDER BY {time} LIMIT ?2)"
        );
        connection.prepare_cached(&sql)?.execute(rusqlite::params![new.as_bytes(), over])?;
    }
    Ok(())
}

/// Runs a statement without parameters, prepared once for its connection.
fn execute(connection: &Connection, sql: &str) -> SqlResult<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// SQLite's error without the data that it may quote.
fn failed(error: &rusqlite::Error) -> StorageError {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => StorageError::new(failure),
        other => StorageError::new(format!("a query failed: {}", kind(other))),
    }
}

fn kind(error: &rusqlite::Error) -> &'static str {
    match error {
        rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..) => {
            "a record can't be read back"
        }
        rusqlite::Error::ToSqlConversionFailure(_) => "a record can't be written",
        rusqlite::Error::QueryReturnedNoRows => "a row is missing",
        _ => "SQLite refused it",
    }
}

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> SqlResult<ToSqlOutput<'_>> {
        let text = self.write().map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(ToSqlOutput::from(text))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::read(value.as_str()?).map_err(|error| FromSqlError::Other(error.into()))
    }
}
