//! The provider of the demonstration, and the sample application as its client.

use std::fs;
use std::path::Path;

use authmint_jose::Secret;
use authmint_oauth2::{ClientMetadata, GrantType, RedirectUri};
use authmint_provider::{Provider, ProviderConfig};
use authmint_server::NewClient;
use authmint_server::storage::AccessTokenFormat;

use super::Addresses;
use crate::database::Database;
use crate::fetch;
use crate::output::Failure;
use crate::place::{Place, Source};
use crate::settings_file::Fetch;

/// The sample application's `client_id`.
pub(crate) const CLIENT_ID: &str = "sample-app";
/// What the protected API asks for.
pub(crate) const API_SCOPE: &str = "api:read";

/// Opens the provider, and makes its signing keys at the first start.
pub(crate) async fn provider(data: &Path, addresses: &Addresses) -> Result<Provider, Failure> {
    fs::create_dir_all(data)
        .map_err(|error| Failure::new(format!("the folder {} can't be made: {error}", data.display())))?;
    let place = Place {
        database: Database::File(data.join("authmint.db")),
        secret: Source::File(data.join("secret")),
    };
    let mut config = ProviderConfig::new(addresses.provider.parse()?);
    config.scope_descriptions.insert(API_SCOPE.to_owned(), "Use the protected API in your name".to_owned());
    let this_machine = ["127.0.0.0/8", "::1"].iter().filter_map(|network| network.parse().ok()).collect();
    config.transport = fetch::transport(&Fetch { allow: this_machine, ca_file: None })?;
    let provider = place.open_or_make(config).await?;
    provider.server().keys().published().await?;
    Ok(provider)
}

/// Registers the sample application anew, with a secret that nothing but this process knows.
pub(crate) async fn sample_client(provider: &Provider, addresses: &Addresses) -> Result<Secret, Failure> {
    provider.storage().remove_client(CLIENT_ID).await?;
    let metadata = ClientMetadata {
        client_name: Some("Sample application".to_owned()),
        client_uri: Some(addresses.app.clone()),
        redirect_uris: vec![RedirectUri::parse(&format!("{}/callback", addresses.app))?],
        post_logout_redirect_uris: vec![RedirectUri::parse(&format!("{}/signed-out", addresses.app))?],
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        scope: format!("openid profile email offline_access {API_SCOPE}").parse()?,
        ..ClientMetadata::default()
    };
    let new = NewClient {
        id: Some(CLIENT_ID.to_owned()),
        metadata,
        secret: None,
        audience: vec![addresses.api.clone()],
        access_token_format: AccessTokenFormat::Jwt,
        trusted: false,
    };
    let registered = provider.server().register_client(new).await?;
    registered.secret.ok_or_else(|| Failure::new("the sample application got no secret"))
}
