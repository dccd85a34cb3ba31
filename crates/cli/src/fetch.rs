//! How the provider reaches clients: by the guarded transport, with what the settings allow beside public addresses.

use std::fs;
use std::sync::Arc;

use authmint_fetch::{Guarded, Transport};

use crate::output::Failure;
use crate::settings_file::Fetch;

/// The transport. `None` where TLS can't be set up and the settings say nothing: a machine without certification authorities
/// still serves clients whose keys are not fetched.
///
/// # Errors
/// When what the settings name can't be used.
pub(crate) fn transport(fetch: &Fetch) -> Result<Option<Arc<dyn Transport>>, Failure> {
    let mut builder = Guarded::builder().allow(fetch.allow.iter().map(|one| one.0.clone()));
    if let Some(path) = &fetch.ca_file {
        let problem = |error: &dyn std::fmt::Display| {
            Failure::new(format!("the ca_file {} can't be used: {error}", path.display()))
                .advice("name a PEM file with the certificates of the authorities to trust")
        };
        let pem = fs::read(path).map_err(|error| problem(&error))?;
        builder = builder.trust_pem(&pem).map_err(|error| problem(&error))?;
    }
    match builder.build() {
        Ok(transport) => Ok(Some(Arc::new(transport))),
        Err(error) if fetch.ca_file.is_none() => {
            tracing::warn!(%error, "nothing can be fetched: clients with jwks_uri, request_uris or sector_identifier_uri are refused");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
