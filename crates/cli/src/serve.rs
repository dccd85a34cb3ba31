//! `authmint serve`: the provider, until it is asked to end.

use std::time::Duration;

use authmint_provider::Provider;

use crate::config::Settings;
use crate::listen;
use crate::output::{Failure, say};

/// How often what has expired is removed.
const PURGE_EVERY: Duration = Duration::from_secs(5 * 60);

/// Runs the command.
pub(crate) async fn run(settings: Settings) -> Result<(), Failure> {
    let configuration = settings.load()?;
    let provider = configuration.open()?;
    // A wrong secret shows now, not at the first login.
    provider.server().keys().published().await?;
    let listener = listen::bind(configuration.listen).await?;
    let issuer = provider.server().issuer();
    tracing::info!(%issuer, listen = %configuration.listen, "serving");
    if configuration.proxy_is_unknown() {
        tracing::warn!(
            listen = %configuration.listen,
            "the issuer is https and only this machine can connect, so a proxy must be in front, but trusted_proxies is \
             empty: everybody seems to come from the proxy's address, and one person's failed sign-ins lock everybody out; \
             write trusted_proxies = [\"127.0.0.0/8\", \"::1/128\"] into authmint.toml, and let the proxy set X-Forwarded-For"
        );
    }
    say(&format!("authmint serves {issuer} on {}", configuration.listen));
    tokio::spawn(purge(provider.clone()));
    let router = authmint_axum::mount(provider);
    listen::serve(listener, router, configuration.trusted_proxies.into(), listen::asked_to_end()).await;
    tracing::info!("ended");
    Ok(())
}

/// Removes what has expired, again and again.
pub(crate) async fn purge(provider: Provider) {
    loop {
        tokio::time::sleep(PURGE_EVERY).await;
        match provider.storage().purge(provider.server().now()).await {
            Ok(0) => {}
            Ok(records) => tracing::info!(records, "expired records removed"),
            Err(error) => tracing::error!(%error, "expired records could not be removed"),
        }
    }
}
