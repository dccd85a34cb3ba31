//! What many ask at once goes to the database in one statement: while one batch is under way, the next gathers.
//!
//! A round trip and a flush of the log cost the same for one row and for a hundred. One caller alone never waits.

use std::rc::Rc;
use std::sync::Arc;

use authmint_server::storage::{Answer, StorageError};
use deadpool_postgres::Pool;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::attempt::{Connection, Manner, attempt};
use super::driver::{Driver, QUEUE, ended, refused};
use super::failed::Failed;

/// How many go into one batch at most.
const BATCH: usize = 512;
/// How many batches are under way at once: while the database flushes one, it works on the other.
const LANES: usize = 2;

type Waiting<I, O> = (I, oneshot::Sender<Result<O, StorageError>>);

/// The queue of one verb.
pub(super) struct Gather<I, O> {
    queue: mpsc::Sender<Waiting<I, O>>,
}

impl<I: Send + 'static, O: Send + 'static> Gather<I, O> {
    /// `work` answers a batch, in its order.
    pub(super) fn start(
        driver: &Driver,
        pool: &Pool,
        manner: Manner,
        work: impl AsyncFn(&Connection, &[I]) -> Result<Vec<O>, Failed> + Send + 'static,
    ) -> Result<Self, StorageError> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let pool = pool.clone();
        driver.begin(move || run(pool, manner, work, waiting))?;
        Ok(Self { queue })
    }

    pub(super) fn ask(&self, item: I) -> Answer<'_, O> {
        Box::pin(async move {
            let (sender, answer) = oneshot::channel();
            self.queue.try_send((item, sender)).map_err(|error| refused(&error))?;
            answer.await.map_err(|_| ended())?
        })
    }
}

async fn run<I: 'static, O: 'static>(
    pool: Pool,
    manner: Manner,
    work: impl AsyncFn(&Connection, &[I]) -> Result<Vec<O>, Failed> + 'static,
    mut waiting: mpsc::Receiver<Waiting<I, O>>,
) {
    let lanes = Arc::new(Semaphore::new(LANES));
    let work = Rc::new(work);
    // The lane first: what comes until one is free is one batch.
    while let Ok(lane) = lanes.clone().acquire_owned().await {
        let mut batch = Vec::new();
        if waiting.recv_many(&mut batch, BATCH).await == 0 {
            break;
        }
        let (pool, work) = (pool.clone(), work.clone());
        tokio::task::spawn_local(async move {
            answer(&pool, manner, &*work, batch).await;
            drop(lane);
        });
    }
}

async fn answer<I, O>(
    pool: &Pool,
    manner: Manner,
    work: &impl AsyncFn(&Connection, &[I]) -> Result<Vec<O>, Failed>,
    batch: Vec<Waiting<I, O>>,
) {
    let (items, senders): (Vec<I>, Vec<_>) = batch.into_iter().unzip();
    match attempt(pool, manner, &async |connection: &Connection| work(connection, &items).await).await {
        Err(error) if error.is_about_a_record() && items.len() > 1 => {
            // One of them is to blame, and the others must not pay for it.
            for (item, sender) in items.iter().zip(senders) {
                let alone = std::slice::from_ref(item);
                let done =
                    attempt(pool, manner, &async |connection: &Connection| work(connection, alone).await)
                        .await;
                let _ = sender.send(done.map_err(Failed::into_storage_error).and_then(first));
            }
        }
        Ok(answers) if answers.len() == senders.len() => {
            for (answer, sender) in answers.into_iter().zip(senders) {
                // Who no longer waits needs no answer.
                let _ = sender.send(Ok(answer));
            }
        }
        done => {
            let error = match done {
                Err(error) => error,
                Ok(_) => Failed::Strange("a batch was not answered in full"),
            };
            let error = error.into_storage_error();
            for sender in senders {
                let _ = sender.send(Err(error.clone()));
            }
        }
    }
}

fn first<O>(answers: Vec<O>) -> Result<O, StorageError> {
    answers.into_iter().next().ok_or_else(|| StorageError::new("a batch was not answered in full"))
}
