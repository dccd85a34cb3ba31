//! The server's error: what goes to the peer, and what goes only to the operator's log.

use authmint_oauth2::{Error as ProtocolError, ErrorCode};

use crate::storage::StorageError;

/// The target of the `tracing` events that say that the store failed, so that they can be counted.
pub const STORE_TARGET: &str = "authmint::store";

/// Why a request was not served.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The request is at fault; the error is sent as the specification says.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The request presented a secret that there is not: a client's, a code, a token. Sent as [`Protocol`](Self::Protocol);
    /// the response carries [`Guess`](crate::Guess).
    #[error(transparent)]
    Guess(ProtocolError),
    /// A sign-in that was finished, has expired, or was begun in another browser. Only people meet it, never machines.
    #[error("this sign-in was finished, has expired, or was begun in another browser")]
    InteractionOver,
    /// The store failed. The peer learns `server_error` and nothing else.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A key could not be read, made or used. The peer learns `server_error` and nothing else.
    #[error("cryptography failed: {0}")]
    Crypto(#[from] authmint_jose::Error),
    /// The server is set up wrongly. The peer learns `server_error` and nothing else.
    #[error("configuration: {0}")]
    Configuration(String),
}

/// In the extensions of a response: the request presented a secret that there is not, and nothing else says who sent it.
/// Whoever serves requests from strangers counts these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess;

/// In the extensions of a response: the request may have made the server keep something, and its client proved nothing but its
/// name, or registered itself. Whoever serves requests from strangers counts these too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stranger;

impl Error {
    /// What the peer is told; a failure inside the server is logged here, once.
    #[must_use]
    pub fn for_peer(&self) -> ProtocolError {
        match self {
            Self::Protocol(error) | Self::Guess(error) => {
                tracing::debug!(%error, parameter = error.wrong_parameter(), "request refused");
                error.clone()
            }
            Self::InteractionOver => ProtocolError::new(
                ErrorCode::InvalidRequest,
                "this sign-in is over; go back to the application and start again",
            ),
            Self::Storage(error) => {
                tracing::error!(target: STORE_TARGET, %error, "the store failed");
                Self::inside()
            }
            internal => {
                tracing::error!(error = %internal, "request failed inside the server");
                Self::inside()
            }
        }
    }

    fn inside() -> ProtocolError {
        ProtocolError::new(ErrorCode::ServerError, "the server could not finish the request; try again")
    }
}
