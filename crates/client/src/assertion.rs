//! The client's own authentication: its secret, or a signed assertion made anew for each request (RFC 7523 2.2).

use authmint_oauth2::ClientCredentials;

use crate::client::Client;
use crate::error::Error;

/// What the next request presents.
pub(crate) fn credentials(client: &Client) -> Result<ClientCredentials, Error> {
    let config = client.config();
    Ok(config.auth.credentials(&config.issuer, &config.client_id, client.now(), client.entropy())?)
}
