//! What can go wrong, and what the operator is told about it: nothing that is stored.

use std::error::Error;

use authmint_server::storage::StorageError;
use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

#[derive(Debug)]
pub(super) enum Failed {
    /// No connection could be had; nothing was done.
    Connect(PoolError),
    /// A statement failed.
    Statement(tokio_postgres::Error),
    /// The database did not answer in time.
    Late,
    /// It answered with something else than was asked for.
    Strange(&'static str),
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Statement(error)
    }
}

impl Failed {
    fn state(&self) -> Option<&SqlState> {
        match self {
            Self::Statement(error) => error.code(),
            _ => None,
        }
    }

    /// Whether the transaction gave way to another one: it did nothing, and may be tried again.
    pub(super) fn gave_way(&self) -> bool {
        self.state().is_some_and(|state| {
            [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(state)
        })
    }

    /// Whether the database refused a record (integrity, form of data): it did nothing, and other records may be fine.
    pub(super) fn is_about_a_record(&self) -> bool {
        self.state().is_some_and(|state| ["22", "23"].iter().any(|class| state.code().starts_with(class)))
    }

    pub(super) fn into_storage_error(self) -> StorageError {
        match self {
            Self::Connect(PoolError::Backend(error)) => StorageError::new(cannot_connect(&error)),
            Self::Connect(PoolError::Timeout(_)) => {
                StorageError::new("no connection to the database in time")
            }
            Self::Connect(_) => StorageError::new("no connection to the database"),
            Self::Statement(error) => StorageError::new(statement(&error)),
            Self::Late => StorageError::new("the database did not answer in time"),
            Self::Strange(what) => StorageError::new(what),
        }
    }
}

/// The server's own sentence: before anything was asked it can quote nothing that is stored, and it names the role, the
/// database, the certificate.
pub(super) fn cannot_connect(error: &tokio_postgres::Error) -> String {
    let mut text = "the database can't be reached".to_owned();
    let mut source: Option<&dyn Error> = error.source();
    if let Some(refused) = error.as_db_error() {
        return format!("{text}: {}", refused.message());
    }
    if source.is_none() {
        return format!("{text}: {error}");
    }
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// The code alone: the sentence may quote a record.
fn statement(error: &tokio_postgres::Error) -> String {
    match error.code() {
        Some(state) => format!("PostgreSQL refused it (SQLSTATE {})", state.code()),
        None if error.is_closed() => "the connection to the database has ended".to_owned(),
        None => match error.source().and_then(|cause| cause.downcast_ref::<std::io::Error>()) {
            Some(cause) => format!("the connection to the database failed: {cause}"),
            None => "a record can't be read back or written".to_owned(),
        },
    }
}
