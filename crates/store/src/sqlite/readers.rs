//! Connections that read: taken when needed, kept for the next.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use authmint_server::storage::StorageError;
use rusqlite::Connection;

use super::{failed, open};

/// How many idle connections are kept.
const KEPT: usize = 16;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf(), idle: Mutex::default() }
    }

    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StorageError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open::reading(&self.path).map_err(|error| failed(&error))?,
        };
        let read = work(&connection).map_err(|error| failed(&error));
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
        read
    }
}
