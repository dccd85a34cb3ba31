//! The one writer. It takes what waits, runs all of it in one transaction, commits once, and answers.
//!
//! A commit costs a flush of the disk; a hundred writes that wait for one flush cost a hundredth of it each. Each write
//! runs in a savepoint, so that one that fails leaves the others alone.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use authmint_server::storage::StorageError;
use futures_channel::oneshot;
use rusqlite::{Connection, Result as SqlResult};

use super::readers::Shared;
use super::{execute, failed};

/// How many writes may wait; the next one is refused, so that load never piles up.
const QUEUE: usize = 8192;
/// How many writes go into one commit at most.
const BATCH: usize = 512;

/// How long the end waits for other processes that read.
const PATIENCE_AT_THE_END: Duration = Duration::from_millis(200);
/// How long a batch waits for those who wrote in the last one.
const GATHER: Duration = Duration::from_micros(300);

/// Runs in the transaction; what it returns is called with the fate of the commit.
type Job = Box<dyn FnOnce(&Connection) -> Verdict + Send>;
type Verdict = Box<dyn FnOnce(Result<(), StorageError>) + Send>;
/// The answer, once the commit is done.
pub(super) type Waiting<T> = Result<oneshot::Receiver<Result<T, StorageError>>, StorageError>;

/// The thread and its queue. Dropping it lets the queue run empty first.
pub(super) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, readers: Arc<Shared>) -> Result<Self, StorageError> {
        let (queue, jobs) = sync_channel(QUEUE);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&connection, &jobs, &readers));
        Ok(Self { queue: Some(queue), thread: Some(thread.map_err(StorageError::new)?) })
    }

    pub(super) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> SqlResult<T> + Send + 'static,
    ) -> Waiting<T> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let outcome = in_savepoint(connection, work).map_err(|error| failed(&error));
            Box::new(move |committed| {
                // Who no longer waits needs no answer; what was done stays done.
                let _ = sender.send(committed.and(outcome));
            })
        });
        let queue = self.queue.as_ref().ok_or_else(|| StorageError::new("the writer has ended"))?;
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StorageError::new("too many writes are waiting"),
            TrySendError::Disconnected(_) => StorageError::new("the writer has ended"),
        })?;
        Ok(receiver)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer did not end in order");
        }
    }
}

fn run(connection: &Connection, jobs: &Receiver<Job>, readers: &Shared) {
    // Those who were just answered are about to ask again: for as many as came last time, a moment is waited. One caller
    // alone never waits.
    let mut expected = 1;
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        let until = Instant::now().checked_add(GATHER);
        while batch.len() < BATCH {
            let left = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
            let next = if batch.len() < expected && !left.is_zero() {
                jobs.recv_timeout(left).ok()
            } else {
                jobs.try_recv().ok()
            };
            match next {
                Some(job) => batch.push(job),
                None => break,
            }
        }
        expected = batch.len();
        commit(connection, batch, readers);
    }
    put_into_one_file(connection);
}

/// Moves what is in the log beside the database into it, so that at the end there is one file. Where another process has
/// the database open, that is its affair.
fn put_into_one_file(connection: &Connection) {
    let done = connection.busy_timeout(PATIENCE_AT_THE_END).and_then(|()| {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
    });
    if let Err(error) = done {
        tracing::debug!(%error, "the log beside the database stays");
    }
}

fn commit(connection: &Connection, batch: Vec<Job>, readers: &Shared) {
    // The log begins anew with a transaction that finds no reader in it.
    readers.rest();
    let begun = execute(connection, "BEGIN IMMEDIATE");
    if let Err(error) = &begun {
        tracing::error!(%error, "a transaction could not begin");
    }
    let verdicts: Vec<Verdict> = batch.into_iter().map(|job| job(connection)).collect();
    let committed = begun.and_then(|()| execute(connection, "COMMIT")).map_err(|error| {
        tracing::error!(%error, "a transaction could not be committed");
        // Without this, the next BEGIN would fail too.
        if !connection.is_autocommit()
            && let Err(error) = execute(connection, "ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
        failed(&error)
    });
    readers.committed();
    for verdict in verdicts {
        verdict(committed.clone());
    }
}

fn in_savepoint<T>(connection: &Connection, work: impl FnOnce(&Connection) -> SqlResult<T>) -> SqlResult<T> {
    if connection.is_autocommit() {
        // The transaction did not begin: nothing may be done outside one.
        return Err(rusqlite::Error::InvalidQuery);
    }
    execute(connection, "SAVEPOINT job")?;
    match work(connection) {
        Ok(done) => execute(connection, "RELEASE job").map(|()| done),
        Err(error) => {
            execute(connection, "ROLLBACK TO job")?;
            execute(connection, "RELEASE job")?;
            Err(error)
        }
    }
}
