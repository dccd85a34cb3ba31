//! The thread that speaks to the database. It has a runtime of its own, so that the store's futures can be polled on any
//! runtime or none, as the contract of the storage traits wants it.

use std::future::Future;
use std::pin::Pin;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use authmint_server::storage::StorageError;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;

/// How many verbs may wait; the next one is refused, so that load never piles up.
pub(super) const QUEUE: usize = 8192;
/// What it is told.
pub(super) const TOO_MANY: &str = "too many wait for the database";
/// How long the end waits until the connections have said goodbye, in steps.
const GOODBYE: (Duration, usize) = (Duration::from_millis(5), 40);

type Job = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>;

/// The thread and its queue. Dropping it lets what was begun end first.
pub(super) struct Driver {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Driver {
    /// `at_the_end` runs when everything that was begun is done.
    pub(super) fn start(at_the_end: impl FnOnce() + Send + 'static) -> Result<Self, StorageError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(StorageError::new)?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("store-postgres".to_owned())
            .spawn(move || run(&runtime, jobs, at_the_end))
            .map_err(StorageError::new)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Begins `work` on the thread. It goes on to its end also when nobody waits for it any more.
    pub(super) fn begin<F>(&self, work: impl FnOnce() -> F + Send + 'static) -> Result<(), StorageError>
    where
        F: Future<Output = ()> + 'static,
    {
        let queue = self.queue.as_ref().ok_or_else(ended)?;
        queue.try_send(Box::new(move || Box::pin(work()))).map_err(|error| refused(&error))
    }

    /// Runs `work` on the thread and waits for what comes of it.
    pub(super) async fn run<T, F>(&self, work: impl FnOnce() -> F + Send + 'static) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StorageError>> + 'static,
    {
        let (sender, answer) = oneshot::channel();
        self.begin(move || {
            let work = work();
            async move {
                // Who no longer waits needs no answer; what was done stays done.
                let _ = sender.send(work.await);
            }
        })?;
        answer.await.map_err(|_| ended())?
    }
}

pub(super) fn refused<T>(error: &TrySendError<T>) -> StorageError {
    match error {
        TrySendError::Full(_) => StorageError::new(TOO_MANY),
        TrySendError::Closed(_) => ended(),
    }
}

pub(super) fn ended() -> StorageError {
    StorageError::new("the store has ended")
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's thread did not end in order");
        }
    }
}

fn run(runtime: &Runtime, mut jobs: mpsc::Receiver<Job>, at_the_end: impl FnOnce()) {
    let tasks = LocalSet::new();
    tasks.block_on(runtime, async {
        while let Some(job) = jobs.recv().await {
            tokio::task::spawn_local(job());
        }
    });
    runtime.block_on(tasks);
    at_the_end();
    runtime.block_on(async {
        for _ in 0..GOODBYE.1 {
            if runtime.metrics().num_alive_tasks() == 0 {
                break;
            }
            tokio::time::sleep(GOODBYE.0).await;
        }
    });
}
