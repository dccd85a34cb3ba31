//! Passwords that come to the token endpoint (RFC 6749 4.3), with the limits of the login page.

use std::sync::Arc;

use authmint_jose::Secret;
use authmint_oauth2::{Error as ProtocolError, ErrorCode};
use authmint_server::audit;
use authmint_server::extension::{Extended, PasswordCheck};
use bytes::Bytes;
use http::Request;

use crate::accounts::username;
use crate::error::Error;
use crate::limits::{Limits, PeerAddress};
use crate::passwords::{MAX_BYTES, Passwords};
use crate::storage::ProviderStorage;

/// The accounts, asked by name and password.
#[derive(Debug)]
pub(crate) struct PasswordGrant {
    pub(crate) storage: Arc<dyn ProviderStorage>,
    pub(crate) passwords: Passwords,
    pub(crate) limits: Arc<Limits>,
}

impl PasswordCheck for PasswordGrant {
    fn subject<'a>(
        &'a self,
        name: &'a str,
        password: &'a Secret,
        request: &'a Request<Bytes>,
    ) -> Extended<'a, Option<String>> {
        Box::pin(async move {
            let peer = request.extensions().get::<PeerAddress>().copied();
            let name = username(name).unwrap_or_default();
            let wait = |_| {
                tracing::warn!(target: audit::TARGET, event = "sign_in_limited", "too many sign-in attempts");
                later("too many failed sign-ins; wait")
            };
            let attempt = self.limits.login(&name, peer, false).map_err(wait)?;
            let account = self.storage.account_by_username(&name).await?;
            let hash = account.as_ref().map(|account| account.password_hash.clone());
            let hash = hash.filter(|_| password.expose().len() <= MAX_BYTES);
            let fits = match self.passwords.verify(password.clone(), hash).await {
                Ok(fits) => fits,
                Err(error) => {
                    attempt.take_back();
                    return Err(match error {
                        Error::Busy => later("too many sign-ins at once; try again").into(),
                        other => authmint_server::Error::Configuration(other.to_string()),
                    });
                }
            };
            let account = account.filter(|account| fits && !account.disabled);
            if account.is_some() {
                attempt.take_back();
            }
            Ok(account.map(|account| account.subject))
        })
    }
}

fn later(text: &'static str) -> ProtocolError {
    ProtocolError::new(ErrorCode::TemporarilyUnavailable, text)
}
