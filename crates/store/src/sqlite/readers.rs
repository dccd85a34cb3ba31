//! Connections that read: taken when needed, kept for the next.
//!
//! What a read costs is mostly its transaction: locks of the file, which are calls to the operating system. So a transaction
//! is left open for the next reads, for a moment, and until anything is committed here: whoever reads sees everything that
//! this store has answered, and what other processes have committed a moment ago.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use authmint_server::storage::StorageError;
use rusqlite::{Connection, Result as SqlResult};

use super::{execute, failed, open};

/// How many idle connections are kept.
const KEPT: usize = 16;
/// How long what another process commits may stay unseen here.
const MOMENT: Duration = Duration::from_millis(1);

pub(super) struct Readers {
    path: PathBuf,
    shared: Arc<Shared>,
}

/// What the writer has to do with readers.
#[derive(Default)]
pub(super) struct Shared {
    idle: Mutex<Vec<Reader>>,
    commits: AtomicU64,
}

struct Reader {
    connection: Connection,
    /// The transaction that is open: how many commits there were before it, and when it began.
    open: Option<(u64, Instant)>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf(), shared: Arc::default() }
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&Connection) -> SqlResult<T>) -> Result<T, StorageError> {
        let mut reader = match self.shared.idle().pop() {
            Some(reader) => reader,
            None => {
                Reader { connection: open::reading(&self.path).map_err(|error| failed(&error))?, open: None }
            }
        };
        let commits = self.shared.commits.load(Ordering::Acquire);
        let read = reader.begin(commits).and_then(|()| work(&reader.connection));
        // One that failed may not know any more what it has open.
        if read.is_ok() {
            let mut idle = self.shared.idle();
            if idle.len() < KEPT {
                idle.push(reader);
            }
        }
        read.map_err(|error| failed(&error))
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        // The writer's thread may outlive this.
        self.shared.idle().clear();
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that something was committed, before anybody is told: every read from here on sees it. What idle readers have
    /// open ends here, or the log beside the database could never begin anew.
    pub(super) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
        self.rest();
    }

    /// Ends what idle readers have open.
    pub(super) fn rest(&self) {
        self.idle().retain_mut(|reader| reader.end().is_ok());
    }
}

impl Reader {
    fn begin(&mut self, commits: u64) -> SqlResult<()> {
        if let Some((seen, since)) = self.open
            && seen == commits
            && since.elapsed() < MOMENT
        {
            return Ok(());
        }
        self.end()?;
        // Before the transaction, whose view of the file begins with the first read in it.
        let now = Instant::now();
        execute(&self.connection, "BEGIN")?;
        self.open = Some((commits, now));
        Ok(())
    }

    fn end(&mut self) -> SqlResult<()> {
        if self.open.take().is_some() {
            execute(&self.connection, "COMMIT")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with one table, the connection that writes, and readers.
    fn set_up() -> (tempfile::TempDir, Connection, Readers) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let writer = open::writing(&path).unwrap();
        writer.execute_batch("CREATE TABLE numbers (number INTEGER)").unwrap();
        (folder, writer, Readers::new(&path))
    }

    fn count(readers: &Readers) -> i64 {
        readers
            .with(|connection| connection.query_row("SELECT count(*) FROM numbers", [], |row| row.get(0)))
            .unwrap()
    }

    fn add(writer: &Connection) {
        writer.execute("INSERT INTO numbers VALUES (1)", []).unwrap();
    }

    #[test]
    fn whoever_reads_sees_what_was_answered_before() {
        let (_folder, writer, readers) = set_up();
        for expected in 0..200 {
            // Two readers, of which each has something open.
            let both = readers.with(|_| Ok(count(&readers))).unwrap();
            assert_eq!((both, count(&readers)), (expected, expected));
            add(&writer);
            readers.shared().committed();
        }
    }

    #[test]
    fn what_another_process_commits_is_seen_a_moment_later() {
        let (_folder, writer, readers) = set_up();
        assert_eq!(count(&readers), 0);
        add(&writer);
        std::thread::sleep(MOMENT);
        assert_eq!(count(&readers), 1);
    }

    #[test]
    fn readers_that_are_idle_do_not_keep_the_log_from_beginning_anew() {
        let (_folder, writer, readers) = set_up();
        let empty = |writer: &Connection| {
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0)).unwrap()
        };
        writer.busy_timeout(Duration::ZERO).unwrap();
        add(&writer);
        count(&readers);
        add(&writer);
        assert!(empty(&writer), "the reader has the first state open");
        readers.shared().rest();
        assert!(!empty(&writer), "nobody is in the way");
        readers.shared().committed();
        assert_eq!(count(&readers), 2);
    }

    #[test]
    fn a_read_that_fails_spoils_no_other() {
        let (_folder, _writer, readers) = set_up();
        assert_eq!(count(&readers), 0);
        let failed =
            readers.with(|connection| connection.query_row("SELECT nothing", [], |row| row.get::<_, i64>(0)));
        assert!(failed.is_err());
        assert_eq!(count(&readers), 0);
    }

    #[test]
    fn the_last_connection_is_the_writers() {
        let (folder, writer, readers) = set_up();
        add(&writer);
        assert_eq!(count(&readers), 1);
        let shared = readers.shared();
        drop(readers);
        assert!(shared.idle().is_empty());
        writer.close().unwrap();
        assert!(!folder.path().join("test.db-wal").exists());
    }
}
