//! A client's public keys: registered with it, or fetched from where it says they are (RFC 7591 2; Core 10.1.1).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use authmint_fetch::{FetchError, RemoteKeySet, Transport, VerifyError};
use authmint_jose::{Clock, Error as JoseError, Jwt, KeySet, Policy, Timestamp};
use serde::de::DeserializeOwned;

use crate::storage::Client;

/// For how many clients fetched keys are kept.
const MOST: usize = 1024;
/// The longest key set of one of them, in bytes: as much as a client can register in place of its address.
const MAX_BYTES: usize = 64 * 1024;

/// The keys of clients that name an address.
pub(crate) struct ClientKeys {
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    fetched: Mutex<HashMap<String, (RemoteKeySet, Timestamp)>>,
}

impl ClientKeys {
    pub(crate) fn new(transport: Option<Arc<dyn Transport>>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock, fetched: Mutex::default() }
    }

    /// Verifies a JWT of a client's; a key that is not known causes one more look at its address.
    pub(crate) async fn verify_jwt<T: DeserializeOwned>(
        &self,
        client: &Client,
        token: &str,
        policy: &Policy,
    ) -> Result<Jwt<T>, VerifyError> {
        if let Some(jwks) = &client.metadata.jwks {
            let keys = KeySet::from_jwks(&jwks.to_string())?;
            return Ok(keys.verify_jwt(token, policy, self.clock.now())?);
        }
        match self.remote(client) {
            Some(remote) => remote.verify_jwt(token, policy).await,
            None => Err(JoseError::UnknownKey.into()),
        }
    }

    /// All of a client's public keys, as a JWK set.
    pub(crate) async fn jwks(&self, client: &Client) -> Result<String, FetchError> {
        match (&client.metadata.jwks, self.remote(client)) {
            (Some(jwks), _) => Ok(jwks.to_string()),
            (None, Some(remote)) => remote.jwks().await,
            (None, None) => Ok(r#"{"keys":[]}"#.to_owned()),
        }
    }

    /// The cached set at the client's `jwks_uri`. It is named by the address too: a client that moves its keys is followed.
    fn remote(&self, client: &Client) -> Option<RemoteKeySet> {
        let (uri, transport) = (client.metadata.jwks_uri.as_ref()?, self.transport.as_ref()?);
        let name = format!("{}\n{uri}", client.id);
        let now = self.clock.now();
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        if !fetched.contains_key(&name) && fetched.len() >= MOST {
            let oldest = fetched.iter().min_by_key(|(_, (_, used))| *used).map(|(name, _)| name.clone());
            oldest.map(|name| fetched.remove(&name));
        }
        let make =
            || RemoteKeySet::bounded(uri.as_str(), MAX_BYTES, Arc::clone(transport), Arc::clone(&self.clock));
        let (remote, used) = fetched.entry(name).or_insert_with(|| (make(), now));
        *used = now;
        Some(remote.clone())
    }
}

impl fmt::Debug for ClientKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKeys").field("transport", &self.transport).finish_non_exhaustive()
    }
}
