//! Passwords: argon2id (RFC 9106), on threads of their own so that a slow hash never holds up a request, and never more
//! at once than the machine has memory for.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use authmint_jose::Secret;
use futures_channel::oneshot;

use crate::error::Error;

/// How many checks may wait for a worker; the next one is told to come back later.
const QUEUE: usize = 64;
/// The shortest password (NIST SP 800-63B 3.1.1.2), in characters.
pub const MIN_CHARACTERS: usize = 8;
/// The longest password that is looked at, in bytes.
pub const MAX_BYTES: usize = 1024;

type Job = Box<dyn FnOnce() + Send>;

/// Hashes and checks passwords. Cheap to clone; all clones share the workers, which end with the last of them.
#[derive(Clone)]
pub struct Passwords {
    jobs: SyncSender<Job>,
    /// Checked when there is no such account, so that both answers take the same time.
    nobody: Arc<str>,
}

impl Passwords {
    /// Starts `workers` threads.
    ///
    /// # Errors
    /// When a thread can't be started.
    pub fn new(workers: usize) -> Result<Self, Error> {
        let (jobs, queue) = sync_channel::<Job>(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..workers.max(1) {
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || work(&queue))
                .map_err(|error| Error::Internal(format!("a password worker could not start: {error}")))?;
        }
        Ok(Self { jobs, nobody: hash(&Secret::new("nobody has this password"))?.into() })
    }

    /// Hashes a new password with a salt of its own.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many are waiting.
    pub async fn hash(&self, password: Secret) -> Result<String, Error> {
        self.run(move || hash(&password)).await?
    }

    /// Checks a password; takes as long when there is no account (`stored` is `None`).
    ///
    /// # Errors
    /// [`Error::Busy`] when too many are waiting.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> Result<bool, Error> {
        let nobody = Arc::clone(&self.nobody);
        self.run(move || {
            let exists = stored.is_some();
            let fits = fits(&password, stored.as_deref().unwrap_or(&nobody));
            exists && fits
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let (sender, receiver) = oneshot::channel();
        let job = Box::new(move || {
            // The caller may have gone away in the meantime; then nobody needs the answer.
            let _ = sender.send(job());
        });
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::Internal("the password workers have ended".to_owned()),
        })?;
        receiver.await.map_err(|_| Error::Internal("a password worker has ended".to_owned()))
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

fn hash(password: &Secret) -> Result<String, Error> {
    let hash = Argon2::default().hash_password(password.expose().as_bytes());
    Ok(hash.map_err(|error| Error::Internal(format!("a password could not be hashed: {error}")))?.to_string())
}

fn fits(password: &Secret, stored: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    Argon2::default().verify_password(password.expose().as_bytes(), &stored).is_ok()
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}
