//! `authmint serve`: the provider, until it is asked to end.

use std::time::Duration;

use authmint_provider::Provider;

use crate::config::Settings;
use crate::listen;
use crate::output::{Failure, say};

/// How often what has expired is removed.
const PURGE_EVERY: Duration = Duration::from_secs(5 * 60);

/// What to do about an address that can't be had.
const ANOTHER_PORT: &str = "stop what uses it, or choose another one: --listen 8090, or listen = \"127.0.0.1:8090\" in \
     authmint.toml, and tell the proxy; without a proxy, the issuer names the same port";
/// What to do about a key that does not open.
pub(crate) const RIGHT_SECRET: &str = "name the secret file that belongs to this database with --secret-file; if it is \
     lost, `authmint key rotate --at-once` makes new keys with this one, and ends every token";

/// Runs the command.
pub(crate) async fn run(settings: Settings) -> Result<(), Failure> {
    let configuration = settings.load()?;
    // A port that is taken makes no files.
    let listener =
        listen::bind(configuration.listen).await.map_err(|failure| failure.advice(ANOTHER_PORT))?;
    let proxy_is_unknown = configuration.proxy_is_unknown();
    let provider = configuration.place.open_or_make(configuration.provider).await?;
    // A wrong secret shows now, not at the first login.
    provider.server().keys().published().await.map_err(|error| Failure::new(error).advice(RIGHT_SECRET))?;
    let issuer = provider.server().issuer();
    tracing::info!(%issuer, listen = %configuration.listen, "serving");
    if proxy_is_unknown {
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
