//! `authmint client show`: everything that is registered of one client, as JSON.

use authmint_oauth2::ClientInformation;
use authmint_server::storage::{AccessTokenFormat, Client};
use serde::Serialize;

use crate::config::Settings;
use crate::output::{Failure, print};

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    registered: ClientInformation,
    audience: Vec<String>,
    access_token_format: AccessTokenFormat,
    /// Nobody is asked for consent.
    trusted: bool,
    /// It registered itself, and has a token to change that (RFC 7592).
    manages_itself: bool,
}

impl Shown {
    fn new(client: &Client) -> Self {
        Self {
            registered: ClientInformation {
                client_id: client.id.clone(),
                client_secret: None,
                client_id_issued_at: Some(client.created_at),
                client_secret_expires_at: client.secret_hash.map(|_| 0),
                registration_access_token: None,
                registration_client_uri: None,
                metadata: client.metadata.clone(),
            },
            audience: client.audience.clone(),
            access_token_format: client.access_token_format,
            trusted: !client.consent_required,
            manages_itself: client.registration_token.is_some(),
        }
    }
}

/// Runs the command.
pub(super) async fn run(client_id: &str, settings: &Settings) -> Result<(), Failure> {
    let provider = settings.load()?.open().await?;
    let client =
        provider.storage().client(client_id).await?.ok_or_else(|| super::no_such_client(client_id))?;
    print(&serde_json::to_string_pretty(&Shown::new(&client))?);
    Ok(())
}
