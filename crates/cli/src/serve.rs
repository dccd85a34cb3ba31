//! `authmint serve`: the provider, until it is asked to end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use authmint_provider::Provider;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{Configuration, Settings};
use crate::listen::tls::{REREAD_EVERY, Tls};
use crate::listen::{self, Front};
use crate::metrics::{Metrics, measured, pages};
use crate::output::{Failure, say};
use crate::{audit, seed, upkeep};

/// What to do about an address that can't be had.
const ANOTHER_PORT: &str = "stop what uses it, or choose another one: --listen 8090, or listen = \"127.0.0.1:8090\" in \
     authmint.toml, and tell the proxy; without a proxy, the issuer names the same port";
/// What to do about a key that does not open.
pub(crate) const RIGHT_SECRET: &str = "name the secret file that belongs to this database with --secret-file; if it is \
     lost, `authmint key rotate --at-once` makes new keys with this one, and ends every token";

/// Runs the command.
pub(crate) async fn run(settings: Settings) -> Result<(), Failure> {
    let configuration = settings.load()?;
    let tls = configuration.tls.clone().map(Tls::open).transpose()?;
    // A port that is taken makes no files.
    let listener =
        listen::bind(configuration.listen).await.map_err(|failure| failure.advice(ANOTHER_PORT))?;
    let metrics_listener = match configuration.metrics {
        Some(address) => Some(listen::bind(address).await.map_err(|failure| {
            failure.advice("stop what uses it, or choose another one: metrics_listen = \"127.0.0.1:9465\"")
        })?),
        None => None,
    };
    audit::trail().reopen()?;
    let doubts = Doubts::new(&configuration);
    let Configuration { place, provider, seed, upkeep, listen: address, trusted_proxies, .. } = configuration;
    let provider = place.open_or_make(provider).await?;
    // A wrong secret shows now, not at the first login.
    provider.server().keys().published().await.map_err(|error| Failure::new(error).advice(RIGHT_SECRET))?;
    seed::plant(&provider, seed).await?;
    let issuer = provider.server().issuer();
    tracing::info!(%issuer, listen = %address, tls = tls.is_some(), "serving");
    doubts.warn();
    // Whoever reads that it serves may send a signal at once.
    let asked_to_end = listen::asked_to_end();
    #[cfg(unix)]
    tokio::spawn(reopen_when_asked());
    say(&format!("authmint serves {issuer} on {address}"));

    let metrics = Metrics::new(audit::trail());
    tokio::spawn(upkeep::clean_up(provider.clone(), upkeep.clean_up_every, metrics.purged.clone()));
    if let Some(every) = upkeep.rotate_keys_every {
        tokio::spawn(upkeep::rotate_keys(provider.clone(), every));
    }
    if let Some(tls) = tls.clone() {
        tokio::spawn(tls.follow(REREAD_EVERY));
    }
    let watched = metrics_listener.map(|listener| watch_over(listener, &metrics, &provider));
    let router = measured(authmint_axum::mount(provider.clone()), Arc::clone(&metrics), issuer.path());
    let front = Front {
        listener,
        router,
        trusted_proxies: trusted_proxies.into(),
        tls: tls.map(|tls| tls.acceptor()),
        connections: metrics.connections.clone(),
    };
    listen::serve(front, announced(asked_to_end, &metrics, upkeep.drain)).await;
    if let Some((end, runs)) = watched {
        drop(end);
        runs.await?;
    }
    tracing::info!("ended");
    Ok(())
}

/// Says that this node is not ready, long enough for a load balancer to notice, and only then ends.
async fn announced(asked_to_end: impl Future<Output = ()>, metrics: &Metrics, drain: Duration) {
    asked_to_end.await;
    metrics.ending.store(true, Ordering::Relaxed);
    tokio::time::sleep(drain).await;
}

/// Serves metrics and health until the sender is dropped: longer than the provider, so that its end can be watched.
fn watch_over(
    listener: TcpListener,
    metrics: &Arc<Metrics>,
    provider: &Provider,
) -> (watch::Sender<()>, JoinHandle<()>) {
    let (end, mut ended) = watch::channel(());
    let front = Front::plain(listener, pages(Arc::clone(metrics), provider.clone()));
    let runs = tokio::spawn(listen::serve(front, async move {
        // Only the sender's end is waited for.
        let _ = ended.changed().await;
    }));
    (end, runs)
}

/// Whoever moves the audit file away sends SIGHUP afterwards.
#[cfg(unix)]
fn reopen_when_asked() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = signal(SignalKind::hangup()).inspect_err(|error| {
        tracing::error!(%error, "SIGHUP can't be heard: the audit file is not opened anew when it was moved");
    });
    async move {
        let Ok(mut asked) = heard else { return };
        while asked.recv().await.is_some() {
            match audit::trail().reopen() {
                Ok(()) => tracing::info!("audit file opened anew"),
                Err(failure) => tracing::error!(error = %failure, "the audit file could not be opened anew"),
            }
        }
    }
}

/// What an operator is warned of at the start.
struct Doubts {
    proxy_is_unknown: bool,
    is_seeded: bool,
    listen: std::net::SocketAddr,
}

impl Doubts {
    fn new(configuration: &Configuration) -> Self {
        Self {
            proxy_is_unknown: configuration.proxy_is_unknown(),
            is_seeded: !configuration.seed.is_empty(),
            listen: configuration.listen,
        }
    }

    fn warn(&self) {
        if self.proxy_is_unknown {
            tracing::warn!(
                listen = %self.listen,
                "the issuer is https and only this machine can connect, so a proxy must be in front, but trusted_proxies \
                 is empty: everybody seems to come from the proxy's address, and one person's failed sign-ins lock \
                 everybody out; write trusted_proxies = [\"127.0.0.0/8\", \"::1/128\"] into authmint.toml, and let the \
                 proxy set X-Forwarded-For"
            );
        }
        if self.is_seeded {
            tracing::warn!(
                "passwords and secrets stand in the settings file ([seed]): for tests and demonstrations only"
            );
        }
    }
}
