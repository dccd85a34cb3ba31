//! The audit trail: what an operator may have to account for later, as `tracing` events of one target.
//!
//! Each has a field `event` with its name and, where they are known, `client_id`, `subject` and `grant`. None holds a token,
//! a code, a password or a secret. What is frequent and harmless is of the level DEBUG, so that it reaches a trail but not an
//! ordinary log.
//!
//! | event | means |
//! |---|---|
//! | `authorization_granted` | a person let a client in, and the grant began |
//! | `token_issued`, `token_refused` | the token endpoint gave tokens, or none |
//! | `code_replayed`, `refresh_token_replayed`, `device_code_replayed` | what may be used once was used again; its grant has ended |
//! | `assertion_replayed`, `proof_replayed` | a signed statement that may be used once was used again |
//! | `foreign_code`, `foreign_refresh_token`, `foreign_device_code` | a client presented what was another's |
//! | `sign_in_failed` | a password that came to the token endpoint was wrong |
//! | `client_refused` | a client did not show who it is |
//! | `client_registered`, `client_changed`, `client_removed` | the list of clients changed |
//! | `invitation_refused`, `invitation_replayed` | an initial access token was not good, or no longer |
//! | `grant_revoked` | a client gave a grant back |
//! | `device_allowed`, `device_denied` | a person decided about a device |
//! | `keys_made`, `keys_rotated` | the server has new keys |

use authmint_oauth2::{ErrorCode, GrantType};

use crate::error::Error;
use crate::storage::{Client, Grant};

/// The target of all events of the audit trail.
pub const TARGET: &str = "authmint::audit";

/// Tokens went out: to a client for itself, or for what a person granted.
pub(crate) fn token_issued(client: &Client, grant: Option<&Grant>) {
    tracing::debug!(
        target: TARGET,
        event = "token_issued",
        client_id = client.id,
        subject = grant.map(|grant| grant.subject.as_str()),
        grant = grant.map(|grant| tracing::field::display(&grant.id)),
        "token issued"
    );
}

/// The token endpoint refused a client that showed who it is. A device that asks too early is not refused.
pub(crate) fn token_refused(client: &Client, grant_type: Option<&str>, error: &Error) {
    let (Error::Protocol(error) | Error::Guess(error)) = error else { return };
    if matches!(error.code(), ErrorCode::AuthorizationPending | ErrorCode::SlowDown | ErrorCode::UseDpopNonce)
    {
        return;
    }
    // What was sent as a grant may be anything.
    let grant_type = grant_type.map(GrantType::from).filter(|grant| GrantType::ALL.contains(grant));
    tracing::info!(
        target: TARGET,
        event = "token_refused",
        client_id = client.id,
        grant_type = grant_type.as_ref().map(GrantType::as_str),
        %error,
        "token refused"
    );
}
