//! The provider's error.

use authmint_server::storage::StorageError;

/// Why the provider could not do something.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was given for an account can't be used; the sentence says why.
    #[error("{0}")]
    Account(&'static str),
    /// Too many passwords are being checked; try again in a moment.
    #[error("too many passwords are being checked at once; try again in a moment")]
    Busy,
    /// The server's engine failed, or refused.
    #[error(transparent)]
    Server(#[from] authmint_server::Error),
    /// Something inside failed.
    #[error("{0}")]
    Internal(String),
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        Self::Server(error.into())
    }
}

impl From<authmint_jose::Error> for Error {
    fn from(error: authmint_jose::Error) -> Self {
        Self::Server(error.into())
    }
}

impl From<authmint_oauth2::Error> for Error {
    fn from(error: authmint_oauth2::Error) -> Self {
        Self::Server(error.into())
    }
}
