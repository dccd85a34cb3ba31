//! Accepting connections: bounded in number and in patience, with the peer's address told to the provider.

mod forwarded;
mod idle;
mod seats;
#[cfg(test)]
mod tests;
pub(crate) mod tls;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use authmint_provider::PeerAddress;
use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use self::forwarded::client_address;
use self::idle::{Activity, Idle};
use self::seats::Seats;
use crate::output::Failure;

/// How much of this server strangers may use, and for how long.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// How many connections are open at once; further ones wait to be accepted.
    connections: usize,
    /// How many of them one address may have; further ones are closed.
    connections_per_address: usize,
    /// How long a client may take to send the head of a request.
    head: Duration,
    /// How long a request may take, its body included.
    request: Duration,
    /// How long a connection may be without a request in flight; also how long it may take to read an answer.
    idle: Duration,
    /// How long requests in flight may go on after the end was asked for.
    grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_address: 256,
            head: Duration::from_secs(10),
            request: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            grace: Duration::from_secs(10),
        }
    }
}

/// Takes an address.
///
/// # Errors
/// When it is taken already, or not ours.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!("{address} can't be listened on: {error}"))
            .advice("stop what uses the port, or choose another one")
    })
}

/// What is served, and how it is reached.
pub(crate) struct Front {
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
    /// Whose word about the address of a request counts.
    pub(crate) trusted_proxies: Arc<[IpNet]>,
    /// `None`: HTTP in plain.
    pub(crate) tls: Option<TlsAcceptor>,
    /// How many connections are open now.
    pub(crate) connections: Gauge,
}

impl Front {
    /// HTTP in plain, for whoever connects.
    pub(crate) fn plain(listener: TcpListener, router: Router) -> Self {
        Self {
            listener,
            router,
            trusted_proxies: Vec::new().into(),
            tls: None,
            connections: Gauge::default(),
        }
    }
}

/// Serves until `end` is over, then lets requests in flight finish.
pub(crate) async fn serve(front: Front, end: impl Future<Output = ()>) {
    serve_within(Bounds::default(), front, end).await;
}

async fn serve_within(bounds: Bounds, front: Front, end: impl Future<Output = ()>) {
    let Front { listener, router, trusted_proxies, tls, connections } = front;
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(bounds.head).max_buf_size(64 * 1024);
    http.http2().timer(TokioTimer::new()).max_header_list_size(64 * 1024);
    let http = Arc::new(http);
    let room = Arc::new(Semaphore::new(bounds.connections));
    let seats = Seats::new(bounds.connections_per_address);
    let graceful = GracefulShutdown::new();
    let (ending, ended) = watch::channel(());
    tokio::pin!(end);
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: a pause lets some connections end.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(seat) = seats.take(&trusted_proxies, peer.ip()) else {
            tracing::debug!(%peer, "a connection was closed: its address has enough");
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let (router, proxies) = (router.clone(), Arc::clone(&trusted_proxies));
        let activity = Activity::new();
        let stream = Idle::new(stream, activity.clone(), bounds.idle);
        let service = service_fn(move |mut request: Request<Incoming>| {
            let in_flight = activity.begin();
            let address = client_address(&proxies, peer.ip(), request.headers());
            request.extensions_mut().insert(PeerAddress(address));
            let answered = answer(router.clone(), request, bounds.request);
            async move {
                let answered = answered.await;
                drop(in_flight);
                answered
            }
        });
        let (http, tls, watcher, mut ended) =
            (Arc::clone(&http), tls.clone(), graceful.watcher(), ended.clone());
        let open = Open::new(&connections);
        tokio::spawn(async move {
            let finished = match tls {
                None => {
                    watcher.watch(http.serve_connection(TokioIo::new(stream), service).into_owned()).await
                }
                Some(tls) => {
                    // Who has not shown hands by then has no request in flight.
                    let shaken = tokio::select! {
                        shaken = tokio::time::timeout(bounds.head, tls.accept(stream)) => shaken,
                        _ = ended.changed() => return,
                    };
                    match shaken.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into())) {
                        Ok(stream) => {
                            let stream = TokioIo::new(stream);
                            watcher.watch(http.serve_connection(stream, service).into_owned()).await
                        }
                        Err(error) => Err(error.into()),
                    }
                }
            };
            if let Err(error) = finished {
                tracing::debug!(%error, "a connection ended early");
            }
            drop((place, seat, open));
        });
    }
    drop((listener, ending));
    if tokio::time::timeout(bounds.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// An open connection, counted until it is dropped.
struct Open(Gauge);

impl Open {
    fn new(connections: &Gauge) -> Self {
        connections.inc();
        Self(connections.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    patience: Duration,
) -> Result<axum::response::Response, Infallible> {
    let answered = tokio::time::timeout(patience, router.oneshot(request.map(axum::body::Body::new))).await;
    Ok(match answered {
        Ok(Ok(response)) => response,
        Err(_) => {
            let mut response = axum::response::Response::default();
            *response.status_mut() = http::StatusCode::REQUEST_TIMEOUT;
            response
        }
    })
}

/// Listens for the wish that the process end, from this call on, and waits for it.
pub(crate) fn asked_to_end() -> impl Future<Output = ()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let heard = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
        async move {
            match heard {
                (Ok(mut terminated), Ok(mut interrupted)) => tokio::select! {
                    _ = terminated.recv() => {}
                    _ = interrupted.recv() => {}
                },
                _ => drop(tokio::signal::ctrl_c().await),
            }
        }
    }
    #[cfg(not(unix))]
    async {
        drop(tokio::signal::ctrl_c().await);
    }
}
